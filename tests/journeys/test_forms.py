"""What a form does with bad input: it keeps what was typed, says what is wrong beside the field, and shows ways out."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Dialog, Page, expect

from seeds import reference
from seeds.papers import pdf
from seeds.participants import PROJECTS
from seeds.round import Round
from shared.blobs.scans import EICAR
from tests.journeys.platform import UPLOAD_LIMIT, Platform
from tests.journeys.walker import Walker
from tests.kit.browser import SERIOUS, violations

pytestmark = [pytest.mark.journeys, pytest.mark.browser]
Enter = Callable[..., Walker]


@pytest.fixture
def enter(browser: Browser, platform: Platform, base: Round) -> Iterator[Enter]:
    """`enter("li.officer")`: somebody signed in at a browser of their own."""
    inside: list[Walker] = []

    def sign_in(subject: str, **options: object) -> Walker:
        walker = Walker(browser, platform.address, subject, platform.passwords[subject], **options)
        inside.append(walker)
        return walker

    yield sign_in
    for walker in inside:
        walker.context.close()


def an_open_call(base: Round, title: str) -> str:
    """A released call that stays open, made over the API."""
    call = base["li.officer"].post(
        f"{PROJECTS}/calls",
        {
            **reference.CALL,
            "title": title,
            "opens_at": "2025-01-01T00:00:00Z",
            "closes_at": "2099-01-01T00:00:00Z",
            "budget_terms": {"required": False},
        },
    )
    path = f"{PROJECTS}/calls/{call['id']}"
    call = base["li.officer"].post(f"{path}/signoff-request", version=call["version"])
    call = base["chen.coordinator"].post(
        f"{path}/signoff", {"decision": "approve", "reason": ""}, version=call["version"]
    )
    base["li.officer"].post(f"{path}/release", version=call["version"])
    return str(call["id"])


def a_draft_application(base: Round, title: str) -> str:
    body = {**reference.RIVAL, "title": title, "call_id": an_open_call(base, f"Call for {title}"), "partner_ids": []}
    return str(base["zhao.institute"].post(f"{PROJECTS}/applications", body)["id"])


def said_at(page: Page, field: str) -> str:
    """The words beside a field that is marked as wrong."""
    expect(page.locator(f"#{field}")).to_have_attribute("aria-invalid", "true")
    named = page.locator(f"#{field}").get_attribute("aria-describedby") or ""
    assert f"{field}-error" in named.split()
    return page.locator(f"#{field}-error").inner_text()


def test_a_refused_form_keeps_every_entry_and_leads_to_each_fault(enter: Enter) -> None:
    li = enter("li.officer")
    page = li.open("/projects/calls/new")
    page.fill("#f-title", "A call with a ceiling above its budget")
    page.fill("#f-summary", "合金 <b>and</b> “quotes”")
    page.fill("#f-field", "materials")
    page.fill("#f-budget", "1,000")
    page.fill("#f-ceiling", "a lot")
    page.fill("#f-criteria-0-name", "Quality")
    page.fill("#f-criteria-0-weight", "70")
    page.get_by_label("Universities", exact=True).check()
    # Pressed twice it is sent once, and what this tab keeps of it counts as sent.
    with page.expect_navigation():
        sent = page.get_by_role("button", name="Save draft", exact=True).evaluate(
            "one => { one.click(); one.click(); const kept = Object.keys(sessionStorage).filter(key => "
            "key.startsWith('kept ')); return kept.map(key => JSON.parse(sessionStorage.getItem(key)).sent); }"
        )
    assert sent == [True]
    summary = page.locator(".error-summary")
    expect(summary).to_be_visible()
    expect(page.locator(".kept-note")).to_have_count(0)
    assert page.evaluate("document.activeElement.classList.contains('error-summary')")
    assert page.input_value("#f-title") == "A call with a ceiling above its budget"
    assert page.input_value("#f-summary") == "合金 <b>and</b> “quotes”"
    assert page.input_value("#f-ceiling") == "a lot"
    assert page.input_value("#f-criteria-0-weight") == "70"
    assert page.get_by_label("Universities", exact=True).is_checked()
    assert said_at(page, "f-ceiling")
    assert said_at(page, "f-stage")
    summary.get_by_role("link", name="Stage").click()
    assert page.evaluate("document.activeElement.id") == "f-stage"
    assert violations(page, SERIOUS) == []
    li.look("form-refused", chinese=False, narrow=True)
    # Another language asks first, also after a second refusal; what was typed is offered there.
    asked: list[str] = []
    page.on("dialog", lambda dialog: asked.append(dialog.type))
    li.press("Save draft")
    assert asked == []
    expect(summary).to_be_visible()
    with page.expect_navigation():
        page.locator("a[hreflang=zh-Hans]").click()
    assert asked == ["beforeunload"]
    page.get_by_role("button", name="恢复填写").click()
    assert page.input_value("#f-title") == "A call with a ceiling above its budget"
    assert li.said == []


def test_what_was_typed_and_not_sent_is_offered_again_to_the_same_person(enter: Enter) -> None:
    li = enter("li.officer")
    page = li.open("/projects/calls/new")
    rows = page.locator("[data-rows=criteria] tbody tr").count()
    page.locator("[data-rows=criteria] [data-add-row]").click()
    page.fill("#f-title", "A call that was typed")
    page.fill(f"#f-criteria-{rows}-name", "Quality")
    page.get_by_label("Universities", exact=True).check()
    page.wait_for_timeout(1_000)  # a moment after the last key
    expect(page.locator("[data-keep-status]").first).to_contain_text("Kept in this tab at")
    page.reload()
    assert page.input_value("#f-title") == ""
    assert violations(page, SERIOUS) == []
    page.get_by_role("button", name="Fill it in again").click()
    assert page.input_value("#f-title") == "A call that was typed"
    assert page.input_value(f"#f-criteria-{rows}-name") == "Quality"
    assert page.get_by_label("Universities", exact=True).is_checked()
    page.wait_for_timeout(1_000)  # it is kept again
    # In the other language, also what was typed a moment ago, and no question before leaving.
    asked: list[str] = []

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.message)
        dialog.accept()

    page.on("dialog", accept)
    page.fill("#f-summary", "From laboratory to part")
    page.locator("a[hreflang=zh-Hans]").click()
    page.get_by_role("button", name="恢复填写").click()
    assert page.input_value("#f-summary") == "From laboratory to part"
    page.locator("a[hreflang=en]").click()
    assert asked == []
    page.get_by_role("button", name="Discard it").click()
    page.reload()
    expect(page.locator(".kept-note")).to_have_count(0)
    assert li.said == []


def test_a_refused_upload_keeps_the_other_fields_and_says_why(enter: Enter, base: Round, paper: Path) -> None:
    application = a_draft_application(base, "Uploads that are refused")
    zhao = enter("zhao.institute")
    page = zhao.open(f"/projects/applications/{application}")
    refused = {
        "infected.pdf": pdf("Plan", ["harmless but for the next line"]) + EICAR,
        "empty.pdf": b"",
        "mistyped.pdf": b"\x89PNG\r\n\x1a\n" + bytes(200),
        "note.pdf": b"only words, no PDF",
        "large.pdf": pdf("Plan", ["large"]) + b"%" * UPLOAD_LIMIT,
    }
    told = {}
    for name, content in refused.items():
        file = paper / name
        file.write_bytes(content)
        page.set_input_files("#f-file", file)
        zhao.press("Attach")
        told[name] = said_at(page, "f-file")
        assert "Chosen files have to be chosen again" in page.locator(".error-summary").inner_text()
        assert name not in page.locator(".documents, .muted").all_inner_texts()
    assert len(set(told.values())) >= 4, told
    assert "no content" in told["empty.pdf"]
    zhao.look("upload-refused", chinese=False, narrow=True)
    kept = base["zhao.institute"].get(f"{PROJECTS}/applications/{application}")["documents"]
    assert kept == [], "nothing of a refused file is attached"


def test_a_refused_upload_keeps_the_note_beside_it(enter: Enter, base: Round, paper: Path) -> None:
    """Evidence of a milestone travels with a note."""
    milestone = a_running_milestone(base)
    zhao = enter("zhao.institute")
    page = zhao.open(f"/projects/milestones/{milestone}")
    file = paper / "evidence.pdf"
    file.write_bytes(pdf("Report", ["line"]) + EICAR)
    page.set_input_files("#f-file", file)
    page.fill("#f-note", "Measured on three days, 三天测量。")
    zhao.press("Hand in")
    assert said_at(page, "f-file")
    assert page.input_value("#f-note") == "Measured on three days, 三天测量。"
    file.write_bytes(pdf("Report", ["line"]))
    page.set_input_files("#f-file", file)
    zhao.press("Hand in")
    zhao.told("The evidence is handed in")


def a_running_milestone(base: Round) -> str:
    """A project of its own, played over the API to its first milestone."""
    other = Round(base.people, suffix=" with a note", ids=dict(base.ids))
    for step in (other.call, other.applications, other.reviews, other.award):
        step()
    return other_project(other)


def other_project(other: Round) -> str:
    body = {
        "application_id": other.ids["consortium"],
        "starts_on": "2026-01-01",
        "ends_on": "2027-01-01",
        "milestones": [
            {
                "title": "Report",
                "deliverable": "A report",
                "due_on": "2026-12-01",
                "tranche": reference.CONSORTIUM["requested"],
            }
        ],
    }
    project = other["li.officer"].post(f"{PROJECTS}/projects", body)
    path = f"{PROJECTS}/projects/{project['id']}"
    other.agreement(project["agreement"]["id"])
    for who in ("li.officer", "zhao.institute"):
        other[who].post(f"{path}/signatures", version=other[who].get(path)["version"])
    return str(other["zhao.institute"].get(path)["milestones"][0]["id"])


def test_a_stale_form_shows_both_versions_and_both_ways_out(enter: Enter, base: Round) -> None:
    draft = base["li.officer"].post(
        f"{PROJECTS}/calls",
        {
            **reference.CALL,
            "title": "Edited by two",
            "opens_at": "2026-01-01T00:00:00Z",
            "closes_at": "2099-01-01T00:00:00Z",
        },
    )
    li = enter("li.officer")
    for way in ("Save my version", "Open the stored version"):
        page = li.open(f"/projects/calls/{draft['id']}/edit")
        now = base["li.officer"].get(f"{PROJECTS}/calls/{draft['id']}")
        title = f"Theirs before {way}"
        base["li.officer"].client.patch(
            f"{PROJECTS}/calls/{draft['id']}", json={"title": title}, headers={"If-Match": f'"{now["version"]}"'}
        ).raise_for_status()
        page.fill("#f-title", "Mine")
        li.press("Save draft")
        expect(page.locator("h1")).to_contain_text("Somebody else has changed this meanwhile")
        row = page.get_by_role("row").filter(has_text=title)
        assert "Mine" in row.inner_text()
        assert "differs" in row.inner_text()
        li.look("stale-form", chinese=False, narrow=True)
        if way == "Save my version":
            li.press(way)
            expect(page.locator("h1")).to_have_text("Mine")
        else:
            li.follow(way)
            expect(page.locator("h1")).to_have_text(title)


def test_a_whole_flow_works_without_script(enter: Enter, base: Round, paper: Path) -> None:
    """Draft, refused entry, correction, upload, withdrawal: with plain forms only."""
    call = an_open_call(base, "Call for people without script")
    zhao = enter("zhao.institute", java_script_enabled=False)
    page = zhao.open(f"/projects/calls/{call}")
    page.locator("main").get_by_role("link", name="Apply", exact=True).click()
    page.fill("#f-title", "Without script")
    page.fill("#f-abstract", "Plain forms.")
    page.fill("#f-requested", "not a number")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".error-summary")).to_be_visible()
    page.fill("#f-requested", "100000")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator("h1")).to_have_text("Without script")
    plan = paper / "plain.pdf"
    plan.write_bytes(pdf("Plan", ["line"]))
    page.set_input_files("#f-file", plan)
    page.get_by_role("button", name="Attach").click()
    expect(page.locator(".documents")).to_contain_text("plain.pdf")
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#notices")).to_contain_text("The application is submitted")
    page.get_by_text("Withdraw this application").click()
    page.fill("#f-reason", "Only a trial.")
    page.get_by_role("button", name="Withdraw", exact=True).click()
    expect(page.locator(".page-state")).to_contain_text("Withdrawn")
    page.get_by_role("link", name="中文").click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
