"""Chromium for tests: found or the test is skipped; what axe-core, the console and the width say of a page."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

AXE = Path(__file__).resolve().parent.parent.parent / "infra/web/static/vendor/axe.min.js"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]
PROGRAMS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
"""The shell is the same engine without the windows, which take a third of what a browser costs."""
SERIOUS = ("serious", "critical")


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser. Skips the test where none is installed; HECHUAN_CHROMIUM names another one."""
    path = os.environ.get("HECHUAN_CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if path is None:
        pytest.skip("Chromium is not installed (Debian: apt-get install chromium fonts-noto-cjk)")
    with sync_playwright() as play:
        launched = play.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield launched
        launched.close()


def room(
    browser: Browser, address: str, *, language: str = "en", theme: str = "light", width: int = 1280, **options: Any
) -> BrowserContext:
    """A fresh profile whose cookies ask for a language and a theme."""
    context = browser.new_context(viewport={"width": width, "height": 800}, **options)
    context.add_cookies([{"name": n, "value": v, "url": address} for n, v in (("lang", language), ("theme", theme))])
    return context


def overheard(page: Page) -> list[str]:
    """Grows with every error and warning of the page's scripts. Failed loads are answers, not script errors."""
    said: list[str] = []

    def on_console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and "Failed to load resource" not in message.text:
            said.append(message.text)

    page.on("console", on_console)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


def violations(page: Page, impacts: tuple[str, ...] = ()) -> list[str]:
    """What axe-core finds, each with the first places; only of the given impacts when any are given."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(r => r.violations)")
    return [
        f"{one['impact']} {one['id']} {[n['target'] for n in one['nodes']][:3]}"
        for one in found
        if not impacts or one["impact"] in impacts
    ]


def overflow(page: Page) -> int:
    """By how many pixels the page is wider than its window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))
