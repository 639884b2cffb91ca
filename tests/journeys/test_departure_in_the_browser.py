"""Partners that leave after the submission, by clicking: one part is taken over, the other goes to somebody else."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from seeds.personas import UNIVERSITY
from seeds.round import Round
from tests.journeys.cast import Cast, wait_for_text
from tests.journeys.platform import Platform
from tests.journeys.staging import FIRM, Bid, a_judged_call, a_third_organisation, staged
from tests.journeys.walker import EVERYTHING

pytestmark = [
    pytest.mark.journeys,
    pytest.mark.browser,
    pytest.mark.skipif(not EVERYTHING, reason="only where every page is looked at: make test-journeys"),
]
ALONE, TOGETHER = "Cages that are tested elsewhere 外测保持架", "Cages that are measured twice 复测保持架"


@pytest.fixture
def cast(browser: Browser, platform: Platform, base: Round) -> Iterator[Cast]:
    found = Cast(browser, platform)
    yield found
    for walker in found.walkers.values():
        walker.context.close()


def test_partners_leave_by_clicking(cast: Cast, base: Round) -> None:
    """One test, for each step needs the one before it."""
    on = staged(base)
    a_third_organisation(on)
    scores = [(9, 8, 9), (8, 8, 9)]
    bids = [
        Bid(title, amount, scores, lead="zhao.institute", partners=["university"])
        for title, amount in ((ALONE, "2600000.00"), (TOGETHER, "2100000.00"))
    ]
    alone, together = a_judged_call(on, "Bearings whose partners leave", bids)
    ranking = f"/projects/calls/{on.ids['call']}/ranking"
    for application, reason in ((alone, "Our test rig was sold."), (together, "The group was dissolved.")):
        leave(cast, application, reason)
    nothing_is_decided(cast, ranking)
    taken_over(cast, alone)
    asked(cast, together)
    consented(cast, together)
    seen_by_everybody(cast, alone, together, ranking)


def leave(cast: Cast, application: str, reason: str) -> None:
    """The partner leaves at once; from then on it reads its own statement, and nothing else."""
    sun = cast["sun.university"]
    page = sun.open(f"/projects/applications/{application}")
    sun.follow("Your organisation cannot take part any more: leave")
    sun.look("departure-form", narrow=True)
    sun.press("Leave")
    wait_for_text(page, "Some entries need correcting")
    page.fill("#f-reason", reason)
    sun.press("Leave")
    sun.told("Your organisation has left")
    wait_for_text(page, reason)
    assert page.locator("main form").count() == 0
    sun.look("departure-of-who-left", narrow=True)
    page.goto(f"{sun.address}/projects/applications/{application}")
    expect(page.locator("h1")).to_contain_text("Not found")


def nothing_is_decided(cast: Cast, ranking: str) -> None:
    """The office sees it on the ranking, and cannot decide before the lead has answered."""
    li = cast["li.officer"]
    page = li.open(ranking)
    wait_for_text(page, f"{UNIVERSITY} left on")
    li.look("ranking-with-departures", narrow=True)
    page.fill("#f-reason", "As ranked.")
    li.press("Decide the call")
    wait_for_text(page, "Wait until its lead has answered")
    li.look("decision-waits-for-a-part", chinese=False)


def taken_over(cast: Cast, application: str) -> None:
    """The lead does the part itself, for less; more than was asked for is refused."""
    zhao = cast["zhao.institute"]
    zhao.open("/")
    zhao.until(".worklist", ALONE)
    zhao.look("departure-on-the-lead-s-worklist", narrow=True)
    zhao.task(ALONE)
    page = zhao.open(f"/projects/applications/{application}")
    wait_for_text(page, f"{UNIVERSITY} has left this application")
    zhao.look("application-with-a-departure", narrow=True)
    zhao.follow("See what can be done")
    zhao.look("departure-to-settle", narrow=True)
    form = page.locator("form[action$='/takeover']")
    form.get_by_label("How you do the part yourselves").fill("We test on the bench in Mianyang.")
    form.get_by_role("textbox", name="Amount asked for from now on").fill("2700000")
    zhao.press("Take the part over")
    wait_for_text(page, "Ask for at most as much as before")
    zhao.look("departure-for-more", chinese=False)
    form.get_by_role("textbox", name="Amount asked for from now on").fill("2400000")
    zhao.press("Take the part over")
    zhao.told("you do the part yourselves")
    zhao.look("departure-taken-over", narrow=True)
    zhao.open("/")
    zhao.until(".worklist, .empty-state", ALONE, present=False)


def asked(cast: Cast, application: str) -> None:
    zhao = cast["zhao.institute"]
    page = zhao.open(f"/projects/applications/{application}/departures")
    form = page.locator("form[action$='/successor']")
    form.get_by_label("Organisation").select_option(label=FIRM)
    form.get_by_label("What it would do").fill("The fatigue tests, on its own bench.")
    zhao.press("Ask this organisation")
    zhao.told("The organisation is asked")
    zhao.look("departure-asked", narrow=True)


def consented(cast: Cast, application: str) -> None:
    """Whoever is asked reads the application, and answers for its organisation."""
    lin = cast["lin.facility"]
    lin.open("/")
    lin.until(".worklist", TOGETHER)
    lin.task(TOGETHER)
    lin.look("departure-of-who-is-asked", narrow=True)
    page = lin.open(f"/projects/applications/{application}/departures")
    assert "The group was dissolved." not in page.locator("main").inner_text(), "why the other left is not its business"
    page.check("input[name=decision][value=refuse]")
    lin.press("Send the answer")
    wait_for_text(page, "Say why, so that the lead can plan again")
    page.check("input[name=decision][value=consent]")
    lin.press("Send the answer")
    lin.told("Your answer is sent to the lead")
    lin.open("/")
    lin.until(".worklist, .empty-state", TOGETHER, present=False)


def seen_by_everybody(cast: Cast, alone: str, together: str, ranking: str) -> None:
    """Lead, partner, office and auditor each read what concerns them, and the call is decided."""
    zhao, sun, li, song = (cast[who] for who in ("zhao.institute", "sun.university", "li.officer", "song.auditor"))
    for application, outcome in ((alone, "Taken over by the lead"), (together, "Replaced")):
        here = f"/projects/applications/{application}/departures"
        for who in (zhao, li, song):
            wait_for_text(who.open(here), outcome)
        assert outcome not in sun.open(here).locator("main").inner_text()
        name = outcome.split()[0].lower()
        zhao.look(f"departure-{name}-for-the-lead", narrow=True)
        li.look(f"departure-{name}-for-the-office")
        song.look(f"departure-{name}-for-an-auditor", narrow=True)
        assert song.page.locator("main form").count() == 0
    page = li.open(ranking)
    page.fill("#f-reason", "As ranked.")
    li.press("Decide the call")
    expect(page.locator(".page-state")).to_contain_text("Decided")
    li.look("ranking-decided-after-departures")
