"""Seeds, the durable servers of the suite, and its table."""

import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from infra.embedded.group import Embedded
from infra.migrate import migrate_all
from shared.kernel.settings import Settings
from tests.faults.report import Outcome, table
from tests.faults.town import Town
from tests.kit.tokens import ISSUER, jwks_file

seeds = pytest.mark.parametrize("seed", range(1, int(os.environ.get("HECHUAN_FAULT_SEEDS", "20")) + 1))
"""Stands above other parametrisations, so that all seeds of a scenario run one after another."""
OUTCOMES = pytest.StashKey[list[Outcome]]()
Record = Callable[..., Outcome]


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTCOMES] = []


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    if outcomes := config.stash[OUTCOMES]:
        terminalreporter.section("faults: what each scenario came to (tests/faults/__init__.py says how to read it)")
        for line in table(outcomes):
            terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, Any]]:
    """Not uvloop: under it a connection reset in the instant it was made breaks the client (AttributeError)."""
    return "asyncio", {}


@pytest.fixture
def outcome(request: pytest.FixtureRequest) -> Iterator[Record]:
    """`outcome("kill nats", seed)`: this run's line; it is printed and kept whatever happens afterwards."""
    made: list[tuple[Outcome, float]] = []

    def record(scenario: str, seed: int) -> Outcome:
        one = Outcome(scenario, seed)
        made.append((one, time.monotonic()))
        request.config.stash[OUTCOMES].append(one)
        return one

    yield record
    ends = [*(begun for _, begun in made[1:]), time.monotonic()]
    for (one, begun), end in zip(made, ends, strict=True):
        one.seconds = end - begun
        print(one.line())


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """Durable PostgreSQL and NATS, SeaweedFS, five migrated databases; no sign-in provider, tokens by the kit's key."""
    directory = tmp_path_factory.mktemp("faults")
    given = Settings(state_dir=directory / "state", oidc_issuer=ISSUER, oidc_jwks_file=jwks_file(directory))
    embedded = Embedded(given, {"postgres", "nats", "seaweedfs"}, minimum_free=500 * 1024**2)
    settings = embedded.start()
    town = Town(settings, embedded, directory)
    try:
        migrate_all(settings)
        yield town
    finally:
        town.end()
        embedded.stop()
