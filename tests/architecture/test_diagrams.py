"""Every state machine is drawn in its service's README, as the code has it."""

from enum import StrEnum

import pytest

from infra.setup.diagrams import ROOT, diagram, drawn, places, tables

SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/README.md"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_of_states_is_drawn_as_it_is(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text()
    assert tables(service).keys() == places(text)
    assert drawn(service, text) == text, "write them anew: .venv/bin/python -m infra.setup.diagrams"


def test_a_diagram_names_the_beginning_the_ends_and_what_stays() -> None:
    class Light(StrEnum):
        RED = "red"
        GREEN = "green"
        BROKEN = "broken"

    every = frozenset({Light.RED, Light.GREEN})
    lines = diagram(
        {
            "look": (every, None),
            "go": (frozenset({Light.RED}), Light.GREEN),
            "stop": (every, Light.RED),
            "smash": (every, frozenset({Light.BROKEN})),
            "test": (frozenset({Light.RED}), frozenset({Light.GREEN, Light.BROKEN})),
        }
    ).splitlines()
    assert lines == [
        "```mermaid",
        "stateDiagram-v2",
        "    [*] --> red",
        "    red --> red: look, stop",
        "    red --> green: go, test",
        "    red --> broken: smash, test",
        "    green --> red: stop",
        "    green --> green: look",
        "    green --> broken: smash",
        "    broken --> [*]",
        "```",
    ]
