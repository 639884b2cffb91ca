"""Every state machine is drawn in its service's README, as the code has it."""

import re
from enum import StrEnum

import pytest

from infra.setup.diagrams import ROOT, diagram, drawn, places, tables

SERVICES = sorted(path.parent.name for path in (ROOT / "services").glob("*/README.md"))


@pytest.mark.parametrize("service", SERVICES)
def test_every_table_of_states_is_drawn_as_it_is(service: str) -> None:
    text = (ROOT / "services" / service / "README.md").read_text()
    assert tables(service).keys() == places(text)
    assert drawn(service, text) == text, "write them anew: .venv/bin/python -m infra.setup.diagrams"


def test_every_table_of_states_of_projects_is_walked_through_its_actions() -> None:
    """By a stateful test, which imports the table of the room from its rules."""
    here = ROOT / "tests/services/project_management"
    walks = [text for path in here.rglob("*.py") if "RuleBasedStateMachine" in (text := path.read_text())]
    walked = {
        f"{found['room']}.{name.split()[0]}"
        for text in walks
        for found in re.finditer(
            r"from services\.project_management\.(?P<room>\w+)\.rules import (?P<names>[^\n]+)", text
        )
        for name in found["names"].split(", ")
    }
    assert sorted(tables("project_management").keys() - walked) == []


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
