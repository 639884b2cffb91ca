"""A panel meets by clicking: convened, held with a recusal and a quorum, minuted, checked, and decided against."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Locator, expect

from seeds.round import Round
from tests.journeys.cast import Cast, at, wait_for_text
from tests.journeys.platform import Platform
from tests.journeys.staging import Bid, a_judged_call, staged
from tests.journeys.walker import EVERYTHING, Walker

pytestmark = [
    pytest.mark.journeys,
    pytest.mark.browser,
    pytest.mark.skipif(not EVERYTHING, reason="only where every page is looked at: make test-journeys"),
]
BEST, NEXT, WEAK = "Cages that hum less 静音保持架", "Greases for a vacuum 真空润滑脂", "Steels of yesterday 旧钢种"
"""In both languages, for titles stand in headings, and those are looked at for words that nobody translated."""


@pytest.fixture
def cast(browser: Browser, platform: Platform, base: Round) -> Iterator[Cast]:
    found = Cast(browser, platform)
    yield found
    for walker in found.walkers.values():
        walker.context.close()


def test_a_panel_by_clicking(cast: Cast, base: Round, paper: Path) -> None:
    """One test, for each step needs the one before it."""
    on = staged(base)
    a_judged_call(
        on,
        "Bearings that a panel looks at",
        [
            Bid(BEST, "2600000.00", [(9, 9, 9), (9, 8, 9)]),
            Bid(NEXT, "2900000.00", [(7, 7, 7), (7, 7, 6)]),
            Bid(WEAK, "900000.00", [(3, 3, 3), (4, 3, 3)]),
        ],
        award_terms={"panel_required": True},
    )
    ranking = f"/projects/calls/{on.ids['call']}/ranking"
    the_meeting = convened(cast, ranking)
    a_recusal(cast)
    held(cast, the_meeting)
    checked(cast, paper, the_meeting)
    decided_otherwise(cast, ranking)
    read_by_an_auditor(cast, the_meeting)


def convened(cast: Cast, ranking: str) -> str:
    """The call wants a panel: nothing is decided before, and the office convenes it."""
    li = cast["li.officer"]
    page = li.open(ranking)
    wait_for_text(page, "This call asks for a panel meeting before the decision.")
    li.look("panel-wanted", narrow=True)
    page.fill("#f-reason", "As ranked.")
    li.press("Decide the call")
    wait_for_text(page, "decide when its minutes are closed")
    li.look("panel-outstanding", chinese=False)
    li.follow("Convene a panel")
    li.look("panel-form", narrow=True)
    li.press("Convene")
    wait_for_text(page, "Some entries need correcting")
    page.fill("#f-meets_at", (datetime.now(ZoneInfo("Asia/Shanghai")) + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"))
    page.fill("#f-place", "Room 3, and on the net")
    page.select_option("#f-expert_id", label="Ma Lan")
    page.get_by_role("checkbox", name="Tan Hua").check()
    page.locator("#f-first").get_by_label(WEAK).check()
    li.press("Convene")
    page.wait_for_url(at("/projects/panels"))
    cards = [one for one in page.locator("main h2").all_inner_texts() if one[:1].isdigit()]
    assert cards == [f"1. {WEAK}", f"2. {BEST}", f"3. {NEXT}"], (
        "first what the office wants, then from the line outwards"
    )
    li.look("panel-convened", narrow=True)
    li.open(ranking)
    wait_for_text(page, "Nothing is decided before its minutes are closed.")
    return li.open(f"{ranking.removesuffix('/ranking')}/panel").url


def a_recusal(cast: Cast) -> None:
    """A member has a task, reads the agenda, and does not judge one of them."""
    tan = cast["expert.tan"]
    tan.open("/")
    tan.until(".worklist", "Sit on a panel")
    tan.task("Sit on a panel")
    tan.look("panel-of-a-member", narrow=True)
    tan.page.get_by_text("I do not judge one of them").click()
    tan.page.select_option("#f-application_id", label=NEXT)
    tan.page.fill("#f-reason", "I advise its makers.")
    tan.press("Declare it")
    tan.told("You are recused from it")
    wait_for_text(tan.page, "You are recused from this application")
    tan.look("panel-recused", narrow=True)


def held(cast: Cast, the_meeting: str) -> None:
    """The chair opens it and writes down what it says; a vote without a quorum or a reason is refused."""
    ma, guo = cast["expert.ma"], cast["expert.guo"]
    page = ma.open("/")
    ma.until(".worklist", "Sit on a panel")
    ma.menu("Reviews")
    ma.follow("Panel meetings")
    ma.look("panels")
    ma.open(the_meeting)
    ma.press("Open the meeting")
    ma.told("The meeting is open")
    ma.look("panel-in-session", narrow=True)

    recorded(ma, WEAK, "decline", 3)
    said = recorded(ma, BEST, "conditions", 1, "At least 2 of them have to vote")
    ma.look("panel-without-a-quorum", chinese=False, narrow=True)
    assert said.get_by_label("For it").input_value() == "1", "what was typed is kept"
    recorded(ma, BEST, "conditions", 2, against=1, conditions="Publish the noise figures.")
    recorded(ma, NEXT, "decline", 3, "2 members may vote on it, no more")
    recorded(ma, NEXT, "decline", 2, "Say why")
    ma.press("Close the minutes")
    wait_for_text(page, "Nothing is recorded of number 3")
    recorded(ma, NEXT, "decline", 2, reason="Two firms sell it already.")
    ma.look("panel-recorded", narrow=True)
    ma.press("Close the minutes")
    ma.told("The minutes are closed")
    ma.look("panel-closed", narrow=True)

    guo.open("/")
    guo.until(".worklist", "Confirm the minutes of a panel")
    guo.task("Confirm the minutes of a panel")
    guo.press("Confirm the minutes")
    guo.told("You have confirmed the minutes")
    guo.look("panel-confirmed")


def recorded(
    who: Walker, title: str, recommendation: str, votes: int, refused: str = "", against: int = 0, **words: str
) -> Locator:
    """What the panel says of one application, written down on its card; `refused`: in these words."""
    page = who.page
    card = page.locator("main .card").filter(has=page.get_by_role("heading", name=title))
    if not card.locator("details[open] form").count():
        card.get_by_text("Record what the panel says").click()
    card.locator("select[name=recommendation]").select_option(recommendation)
    card.locator("input[name=in_favour]").fill(str(votes))
    card.locator("input[name=against]").fill(str(against) if against else "")
    for name, text in words.items():
        card.locator(f"textarea[name={name}]").fill(text)
    who.press("Record it", card)
    if refused:
        wait_for_text(page, refused)
    else:
        who.told("It is recorded")
    return card


def checked(cast: Cast, paper: Path, the_meeting: str) -> None:
    """Whoever holds the paper of the minutes checks it without signing in; a changed one is found out."""
    ma = cast["expert.ma"]
    ma.open(the_meeting)
    with ma.page.expect_download() as coming:
        ma.page.get_by_role("link", name="Minutes as PDF").evaluate("(a) => { a.download = 'minutes.pdf'; a.click() }")
    file = paper / "minutes.pdf"
    coming.value.save_as(file)
    address = ma.page.get_by_role("link", name="Check it").get_attribute("href") or ""
    visitor = Walker(cast.browser, cast.platform.address)
    visitor.open(address)
    wait_for_text(visitor.page, "Minutes of a panel")
    wait_for_text(visitor.page, "valid")
    visitor.look("paper-of-minutes", narrow=True)
    for content, verdict in (
        (file.read_bytes(), "issued by this platform and has not been changed"),
        (file.read_bytes().replace(b"%PDF-1", b"%PDF-2", 1), "was changed after it was issued"),
    ):
        file.write_bytes(content)
        visitor.open("/projects/receipts")
        visitor.page.set_input_files("#f-file", file)
        visitor.press("Check the file")
        wait_for_text(visitor.page, verdict)
    visitor.look("paper-was-changed", chinese=False)
    visitor.context.close()


def decided_otherwise(cast: Cast, ranking: str) -> None:
    """The office keeps in reserve what the panel declines, and has to say why."""
    li = cast["li.officer"]
    page = li.open(ranking)
    li.look("ranking-after-a-panel", narrow=True)
    page.fill("#f-reason", "By rank within the budget.")
    li.press("Decide the call")
    wait_for_text(page, f"The panel recommends otherwise for “{NEXT}”. Say why you decide so.")
    li.look("decision-against-a-panel", chinese=False, narrow=True)
    page.fill("#f-panel_reason", "It stays in reserve: nobody sells it here.")
    li.press("Decide the call")
    expect(page.locator(".page-state")).to_contain_text("Decided")
    page.goto(page.url.split("?")[0].replace("/ranking", "/decision"))
    wait_for_text(page, "It stays in reserve: nobody sells it here.")
    li.look("decision-with-a-panel", narrow=True)


def read_by_an_auditor(cast: Cast, the_meeting: str) -> None:
    song = cast["song.auditor"]
    song.open(the_meeting)
    wait_for_text(song.page, "Minutes closed")
    wait_for_text(song.page, "I advise its makers.")
    assert song.page.locator("main form").count() == 0
    song.look("auditor-panel", narrow=True)
