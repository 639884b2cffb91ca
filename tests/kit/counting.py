"""What the access matrix counted, told at the end of the run, also when several workers counted."""

from collections import Counter
from typing import Any

import pytest

COUNTS: Counter[str] = Counter()
"""Of the whole run: routes, requests, denied, allowed, done."""


def pytest_sessionfinish(session: pytest.Session) -> None:
    output = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["access_matrix"] = dict(COUNTS)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    COUNTS.update(getattr(node, "workeroutput", {}).get("access_matrix", {}))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if COUNTS["routes"]:
        terminalreporter.write_line(
            f"access matrix: {COUNTS['routes']} routes, {COUNTS['requests']:,} requests; "
            f"{COUNTS['denied']:,} had to be refused, {COUNTS['allowed']:,} allowed ({COUNTS['done']:,} of them done)"
        )
