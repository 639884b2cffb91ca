"""Requirements in Chromium: no axe violation, no script error, nothing wider than a phone; drafts save themselves."""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
import uvicorn
from anyio.from_thread import BlockingPortal, start_blocking_portal
from playwright.sync_api import Browser, Page, expect

from infra.host import host
from shared.kernel.settings import Settings
from tests.kit.browser import chromium, overflow, overheard, room, violations
from tests.kit.platform import Someone, running
from tests.kit.tokens import headers_for
from tests.services.project_management.requirements.scene import LI, PAGES, SUN, ZHAO, Scene, scene_of

pytestmark = pytest.mark.browser
LOOKS = [("en", 1280), ("zh", 360)]
EVERYTHING = os.environ.get("HECHUAN_LOOK") == "all"
"""Every page in every look, as `make test-journeys` asks; else each page in one of them, in turn."""


@dataclass
class Site:
    """The service on a port of this machine, with a requirement in every state that has a page of its own."""

    browser: Browser
    address: str
    portal: BlockingPortal
    scene: Scene
    pages: list[tuple[Someone, str]]
    draft: str

    def page(self, person: Someone, **options: int | str) -> Page:
        width, language = int(options.get("width", 1280)), str(options.get("language", "en"))
        headers = headers_for(person.subject)
        context = room(self.browser, self.address, language=language, width=width, extra_http_headers=headers)
        return context.new_page()


async def furnished(scene: Scene) -> tuple[str, list[tuple[Someone, str]]]:
    done = await scene.prioritised(title="Done with")
    asked = await scene.put_forward()
    ma, near = await scene.expert("Ma Lan"), await scene.expert("Tan Hua", employer=ZHAO)
    assert near
    await scene.consulted(asked, ma)
    await scene.opinion(asked, ma, comment="Wanted everywhere.")
    into, same = await scene.put_forward(SUN), await scene.put_forward(SUN, title="The same again")
    await scene.done(LI, "POST", f"/{into}/mergers", {"requirement_ids": [same], "reason": "The same."})
    draft = await scene.drafted()
    return draft, [
        (ZHAO, ""),
        (ZHAO, "/new"),
        (ZHAO, f"/{draft}"),
        (ZHAO, f"/{draft}/edit"),
        (ZHAO, f"/{done}"),
        (SUN, f"/{same}"),
        (LI, f"/{done}"),
        (LI, f"/{into}"),
        (LI, f"/{asked}/consultation"),
        (LI, f"/{into}/mergers"),
        (LI, f"/mergers/new?requirement_ids={into}"),
        (LI, f"/adoptions/new?requirement_ids={done}"),
        (scene.experts[ma], f"/{asked}/opinion"),
    ]


@pytest.fixture(scope="module")
def site(settings: Settings) -> Iterator[Site]:
    with (
        chromium() as browser,
        start_blocking_portal("asyncio", {"use_uvloop": True}) as portal,
        portal.wrap_async_context_manager(running(settings, "projects")) as projects,
    ):
        portal.call(projects.clear)
        scene = portal.call(scene_of, projects)
        draft, pages = portal.call(furnished, scene)
        app = host([projects.service])
        server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="error", lifespan="off"))
        serving = portal.start_task_soon(server.serve)
        deadline = time.monotonic() + 10
        while not server.started and time.monotonic() < deadline:
            time.sleep(0.02)
        port = server.servers[0].sockets[0].getsockname()[1]
        yield Site(browser, f"http://127.0.0.1:{port}", portal, scene, pages, draft)
        server.should_exit = True
        serving.result(10)


@pytest.mark.parametrize(("language", "width"), LOOKS)
def test_pages_are_accessible_quiet_and_narrow(site: Site, language: str, width: int) -> None:
    found = []
    turn = slice(None) if EVERYTHING else slice(LOOKS.index((language, width)), None, len(LOOKS))
    for person, path in site.pages[turn]:
        page = site.page(person, language=language, width=width)
        said = overheard(page)
        page.goto(f"{site.address}{PAGES}{path}")
        wider = overflow(page)
        faults = [*violations(page), *said, *([f"{wider} pixels too wide"] if wider > 0 else [])]
        found += [f"{path}: {fault}" for fault in faults]
        page.context.close()
    assert found == []


def test_a_draft_saves_itself(site: Site) -> None:
    page = site.page(ZHAO)
    page.goto(f"{site.address}{PAGES}/{site.draft}/edit")
    page.fill("#f-title", "Saved without a press")
    expect(page.locator("[data-autosave-status]")).to_contain_text("Saved at", timeout=15_000)
    assert page.input_value("input[name=version]") == "2"
    page.goto(f"{site.address}{PAGES}/{site.draft}")
    expect(page.locator("h1")).to_have_text("Saved without a press")
    page.context.close()
