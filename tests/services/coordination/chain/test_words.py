"""Every state and every fact that people meet has its words."""

from services.coordination.chain.rules import LEFT_OUT
from services.coordination.chain.words import STATES
from shared.contracts import EVENTS
from shared.web.history import WORDS


def test_every_state_of_a_thing_in_the_chain_has_a_word() -> None:
    without = {
        event.type
        for event in EVENTS.values()
        if event.type.split(".")[2] not in LEFT_OUT and event.state and event.state not in STATES
    }
    assert without == set()


def test_every_fact_has_a_word() -> None:
    named = {event.type.removeprefix("hechuan.").rsplit(".", 1)[0] for event in EVENTS.values()}
    assert {name for name in named if ".task." not in name} - set(WORDS) == set()
