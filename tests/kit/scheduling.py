"""Which tests one worker runs in one go, so that a world that a file builds is built once and not by every worker.

Ours, for pytest 9.2 no longer honours xdist's groups (pytest-dev/pytest-xdist issue 1386): nothing fails there, the
tests are dealt out one by one, and each worker starts a platform and builds every world for itself.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from shared.kernel.settings import SERVICE_NAMES


class Rooms(LoadScopeScheduling):  # type: ignore[misc]
    """A file at a time, in the order of the files; of the large ones that go through every route, a service at a time;
    the journeys together, for they share one platform."""

    def _split_scope(self, nodeid: str) -> str:
        path, _, test = nodeid.partition("::")
        if path.startswith("tests/journeys/test_") and not path.endswith("test_import.py"):
            return "journeys"
        service = test.partition("[")[2].partition(" ")[0]
        return f"{path} {service}" if service in SERVICE_NAMES else path


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Rooms:
    config.option.loadscopereorder = False
    return Rooms(config, log)
