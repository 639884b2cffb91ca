"""While the project runs, by clicking: a risk that occurs, and a progress report that is returned and accepted."""

import re
from datetime import date, timedelta

from playwright.sync_api import expect

from tests.journeys.cast import APPLICATION, CALL, Cast, wait_for_text

RISK = "The pulse generator fails"


def a_risk(cast: Cast) -> None:
    """Recorded by the lead, weighed anew, and it occurs; the office reads it."""
    zhao, li = cast["zhao.institute"], cast["li.officer"]
    page = zhao.page
    zhao.menu("Running projects")
    zhao.follow(APPLICATION)
    zhao.follow("Register of risks")
    zhao.look("risks-none")
    zhao.follow("Record a risk")
    zhao.look("risk-form", narrow=True)
    zhao.press("Save")
    wait_for_text(page, "Some entries need correcting")
    page.fill("#f-title", RISK)
    for name, value in (("likelihood", "3"), ("impact", "5"), ("response", "reduce")):
        page.locator(f"input[name={name}][value='{value}']").check()
    page.fill("#f-owner", "Zhao Min")
    zhao.press("Save")
    zhao.told("The risk is recorded")
    zhao.look("risks", narrow=True)
    zhao.follow(RISK)
    page.get_by_label("What happened").first.fill("It burnt through.")
    zhao.press("Record that it occurred")
    zhao.look("risk-occurred", narrow=True)
    li.open(page.url)
    wait_for_text(li.page, "It burnt through.")


def a_report(cast: Cast) -> None:
    """Planned by the office, begun by the lead, written by both, returned, handed in again and accepted."""
    li, zhao, sun = cast["li.officer"], cast["zhao.institute"], cast["sun.university"]
    li.menu("Calls")
    li.follow(CALL)
    li.open(li.page.url + "/reporting")
    li.page.select_option("#f-rhythm", "half_yearly")
    li.page.get_by_label("Part of the organisation").check()
    li.press("Save")
    li.told("is saved")
    li.look("reporting", narrow=True)
    zhao.menu("Running projects")
    zhao.follow(APPLICATION)
    zhao.follow("All reports")
    zhao.until("main", "Planned", seconds=90)
    zhao.look("reports")
    zhao.page.locator("main table").get_by_role("link", name="Progress report").first.click()
    zhao.press("Begin now")
    zhao.look("report-begun", narrow=True)
    here = zhao.page.url
    zhao.follow("Check what is missing")
    wait_for_text(zhao.page, "4 entries need your attention")
    for who, section, words in (
        (zhao, "progress", "Ten plates cast."),
        (zhao, "plan", "Casting of cages."),
        (zhao, "part_1", "Cast and heat-treated."),
        (sun, "part_2", "Modelled the cooling."),
    ):
        who.open(f"{here}/sections/{section}")
        who.page.locator("main textarea").first.fill(words)
        who.press("Save")
        who.told("The section is saved")
    zhao.open(here)
    zhao.press("Hand the report in")
    zhao.told("handed in")
    li.open(here)
    li.look("report-to-judge", narrow=True)
    li.page.get_by_text("Return it for completion").click()
    li.page.locator("form[action$='/return'] textarea").fill("Say more of the casting.")
    li.page.fill("#f-due_on", (date.today() + timedelta(days=10)).isoformat())  # noqa: DTZ011 -- the office's calendar
    li.press("Return the report")
    zhao.open(here)
    wait_for_text(zhao.page, "Say more of the casting.")
    zhao.press("Hand the report in")
    li.open(here)
    li.press("Accept the report")
    li.told("accepted")
    expect(li.page.locator(".page-state")).to_contain_text(re.compile("Accepted"))
    li.look("report-accepted")
