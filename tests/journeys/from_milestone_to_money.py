"""The second half of the round by clicking: from a milestone to a bank's interest and the chain."""

import time
from datetime import date
from pathlib import Path

from seeds import reference
from seeds.papers import pdf
from seeds.personas import BANK, INSTITUTE, UNIVERSITY
from tests.journeys.cast import ACHIEVEMENT, APPLICATION, CALL, INVENTION, NEED, Cast, at, wait_for_text


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
    li.task(reference.MILESTONES[0][0])
    li.look("milestone-to-judge")
    li.press("Accept the milestone")
    li.told("accepted")
    li.look("milestone-accepted")
    wu = cast["wu.finance"]
    wu.open("/")
    wu.until(".worklist", reference.MILESTONES[0][0])
    wu.look("finance-officer-home")
    wu.task(reference.MILESTONES[0][0])
    wu.look("milestone-to-pay", narrow=True)
    wu.press("Release the tranche")
    wu.told("The tranche is released")


def expenditure(cast: Cast) -> None:
    """The lead claims what it spent; more than the line bears is refused and kept, the rest is approved."""
    zhao, wu = cast["zhao.institute"], cast["wu.finance"]
    zhao.menu("Running projects")
    zhao.follow(APPLICATION)
    zhao.follow("Budget")
    zhao.look("budget", narrow=True)
    zhao.follow("Claim expenditure")
    page, (category, _, amount, what) = zhao.page, reference.CLAIM
    page.select_option("#f-items-0-category", category)
    page.select_option("#f-items-0-year", str(date.today().year))  # noqa: DTZ011 -- the office's calendar
    page.fill("#f-items-0-amount", "9000000.00")
    page.fill("#f-items-0-what", what)
    zhao.press("Hand in")
    wait_for_text(page, "over")
    assert page.input_value("#f-items-0-what") == what
    zhao.look("claim-over-budget", chinese=False)
    page.fill("#f-items-0-amount", amount)
    zhao.press("Hand in")
    wu.open("/")
    wu.until(".worklist", "Judge claim")
    wu.task("Judge claim")
    wu.look("claim-to-judge", narrow=True)
    wu.press("Approve the claim")
    wu.told("approved")
    wu.look("claim-approved")


def an_auditor(cast: Cast) -> None:
    """Reads decisions, money and who did what; is offered nothing to press."""
    song = cast["song.auditor"]
    song.menu("Running projects")
    song.follow(APPLICATION)
    song.look("auditor-project", narrow=True)
    song.follow("Budget")
    song.look("auditor-budget")
    assert song.page.locator("main form button[type=submit]").count() == 0
    song.menu("Awards")
    song.follow(APPLICATION)
    song.look("auditor-award")
    song.menu("Audit")
    song.look("auditor-audit", narrow=True)
    song.menu("Calls")
    song.follow(CALL)
    song.follow("Ranking")
    song.look("auditor-ranking")


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
    he.task(INVENTION)
    he.look("disclosure-triage")
    he.page.check("input[name=outcome][value=protect]")
    he.page.fill("#f-reason", "Novel over the two nearest patents.")
    he.press("Decide")
    he.told("triaged")
    he.follow("Register the asset")
    he.look("asset-form", narrow=True)
    page = he.page
    page.fill("#f-application_number", f"20261{int(time.time()) % 10**7:07d}")
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
    chen.task(ACHIEVEMENT)
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
