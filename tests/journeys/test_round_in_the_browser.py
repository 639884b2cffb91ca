"""The round by clicking: ten people at their own browsers, from a drafted call to a bank's interest and the chain."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from seeds.round import Round
from tests.journeys.cast import Cast
from tests.journeys.from_call_to_task_book import (
    a_booking_and_a_taken_slot,
    a_visitor,
    applications,
    assignment_and_reviews,
    decision_and_task_book,
    the_call,
    the_clock,
)
from tests.journeys.from_milestone_to_money import (
    a_milestone,
    an_achievement,
    an_auditor,
    an_invention,
    expenditure,
    money,
    the_chain,
)
from tests.journeys.platform import Platform
from tests.journeys.walker import EVERYTHING, Walker
from tests.journeys.while_it_runs import a_report, a_risk

pytestmark = [pytest.mark.journeys, pytest.mark.browser]


@pytest.fixture
def cast(browser: Browser, platform: Platform, base: Round) -> Iterator[Cast]:
    found = Cast(browser, platform)
    yield found
    for walker in found.walkers.values():
        walker.context.close()


def test_the_round_by_clicking(cast: Cast, base: Round, paper: Path) -> None:
    """One test, for each step needs the one before it."""
    begun, before = time.monotonic(), Walker.looked
    a_visitor(cast)
    closes = the_call(cast)
    applications(cast, base, paper)
    a_booking_and_a_taken_slot(cast, base)
    the_clock(cast, closes)
    assignment_and_reviews(cast, base)
    decision_and_task_book(cast)
    a_milestone(cast, paper)
    expenditure(cast)
    if EVERYTHING:  # a minute more than `make test` has
        a_risk(cast)
        a_report(cast)
    an_invention(cast)
    an_achievement(cast)
    money(cast)
    the_chain(cast)
    an_auditor(cast)
    print(f"{Walker.looked - before} looks by {len(cast.walkers)} people in {time.monotonic() - begun:.0f} s")
