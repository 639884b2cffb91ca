"""A description of 300 pages: what counts is the size of the file, and a refusal says the limit and what to do."""

import io

import httpx
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from services.project_management.applications.actions import submit_application
from tests.kit.platform import Running
from tests.services.project_management.ready import ZHAO, draft_application, know_everybody, released_call

PAGES = 300


def long_pdf() -> bytes:
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=A4)
    for number in range(1, PAGES + 1):
        for line in range(40):
            canvas.drawString(60, 800 - 18 * line, f"Page {number}, line {line}: how light alloys tire.")
        canvas.showPage()
    canvas.save()
    return target.getvalue()


async def test_three_hundred_pages_are_taken_and_handed_in(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects)
    application = await draft_application(projects, call.id)
    content = long_pdf()
    here = f"/projects/applications/{application.id}"

    async def upload(http: httpx.AsyncClient) -> httpx.Response:
        form = {"organisation_id": str(ZHAO.organisation_id), "label": "internal"}
        return await http.post(f"{here}/documents", data=form, files={"file": ("plan.pdf", content, "application/pdf")})

    async with projects.client(ZHAO) as http:
        http.headers["Origin"] = "http://test"
        settings = projects.service.settings
        kept, settings.upload_limit_bytes = settings.upload_limit_bytes, len(content) - 1
        try:
            refused = await upload(http)
        finally:
            settings.upload_limit_bytes = kept
        assert refused.status_code == 413
        assert "Make it smaller or split it" in refused.text
        assert "plan.pdf" not in (await http.get(here)).text
        taken = await upload(http)
        assert taken.status_code == 303, taken.text
        assert "plan.pdf" in (await http.get(here)).text
    async with projects.work(ZHAO) as work:
        handed_in = await submit_application(work, application.id, None)
    assert handed_in.sha256
    (row,) = await projects.rows("SELECT size, owner_kind FROM documents WHERE state = 'clean'")
    assert (row["size"], row["owner_kind"]) == (len(content), "application")
