"""The round by clicking: eight people at their own browsers, from a drafted call to a bank's interest and the chain."""

import re
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, Page, expect

from seeds import reference
from seeds.papers import pdf
from seeds.personas import BANK, INSTITUTE, UNIVERSITY
from seeds.round import Round
from tests.journeys.platform import Platform
from tests.journeys.walker import Walker

pytestmark = [pytest.mark.journeys, pytest.mark.browser, pytest.mark.xdist_group("journeys")]
SUFFIX = " by hand"
CALL = reference.CALL["title"] + SUFFIX
APPLICATION = reference.CONSORTIUM["title"] + SUFFIX
INVENTION = reference.DISCLOSURE["title"] + SUFFIX
ACHIEVEMENT = reference.ACHIEVEMENT["title"] + SUFFIX
NEED = reference.NEED["title"] + SUFFIX
OPEN_SIGN_INS, OPEN_SECONDS = 5, 70
"""The call stays open as long as so many times four sign-ins took, and at least so long; booking fills the rest."""
BEIJING = ZoneInfo("Asia/Shanghai")


class Cast:
    """Who walks. Each signs in once, at the first thing they do."""

    def __init__(self, browser: Browser, platform: Platform) -> None:
        self.browser, self.platform = browser, platform
        self.passwords = platform.passwords
        self.walkers: dict[str, Walker] = {}

    def __getitem__(self, subject: str) -> Walker:
        if subject not in self.walkers:
            found = Walker(self.browser, self.platform.address, subject, self.passwords[subject])
            self.walkers[subject] = found
        return self.walkers[subject]


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
    an_invention(cast)
    an_achievement(cast)
    money(cast)
    the_chain(cast)
    print(f"{Walker.looked - before} looks by {len(cast.walkers)} people in {time.monotonic() - begun:.0f} s")


def wait_for_text(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


def at(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path) + r"/[0-9a-f-]{36}$")


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
    li.press("Save draft")
    li.told("The draft is saved")
    page.wait_for_url(at("/projects/calls"))
    li.look("call-draft")
    li.press("Send to sign-off")
    li.told("waits for a coordinator")

    chen.until(".worklist", CALL)
    chen.look("home-of-a-coordinator")
    chen.page.locator(".worklist").get_by_role("link", name=re.compile(CALL)).click()
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

    sun.until(".worklist", APPLICATION)
    sun.page.locator(".worklist").get_by_role("link", name=re.compile(APPLICATION)).click()
    sun.look("application-consent")
    sun.page.check("input[name=decision][value=consent]")
    sun.press("Send the answer")
    sun.told("You consented")
    sun.open("/")
    sun.until(".worklist, .empty-state", APPLICATION, present=False)

    page.reload()
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
    base._submit("sun.university", rival["id"])


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
    ma.page.locator(".worklist").get_by_role("link", name=re.compile(APPLICATION)).click()
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
    li.press("Draw up the task book")
    li.page.wait_for_url(at("/projects/projects"))
    li.look("project-to-sign")
    li.press("Sign the task book")
    li.told("The other side is next")
    zhao.open("/")
    zhao.until(".worklist", "task book")
    zhao.open(li.page.url)
    zhao.press("Sign the task book")
    zhao.told("the project runs")
    zhao.look("project", narrow=True)


# -- results -----------------------------------------------------------------------------


def a_milestone(cast: Cast, paper: Path) -> None:
    li, zhao = cast["li.officer"], cast["zhao.institute"]
    report = paper / "milestone-1.pdf"
    report.write_bytes(pdf("Milestone 1", ["Ten plates cast."]))
    zhao.follow(reference.MILESTONES[0][0])
    zhao.look("milestone-open")
    zhao.page.set_input_files("#f-file", report)
    zhao.page.fill("#f-note", "Ten plates, micrographs attached.")
    zhao.press("Hand in")
    zhao.told("The evidence is handed in")
    li.open("/")
    li.until(".worklist", reference.MILESTONES[0][0])
    li.page.locator(".worklist").get_by_role("link", name=re.compile(reference.MILESTONES[0][0])).first.click()
    li.look("milestone-to-judge")
    li.press("Accept the milestone")
    li.told("accepted")
    li.look("milestone-accepted")


def an_invention(cast: Cast) -> None:
    zhao, he = cast["zhao.institute"], cast["he.ip"]
    zhao.menu("Disclosures")
    zhao.look("disclosures")
    zhao.follow("Disclose an invention")
    page = zhao.page
    zhao.until("#f-project_id", APPLICATION)
    page.fill("#f-title", INVENTION)
    page.fill("#f-abstract", reference.DISCLOSURE["abstract"])
    page.select_option("#f-project_id", label=APPLICATION)
    for number, (name, share) in enumerate((("Zhao Min", "60%"), ("Sun Jie", "2/5"))):
        page.fill(f"#f-inventors-{number}-name", name)
        page.fill(f"#f-inventors-{number}-share", share)
    zhao.look("disclosure-form", chinese=False)
    zhao.press("Disclose")
    zhao.told("The invention is disclosed")
    he.open("/")
    he.until(".worklist", INVENTION)
    he.page.locator(".worklist").get_by_role("link", name=re.compile(INVENTION)).click()
    he.look("disclosure-triage")
    he.page.check("input[name=outcome][value=protect]")
    he.page.fill("#f-reason", "Novel over the two nearest patents.")
    he.press("Decide")
    he.told("triaged")
    he.follow("Register the asset")
    he.look("asset-form", narrow=True)
    page = he.page
    page.fill("#f-application_number", f"2026{int(time.time()) % 10**8:08d}.1")
    page.fill("#f-filed_on", date.today().isoformat())  # noqa: DTZ011 -- a day in the office's calendar
    for number, (name, share) in enumerate(((INSTITUTE, "3/5"), (UNIVERSITY, "3/5"))):
        page.select_option(f"#f-shares-{number}-organisation_id", label=name)
        page.fill(f"#f-shares-{number}-share", share)
    he.press("Register")
    assert page.locator(".error-summary").count() == 1, "shares of 6/5 are refused"
    he.look("asset-form-refused", chinese=False)
    page.fill("#f-shares-1-share", "40%")
    he.press("Register")
    he.told("The asset is registered")
    assert page.get_by_role("row").filter(has_text=UNIVERSITY).count() == 1
    he.look("asset", narrow=True)
    he.follow("Deadlines")
    he.look("deadlines")
    he.menu("Assets")
    he.look("assets")


def an_achievement(cast: Cast) -> None:
    zhao, chen = cast["zhao.institute"], cast["chen.coordinator"]
    zhao.menu("Achievements")
    zhao.follow("Describe an achievement")
    zhao.look("achievement-form")
    page, given = zhao.page, reference.ACHIEVEMENT
    page.fill("#f-title", ACHIEVEMENT)
    page.fill("#f-title_zh", given["title_zh"])
    page.select_option("#f-kind", given["kind"])
    for name in ("abstract", "trl_evidence", "maturity", "advantage", "route_to_market", "description"):
        page.fill(f"#f-{name}", given[name])
    page.fill("#f-trl", str(given["trl"]))
    page.locator("input[name=fields]").first.fill(given["fields"][0])
    page.select_option("#f-project_id", label=APPLICATION)
    page.select_option("#f-label", "internal")
    zhao.press("Save draft")
    page.wait_for_url(at("/catalog/achievements"))
    zhao.press("Ask for release")
    chen.open("/")
    chen.until(".worklist", ACHIEVEMENT)
    chen.page.locator(".worklist").get_by_role("link", name=re.compile(ACHIEVEMENT)).click()
    chen.look("achievement-review")
    chen.page.check("input[name=decision][value=approve]")
    chen.page.select_option("#f-label", "public")
    chen.page.fill("#f-reason", "No process parameter is told.")
    chen.press("Record the review")
    page.reload()
    zhao.press("Release")
    wait_for_text(page, "Released")
    zhao.look("achievement", narrow=True)


def money(cast: Cast) -> None:
    zhao, qian = cast["zhao.institute"], cast["qian.bank"]
    zhao.menu("Financing needs")
    zhao.look("needs")
    zhao.follow("Describe a need")
    zhao.until("main", "Fill in from a project")
    zhao.page.get_by_text("Fill in from a project").click()
    zhao.follow(APPLICATION)
    wait_for_text(zhao.page, "Filled in from what is known of the project")
    page = zhao.page
    zhao.look("need-form", narrow=True)
    page.fill("#f-title", NEED)
    page.fill("#f-purpose", reference.NEED["purpose"])
    page.fill("#f-amount", "1,500,000")
    page.fill("#f-term_months", "24")
    page.get_by_label("IP pledge").check()
    zhao.press("Save")
    page.wait_for_url(at("/finance/needs"))
    zhao.press("Put it forward")
    wait_for_text(page, "Products that fit")
    for product in reference.PRODUCTS:
        wait_for_text(page, product["title"])
    page.get_by_text("Why, clause by clause").first.click()
    zhao.look("need-matched", narrow=True)

    qian.until("#menu", "Matches")
    qian.look("home-of-a-bank")
    qian.menu("Matches")
    qian.until("main", NEED)
    qian.look("matches")
    qian.page.get_by_role("row").filter(has_text=NEED).get_by_role("link").first.click()
    qian.look("match", narrow=True)
    qian.page.fill("#f-note", "We would like to meet.")
    qian.press("Express interest")
    wait_for_text(qian.page, "We would like to meet.")
    zhao.open("/")
    zhao.until(".worklist", NEED)
    zhao.look("home-of-an-applicant", narrow=True)
    qian.menu("Products")
    qian.look("products")
    qian.follow(reference.PRODUCTS[0]["title"])
    wait_for_text(qian.page, BANK)
    qian.look("product")


def the_chain(cast: Cast) -> None:
    """From either end it is the same chain, and it reaches from the call to the bank's interest."""
    chen = cast["chen.coordinator"]
    chen.menu("Causal chains")
    chen.look("chains")
    found = []
    for kind, title in (("Call", CALL), ("Match", NEED)):
        chen.open("/chain?q=" + title.replace(" ", "+"))
        chen.page.get_by_role("row").filter(has_text=kind).get_by_role("link").first.click()
        chen.until("#things", "Interest expressed")
        found.append(sorted(chen.page.locator("#things tbody tr").locator("td:nth-child(-n+3)").all_inner_texts()))
        chen.look(f"chain-{kind.lower()}", narrow=True)
    from_call, from_match = ([cell.replace(" (opened from here)", "") for cell in one] for one in found)
    assert sorted(from_call) == sorted(from_match)
    for title in (CALL, APPLICATION, INVENTION, ACHIEVEMENT, NEED, reference.MILESTONES[0][0]):
        assert title in from_call, title
    chen.menu("Audit")
    chen.look("audit")
    chen.menu("System health")
    chen.look("health")
    chen.menu("People and roles")
    chen.look("access")
