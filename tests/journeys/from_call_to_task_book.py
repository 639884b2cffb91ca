"""The first half of the round by clicking: from the call to the signed task book."""

import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from playwright.sync_api import expect

from seeds import reference
from seeds.papers import pdf
from seeds.personas import INSTITUTE, UNIVERSITY
from seeds.round import Round
from tests.journeys.cast import APPLICATION, CALL, SUFFIX, Cast, at, wait_for_text
from tests.journeys.walker import Walker

OPEN_SIGN_INS, OPEN_SECONDS = 5, 70
"""The call stays open as long as so many times four sign-ins took, and at least so long; booking fills the rest."""
BEIJING = ZoneInfo("Asia/Shanghai")


# -- call and applications -----------------------------------------------------------------------------


def a_visitor(cast: Cast) -> None:
    visitor = Walker(cast.browser, cast.platform.address)
    visitor.open("/")
    visitor.look("landing", narrow=True)
    visitor.page.get_by_role("link", name="中文").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    visitor.page.get_by_role("link", name="English").click()
    expect(visitor.page.locator("html")).to_have_attribute("lang", "en")
    visitor.context.close()


def the_call(cast: Cast) -> datetime:
    begun = time.monotonic()
    for subject in ("li.officer", "chen.coordinator", "zhao.institute", "sun.university"):
        cast[subject].open("/")  # signed in before the time runs
    open_seconds = max(OPEN_SECONDS, OPEN_SIGN_INS * (time.monotonic() - begun))
    li, chen = cast["li.officer"], cast["chen.coordinator"]
    li.look("home-of-an-officer", narrow=True)
    li.menu("Calls")
    li.look("calls")
    li.follow("New call")
    li.look("call-form", narrow=True)
    page = li.page
    opens = datetime.now(UTC) - timedelta(minutes=1)
    closes = datetime.now(UTC) + timedelta(seconds=open_seconds)
    page.fill("#f-title", CALL)
    page.fill("#f-title_zh", reference.CALL["title_zh"])
    page.fill("#f-summary", reference.CALL["summary"])
    page.fill("#f-field", reference.CALL["field"])
    page.select_option("#f-stage", "research")
    page.fill("#f-budget", "5,000,000")
    page.fill("#f-ceiling", "3000000")
    page.fill("#f-inventor_floor", "20%")
    page.fill("#f-opens_at", opens.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M"))
    page.fill("#f-closes_at", closes.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M:%S"))
    for word in ("Institutes", "Universities"):
        page.get_by_label(word, exact=True).check()
    for number, criterion in enumerate(reference.CALL["criteria"]):
        page.fill(f"#f-criteria-{number}-name", criterion["name"])
        page.fill(f"#f-criteria-{number}-weight", str(criterion["weight"]))
    page.fill("#f-budget_terms-years", "2")
    li.press("Save draft")
    li.told("The draft is saved")
    page.wait_for_url(at("/projects/calls"))
    li.look("call-draft")
    li.press("Send to sign-off")
    li.told("waits for the signatures of its offices")

    chen.until(".worklist", CALL)
    chen.look("home-of-a-coordinator")
    chen.task(CALL)
    chen.look("call-signoff")
    chen.page.check("input[name=decision][value=approve]")
    chen.page.fill("#f-reason", "Fits the joint plan.")
    chen.press("Record the decision")
    chen.told("signed off")
    chen.open("/")
    chen.until(".worklist, .empty-state", CALL, present=False)

    page.reload()
    li.press("Release")
    li.told("The call is released")
    li.look("call-released")
    return closes


def applications(cast: Cast, base: Round, paper: Path) -> None:
    zhao, sun = cast["zhao.institute"], cast["sun.university"]
    base.ids["call"] = cast["li.officer"].page.url.rsplit("/", 1)[1]
    zhao.menu("Calls")
    zhao.follow(CALL)
    zhao.follow("Apply")
    page = zhao.page
    page.fill("#f-title", APPLICATION)
    page.fill("#f-abstract", reference.CONSORTIUM["abstract"])
    page.fill("#f-requested", "2,600,000")
    page.get_by_label(UNIVERSITY).check()
    zhao.press("Save draft")
    page.wait_for_url(at("/projects/applications"))
    base.ids["consortium"] = page.url.rsplit("/", 1)[1]
    wait_for_text(page, "What stands between you and submission")
    plan = paper / "工作计划 work plan.pdf"
    plan.write_bytes(pdf("Work plan", ["1. Samples", "2. Tests"]))
    page.set_input_files("#f-file", plan)
    zhao.press("Attach")
    wait_for_text(page, plan.name)
    zhao.look("application-draft", narrow=True)
    zhao.follow("Write it, by organisation, category and year")
    the_budget(zhao, "institute", INSTITUTE)
    zhao.look("application-budget", narrow=True)

    sun.until(".worklist", APPLICATION)
    sun.task(APPLICATION)
    sun.look("application-consent")
    consent = sun.page.url
    sun.follow("Write it, by organisation, category and year")
    the_budget(sun, "university", UNIVERSITY)
    sun.open(consent)
    sun.page.check("input[name=decision][value=consent]")
    sun.press("Send the answer")
    sun.told("You consented")
    sun.open("/")
    sun.until(".worklist, .empty-state", APPLICATION, present=False)

    zhao.open(f"/projects/applications/{base.ids['consortium']}")
    wait_for_text(page, "Everything is ready")
    zhao.press("Submit")
    zhao.told("submitted")
    zhao.look("application-submitted")
    rival = base["sun.university"].post(
        "/projects/api/v1/applications",
        {**reference.RIVAL, "title": reference.RIVAL["title"] + SUFFIX, "call_id": base.ids["call"], "partner_ids": []},
    )
    base.ids["rival"] = rival["id"]
    base._attach_plan("sun.university", rival["id"], reference.RIVAL["title"])
    base._write_budget("sun.university", rival["id"], "university", reference.RIVAL_COSTS)
    base._submit("sun.university", rival["id"])


def the_budget(who: Walker, name: str, organisation: str) -> None:
    """Its own part, line by line; the form saves itself meanwhile."""
    who.page.get_by_role("link", name=f"Fill in {organisation}").click()
    who.look(f"budget-of-{name}", narrow=True)
    for number, (category, year, requested, own) in enumerate(reference.COSTS[name]):
        if not who.page.locator(f"#f-lines-{number}-category").count():
            who.page.get_by_role("button", name="Add a line").click()
        who.page.select_option(f"#f-lines-{number}-category", category)
        who.page.select_option(f"#f-lines-{number}-year", str(year))
        who.page.fill(f"#f-lines-{number}-requested", requested)
        who.page.fill(f"#f-lines-{number}-own", own)
    who.press("Save")
    who.told("The budget is saved")


def a_booking_and_a_taken_slot(cast: Cast, base: Round) -> None:
    zhao, sun = cast["zhao.institute"], cast["sun.university"]
    day = date.today() + timedelta(days=9)  # noqa: DTZ011 -- a day in the office's calendar
    calendar = f"/catalog/facilities/{base.ids['facility']}?day={day.isoformat()}"
    zhao.menu("Facilities")
    zhao.look("facilities")
    zhao.open(calendar)
    zhao.look("facility", narrow=True)
    sun.open(calendar)
    for walker in (zhao, sun):  # both have the form of the same hour open
        walker.follow("Book from here")
        walker.page.fill("#f-purpose", f"First run of {walker.subject}")
    zhao.press("Book")
    zhao.page.wait_for_url(at("/catalog/bookings"))
    zhao.look("booking")
    sun.press("Book")
    wait_for_text(sun.page, "This time is taken")
    assert sun.page.input_value("#f-purpose") == "First run of sun.university"
    sun.look("booking-taken", chinese=False)
    with sun.page.expect_navigation():
        sun.page.locator("main .btn-list form button").first.click()
    sun.page.wait_for_url(at("/catalog/bookings"))
    wait_for_text(sun.page, "First run of sun.university")
    sun.menu("Bookings")
    sun.look("bookings")


# -- review and decision -----------------------------------------------------------------------------


def the_clock(cast: Cast, closes: datetime) -> None:
    """Nobody presses anything: the platform closes the call."""
    li = cast["li.officer"]
    left = max(0.0, (closes - datetime.now(UTC)).total_seconds())
    li.until(".page-state", "Closed", seconds=left + 20)


def assignment_and_reviews(cast: Cast, base: Round) -> None:
    li, ma = cast["li.officer"], cast["expert.ma"]
    li.look("call-closed")
    li.follow("Reviewers")
    li.until("main", "Whom to choose from")  # the last submissions are counted first
    for name in ("Ma Lan", "Guo Feng", "Tan Hua"):
        li.page.get_by_label(name).check()
    li.press("Assign reviewers")
    wait_for_text(li.page, "Conflicts found")
    conflict = li.page.get_by_role("row").filter(has_text="Tan Hua").filter(has_text=APPLICATION)
    assert INSTITUTE in conflict.last.inner_text(), "the reason names the employer"
    li.look("assignment", narrow=True)

    ma.open("/")
    ma.until(".worklist", APPLICATION)
    ma.look("home-of-a-reviewer", narrow=True)
    ma.task(APPLICATION)
    ma.look("review-invitation")
    assert reference.CONSORTIUM["abstract"][:40] not in ma.page.locator("main").inner_text(), "only after accepting"
    ma.press("Accept")
    wait_for_text(ma.page, reference.CONSORTIUM["abstract"][:40])
    for number, score in enumerate((9, 8, 9)):
        ma.page.fill(f"#f-scores-{number}-score", str(score))
    ma.page.fill("#f-to_applicant", "Clear plan; say more about the uncertainty.")
    ma.press("Hand in")
    wait_for_text(ma.page, "Clear plan")
    ma.look("review-done")
    ma.menu("Reviews")
    ma.look("reviews")
    for number, subject in enumerate(("expert.ma", "expert.guo")):
        for review in base._my_reviews(subject):
            if review["state"] == "invited":
                which = "consortium" if review["application_id"] == base.ids["consortium"] else "rival"
                base._review(subject, review, reference.SCORES[which][number])


def decision_and_task_book(cast: Cast) -> None:
    li, zhao = cast["li.officer"], cast["zhao.institute"]
    li.follow("Ranking")
    wait_for_text(li.page, "Order of rank")
    li.look("ranking", narrow=True)
    li.page.fill("#f-reason", "By rank within the budget.")
    li.press("Decide the call")
    wait_for_text(li.page, "Decided")
    li.look("ranking-decided")
    li.menu("Awards")
    li.look("awards")
    li.follow(APPLICATION)
    li.look("award")
    li.page.get_by_role("link", name="Draw up the task book").click()
    li.look("task-book-form", narrow=True)
    today = date.today()  # noqa: DTZ011 -- a day in the office's calendar
    li.page.fill("#f-starts_on", today.isoformat())
    li.page.fill("#f-ends_on", (today + timedelta(days=540)).isoformat())
    for number, (title, deliverable, amount) in enumerate(reference.MILESTONES):
        row = f"#f-milestones-{number}"
        li.page.fill(f"{row}-title", title)
        li.page.fill(f"{row}-deliverable", deliverable)
        li.page.fill(f"{row}-due_on", (today + timedelta(days=180 * (number + 1))).isoformat())
        li.page.fill(f"{row}-tranche", amount)
    expect(li.page.locator("#f-budget-0-organisation_id option:checked")).to_have_text(INSTITUTE)
    expect(li.page.locator("#f-budget-0-amount")).to_have_value("1100000.00")
    li.press("Draw up the task book")
    li.page.wait_for_url(at("/projects/projects"))
    li.look("project-to-sign")
    li.press("Sign the task book")
    li.told("The other side is next")
    zhao.open("/")
    zhao.until(".worklist", "task book")
    zhao.open(li.page.url)
    the_agreement(cast)
    zhao.open(li.page.url)
    zhao.press("Sign the task book")
    zhao.told("the project runs")
    zhao.look("project", narrow=True)


def the_agreement(cast: Cast) -> None:
    """The last signature waits for it: the lead words it, both organisations sign, the partner by its legal officer."""
    zhao, luo = cast["zhao.institute"], cast["luo.legal"]
    page = zhao.page
    assert page.get_by_role("button", name="Sign the task book").count() == 0
    zhao.follow("Open the agreement")
    zhao.follow("Edit the terms")
    page.fill("#f-inventor_share", "10%")
    page.fill("#f-inventors-0-name", "Zhao Min")
    page.select_option("#f-inventors-0-organisation_id", label=INSTITUTE)
    page.fill("#f-inventors-0-share", "1")
    zhao.press("Save the terms")
    wait_for_text(page, "Raise the inventors' share by 1/10 or more.")
    zhao.follow("Edit the terms")
    zhao.look("agreement-form", narrow=True)  # looking in the other language opens the page anew
    page.fill("#f-inventor_share", "50%")
    zhao.press("Save the terms")
    zhao.press("Put before the parties")
    zhao.told("before the parties")
    zhao.press(f"Sign for {INSTITUTE}")
    zhao.told("You have signed")
    zhao.look("agreement-to-sign", narrow=True)
    luo.open("/")
    luo.until(".worklist", "agreement on the results")
    luo.open(page.url)
    luo.press(f"Sign for {UNIVERSITY}")
    wait_for_text(luo.page, "signed by all and in force")
    luo.look("agreement-in-force")
