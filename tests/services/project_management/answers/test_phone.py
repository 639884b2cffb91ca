"""A form of forty questions with tables and files, on a phone: saved by itself, come back to, handed in."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from anyio.from_thread import start_blocking_portal
from playwright.sync_api import Browser, Page, expect

from infra.host import host
from seeds.papers import pdf as paper_of
from services.project_management.applications import actions as applications
from services.project_management.forms.questions import Form
from shared.kernel.settings import Settings
from tests.journeys.walker import pictures
from tests.kit.browser import SERIOUS, chromium, overflow, overheard, room, violations
from tests.kit.platform import Running, Someone, running
from tests.kit.tokens import headers_for
from tests.services.project_management.answers.test_answers import asking_call
from tests.services.project_management.ready import LI, ZHAO, draft_application, draft_call, know_everybody, pdf

pytestmark = pytest.mark.browser
PHONE = {"width": 360, "height": 740}
SECTIONS = (("aims", "Aims", "目标"), ("work", "Work", "研究内容"), ("use", "Use", "应用"), ("means", "Means", "条件"))


def _asked(key: str, kind: str, label: str, label_zh: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": label, "label_zh": label_zh, "required": True, **more}


def _eight(section: str) -> list[dict[str, Any]]:
    """One of each kind that fits into a line."""
    options = [
        {"value": "metal", "label": "Metal", "label_zh": "金属"},
        {"value": "glass", "label": "Glass", "label_zh": "玻璃"},
    ]
    return [
        _asked(f"{section}_name", "short_text", "What it is called", "名称"),
        _asked(f"{section}_text", "long_text", "In your own words", "具体说明", words=50,
               help="What somebody from another field has to know.", help_zh="请写给其他领域的读者。"),
        _asked(f"{section}_months", "number", "How long it takes", "所需时间", unit="months", least="1", most="60"),
        _asked(f"{section}_cost", "money", "What it costs", "费用"),
        _asked(f"{section}_day", "date", "When it begins", "开始日期", least="2026-01-01"),
        _asked(f"{section}_kind", "choice", "Of what kind it is", "类别", options=options),
        _asked(f"{section}_also", "choices", "What else it touches", "还涉及", options=options),
        _asked(f"{section}_yes", "yes_no", "Is it new?", "是否为新内容？"),
    ]  # fmt: skip


def forty() -> Form:
    columns = [
        {"key": "name", "label": "Name", "label_zh": "姓名"},
        {
            "key": "role",
            "label": "Role",
            "label_zh": "分工",
            "kind": "choice",
            "choices": "lead = 负责 | member = 参加",
        },
        {"key": "share", "label": "Share", "label_zh": "投入", "kind": "number", "unit": "%"},
    ]
    tables = [
        _asked(f"table_{n}", "table", f"People of part {n}", f"第 {n} 部分人员", columns=columns) for n in range(1, 5)
    ]
    files = [_asked(f"file_{n}", "attachment", f"Evidence {n}", f"证明材料 {n}") for n in range(1, 5)]
    asked = Form.model_validate(
        {
            "sections": [
                *({"key": key, "title": en, "title_zh": zh, "questions": _eight(key)} for key, en, zh in SECTIONS),
                {
                    "key": "people",
                    "title": "People and papers",
                    "title_zh": "人员与材料",
                    "questions": [*tables, *files],
                },
            ]
        }
    )
    assert len(asked.questions) == 40
    return asked


@dataclass
class Site:
    browser: Browser
    address: str
    application: UUID
    draft: UUID

    def page(self, person: Someone, language: str = "en") -> Page:
        context = room(self.browser, self.address, language=language, extra_http_headers=headers_for(person.subject))
        page = context.new_page()
        page.set_viewport_size(PHONE)  # type: ignore[arg-type]
        page.on("dialog", lambda dialog: dialog.accept())
        return page


async def furnished(projects: Running) -> tuple[UUID, UUID]:
    await projects.clear()
    await know_everybody(projects)
    for person in (ZHAO, LI):
        await projects.know(person)
    call = await asking_call(projects, forty())
    mine = await draft_application(projects, call.id)
    plan = await pdf(projects, ZHAO)
    async with projects.work(ZHAO) as work:
        await applications.attach_document(work, mine.id, plan, None)
    return mine.id, (await draft_call(projects, title="Another call")).id


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[Site]:
    with (
        chromium() as browser,
        start_blocking_portal("asyncio", {"use_uvloop": True}) as portal,
        portal.wrap_async_context_manager(running(settings, "projects")) as projects,
    ):
        application, draft = portal.call(furnished, projects)
        app = host([projects.service])
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
        serving = portal.start_task_soon(server.serve)
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Site(browser, f"http://127.0.0.1:{port}", application, draft)
        server.should_exit = True
        serving.result(10)


def look(page: Page, name: str, *, both: bool = False) -> None:
    """Nothing wider than the phone, nothing serious for axe; a picture, where pictures are asked for."""
    assert overflow(page) <= 0, name
    assert violations(page, SERIOUS) == [], name
    if folder := pictures():
        page.screenshot(path=folder / f"{name}.en.png", full_page=True)
        if both:
            page.get_by_role("link", name="中文").click()
            page.screenshot(path=folder / f"{name}.zh.png", full_page=True)
            page.get_by_role("link", name="English").click()


def fill_in(page: Page, section: str) -> None:
    here = f"#f-answers-{section}"
    page.fill(f"{here}_name", "Magnesium frame 镁合金座椅骨架")
    page.fill(f"{here}_text", "We make it lighter and as strong.")
    page.fill(f"{here}_months", "２４")
    page.fill(f"{here}_cost", "1,200,000")
    page.fill(f"{here}_day", "2027-01-01")
    page.check(f"{here}_kind input[value=metal]")
    page.check(f"{here}_also input[value=glass]")
    page.check(f"{here}_yes input[value=true]")


def test_forty_questions_are_answered_on_a_phone_and_handed_in(site: Site, tmp_path: Path) -> None:
    root = f"{site.address}/projects/applications/{site.application}/answers"
    page = site.page(ZHAO)
    said = overheard(page)
    page.goto(root)
    expect(page.locator("main")).to_contain_text("0 of 40 questions answered")
    page.goto(f"{root}/aims")
    look(page, "section", both=True)
    fill_in(page, "aims")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved at", timeout=15_000)
    page.reload()
    assert page.input_value("#f-answers-aims_months") == "24"
    assert page.is_checked("#f-answers-aims_also input[value=glass]")
    page.get_by_role("button", name="Save and go on").click()
    for section in ("work", "use", "means"):
        expect(page.locator("h1")).to_have_text(section.capitalize())
        fill_in(page, section)
        page.get_by_role("button", name="Save and go on").click()
    expect(page.locator("h1")).to_have_text("People and papers")
    evidence = tmp_path / "evidence.pdf"
    evidence.write_bytes(paper_of("Evidence", ["measured"]))
    for n in range(1, 5):
        page.fill(f"#f-answers-table_{n}-0-name", "Zhao Min")
        page.select_option(f"#f-answers-table_{n}-0-role", "lead")
        page.fill(f"#f-answers-table_{n}-0-share", "50")
    page.locator("[data-rows=answers-table_1] [data-add-row]").click()
    page.fill("#f-answers-table_1-2-name", "Ma Lan")
    for n in range(1, 4):
        page.set_input_files(f"#f-file-file_{n}", evidence)
    look(page, "tables", both=False)
    page.get_by_role("button", name="Save", exact=True).click()
    # The half row is kept and said at its cell; the file that was forgotten is said in the summary.
    expect(page.locator("#notices")).to_contain_text("Some entries need correcting")
    expect(page.locator("#f-answers-table_1-1-share")).to_have_attribute("aria-invalid", "true")
    look(page, "corrections", both=True)
    page.select_option("#f-answers-table_1-1-role", "member")
    page.fill("#f-answers-table_1-1-share", "20")
    page.get_by_role("button", name="Save", exact=True).click()
    page.get_by_role("link", name="Check what is missing").click()
    summary = page.locator(".error-summary")
    expect(summary).to_contain_text("Evidence 4")
    summary.get_by_role("link", name="Evidence 4").click()
    page.set_input_files("#f-file-file_4", evidence)
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.locator("main")).to_contain_text("40 of 40 questions answered")
    look(page, "overview", both=True)
    page.get_by_role("button", name="Submit").click()
    expect(page.locator("#notices")).to_contain_text("The application is submitted")
    look(page, "submitted")
    receipt = page.get_by_role("link", name="Receipt as PDF").get_attribute("href")
    paper = page.request.get(f"{site.address}{receipt}")
    assert paper.ok
    assert paper.body().startswith(b"%PDF")
    assert said == []
    page.context.close()


def test_a_form_is_written_on_a_phone_by_keyboard(site: Site) -> None:
    page = site.page(LI)
    said = overheard(page)
    page.goto(f"{site.address}/projects/calls/{site.draft}/form/draft")
    page.get_by_text("Begin with another form").click()
    page.select_option("#f-sample", "research")
    page.get_by_role("button", name="Take it over").press("Enter")
    expect(page.locator("h2").first).to_have_text("Aims")
    page.get_by_role("button", name="Move “The problem” down").press("Enter")
    expect(page.locator(".asked li").first).to_contain_text("What will be there at the end")
    look(page, "desk", both=True)
    page.get_by_role("link", name="Edit “Work packages”").press("Enter")
    expect(page.locator("h1")).to_have_text("Edit question")
    look(page, "question", both=True)
    assert said == []
    page.context.close()
