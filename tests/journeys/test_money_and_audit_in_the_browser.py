"""A finance officer over claims and tranches, and an auditor who reads everything and acts on nothing, by clicking."""

import re
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, expect

from seeds import reference
from seeds.papers import pdf
from seeds.participants import PROJECTS
from seeds.round import Round
from tests.journeys.cast import Cast, wait_for_text
from tests.journeys.platform import Platform
from tests.journeys.staging import staged
from tests.journeys.walker import EVERYTHING, Walker

pytestmark = [
    pytest.mark.journeys,
    pytest.mark.browser,
    pytest.mark.skipif(not EVERYTHING, reason="only where every page is looked at: make test-journeys"),
]
SUFFIX = " that is audited"
PROJECT = reference.CONSORTIUM["title"] + SUFFIX
MOST_PAGES = 150
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}")
HER_OWN = frozenset(
    f"/projects{path}"
    for path in (
        "/calendar-address/renewal",
        "/calls/…/saving",
        "/saved-searches/new",
        "/relations/new",
        "/receipts/checks",
    )
)
"""What everybody signed in does for themselves, and the check of a paper, which keeps nothing."""


@pytest.fixture
def cast(browser: Browser, platform: Platform, base: Round) -> Iterator[Cast]:
    found = Cast(browser, platform)
    yield found
    for walker in found.walkers.values():
        walker.context.close()


@pytest.fixture(scope="module")
def audited(base: Round) -> Round:
    """A project with an accepted milestone, a released tranche and an approved claim, and evidence of the next one."""
    on = staged(base)
    on.suffix = SUFFIX
    for step in (on.call, on.applications, on.reviews, on.award, on.project):
        step()
    zhao = on["zhao.institute"]
    second = zhao.get(f"{PROJECTS}/projects/{on.ids['project']}")["milestones"][1]
    on.ids["second"] = second["id"]
    report = pdf("Milestone 2", ["200 hours at 36,000 revolutions a minute."])
    made = zhao.upload(f"{PROJECTS}/documents", "milestone-2.pdf", report, "application/pdf", label="internal")
    zhao.post(
        f"{PROJECTS}/milestones/{second['id']}/evidence",
        {"document_id": made["id"], "note": "One cage, no crack."},
        version=second["version"],
    )
    return on


def test_a_finance_officer_by_clicking(cast: Cast, audited: Round) -> None:
    """One test, for each step needs the one before it."""
    a_partner_claims(cast, audited, "900000.00", refused=True)
    a_claim_is_returned(cast)
    a_partner_corrects(cast)
    a_claim_is_approved(cast)
    a_tranche_at_its_gate(cast, audited)


def a_partner_claims(cast: Cast, on: Round, amount: str, *, refused: bool) -> None:
    """The university's own lines: more than they bear is refused clause by clause, and kept."""
    sun = cast["sun.university"]
    page = sun.open(f"/projects/projects/{on.ids['project']}/budget")
    sun.follow("Claim expenditure")
    sun.look("claim-form", narrow=True)
    page.select_option("#f-items-0-category", "staff")
    page.select_option("#f-items-0-year", str(date.today().year))  # noqa: DTZ011 -- the office's calendar
    page.fill("#f-items-0-amount", amount)
    page.fill("#f-items-0-what", "Two doctoral students")
    sun.press("Hand in")
    wait_for_text(page, "over")
    page.fill("#f-items-0-amount", "120000.00")
    sun.press("Hand in")
    expect(page.locator(".page-state")).to_contain_text("To judge")
    sun.look("claim-handed-in", narrow=True)


def a_claim_is_returned(cast: Cast) -> None:
    wu = cast["wu.finance"]
    page = wu.open("/")
    wu.until(".worklist", "Judge claim")
    wu.look("finance-home", narrow=True)
    wu.menu("Claims and tranches")
    wait_for_text(page, PROJECT)
    wu.look("finance-money", narrow=True)
    wu.follow(PROJECT)
    wu.look("finance-claim", narrow=True)
    wu.press("Return the claim")
    wait_for_text(page, "Some entries need correcting")
    page.fill("form[action$='/return'] textarea", "Attach the contracts, please.")
    wu.press("Return the claim")
    expect(page.locator(".page-state")).to_contain_text("Returned")


def a_partner_corrects(cast: Cast) -> None:
    sun = cast["sun.university"]
    page = sun.open("/")
    sun.until(".worklist", "Correct claim")
    sun.task("Correct claim")
    wait_for_text(page, "Attach the contracts, please.")
    sun.look("claim-returned", narrow=True)
    sun.follow("Correct the claim")
    page.fill("#f-note", "The contracts were sent with the annual report.")
    sun.press("Hand in")
    expect(page.locator(".page-state")).to_contain_text("To judge")


def a_claim_is_approved(cast: Cast) -> None:
    wu = cast["wu.finance"]
    wu.open("/")
    wu.until(".worklist", "Judge claim")
    wu.task("Judge claim")
    wu.press("Approve the claim")
    wu.told("approved")
    wu.look("finance-claim-approved", narrow=True)


def a_tranche_at_its_gate(cast: Cast, on: Round) -> None:
    """Who pays does not judge the deliverable: the officer accepts it, then the tranche waits for her."""
    wu, li = cast["wu.finance"], cast["li.officer"]
    here = f"/projects/milestones/{on.ids['second']}"
    page = wu.open(here)
    expect(page.get_by_role("button", name="Accept the milestone")).to_have_count(0)
    wu.look("finance-milestone-not-judged", narrow=True)
    li.open(here)
    li.press("Accept the milestone")
    li.told("accepted")
    wu.menu("Claims and tranches")
    wait_for_text(page, reference.MILESTONES[1][0])
    wu.look("finance-tranche-waits", narrow=True)
    wu.follow(reference.MILESTONES[1][0])
    wu.look("finance-gate", narrow=True)
    wu.press("Release the tranche")
    wu.told("The tranche is released")
    wu.look("finance-tranche-released")


# -- the auditor ------------------------------------------------------------------------------------------------------


def test_an_auditor_reads_everything_and_acts_on_nothing(cast: Cast, audited: Round) -> None:
    song = cast["song.auditor"]
    song.open("/")
    song.look("auditor-home", narrow=True)
    a_chosen_tour(song, audited)
    the_audit_log(song, audited)
    everything_that_is_linked(song)
    what_she_may_not_do(song, audited)


def a_chosen_tour(song: Walker, on: Round) -> None:
    """From the call to the money, as a person would follow it."""
    ids = on.ids
    for name, path in (
        ("dashboard", "/projects/dashboard"),
        ("call", f"/projects/calls/{ids['call']}"),
        ("assignment", f"/projects/calls/{ids['call']}/assignment"),
        ("ranking", f"/projects/calls/{ids['call']}/ranking"),
        ("decision", f"/projects/calls/{ids['call']}/decision"),
        ("application", f"/projects/applications/{ids['consortium']}"),
        ("application-budget", f"/projects/applications/{ids['consortium']}/budget"),
        ("duplicates", f"/projects/applications/{ids['consortium']}/duplicates"),
        ("project", f"/projects/projects/{ids['project']}"),
        ("project-budget", f"/projects/projects/{ids['project']}/budget"),
        ("milestone", f"/projects/milestones/{ids['milestone']}"),
        ("agreement", f"/projects/agreements/{ids['agreement']}"),
        ("money", "/projects/money"),
        ("standing", "/projects/standing"),
    ):
        song.open(path)
        song.look(f"auditor-{name}", chinese=name != "duplicates", narrow=True)  # titles of others are headings there


def the_audit_log(song: Walker, on: Round) -> None:
    """Who did what to the call, filtered; one fact word for word; the chain of hashes."""
    page = song.page
    song.menu("Audit")
    song.look("auditor-log", narrow=True)
    song.open(f"/audit?thing_id={on.ids['call']}")
    wait_for_text(page, "released")
    song.look("auditor-log-of-a-call", narrow=True)
    page.locator("main table").get_by_role("link").first.click()
    song.look("auditor-fact", chinese=False, narrow=True, codes=True)
    song.open("/audit/verification")
    song.look("auditor-verification", narrow=True)


def everything_that_is_linked(song: Walker) -> None:
    """Whatever a page offers her opens, one page of each kind; and none of them has a form that changes anything."""
    waiting: list[str] = [
        one.get_attribute("href") or "" for one in song.open("/").locator("#menu a").all() if one.is_visible()
    ]
    seen: dict[str, str] = {}
    refused: list[str] = []
    forms: set[str] = set()
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        kind = ID.sub("…", urlsplit(path).path)
        if not path.startswith("/") or kind in seen or "/api/" in path or "sign-out" in path:
            continue
        seen[kind] = path
        answer = song.page.goto(song.address + path)
        assert answer
        if answer.status >= 400:
            refused.append(f"{answer.status} {path}")
            continue
        found: list[str] = song.page.evaluate(
            "[...document.querySelectorAll('main a[href]')].map(a => a.getAttribute('href'))"
        )
        posts: list[str] = song.page.evaluate(
            "[...document.querySelectorAll('main form[method=post]')].map(f => f.getAttribute('action'))"
        )
        forms |= {ID.sub("…", urlsplit(one).path) for one in posts}
        waiting += [one for one in found if one.startswith("/")]
    print(f"an auditor opened {len(seen)} kinds of pages")
    assert refused == [], "a page links to what she may not open"
    assert forms <= HER_OWN, forms - HER_OWN


def what_she_may_not_do(song: Walker, on: Round) -> None:
    """By address: each is refused in words that say what she is, and nothing has changed."""
    ids = on.ids
    before = state_of(on)
    for name, path in (
        ("call-form", "/projects/calls/new"),
        ("claim-form", f"/projects/projects/{ids['project']}/claims/new"),
        ("panel-form", f"/projects/calls/{ids['call']}/panel"),
        ("change-form", f"/projects/projects/{ids['project']}/changes/new"),
    ):
        answer = song.page.goto(song.address + path)
        assert answer
        assert answer.status == 403, path
        song.look(f"auditor-refused-{name}", narrow=name == "call-form")
    for path in (
        f"/projects/calls/{ids['call']}/decision",
        f"/projects/milestones/{ids['second']}/acceptance",
        f"/projects/milestones/{ids['second']}/tranche",
        f"/projects/agreements/{ids['agreement']}/signatures",
        f"/projects/projects/{ids['project']}/terminations",
    ):
        told = song.page.request.post(song.address + path, form={"reason": "x"}, headers={"Origin": song.address})
        assert told.status == 403, f"{told.status} {path}"
        assert "role" in told.text(), path
    assert state_of(on) == before


def state_of(on: Round) -> Any:
    found = on["zhao.institute"].get(f"{PROJECTS}/projects/{on.ids['project']}")
    return found["version"], found["state"], [one["state"] for one in found["milestones"]]
