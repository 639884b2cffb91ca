"""A person at the browser: signs in at the real provider, and looks hard at every page they come to."""

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, expect

from seeds.personas import INSTITUTE, UNIVERSITY
from tests.kit.browser import SERIOUS, overflow, overheard, room, violations

PATIENCE = 20_000.0
CODES = re.compile(
    r"\b(?:ip_officer|programme_officer|finance_partner|in_signoff|hechuan\.[a-z]+\.[a-z_]+\.)|Traceback"
)
"""Words of the program that have no place on a screen."""
LETTERS, HAN = re.compile(r"[A-Za-z]"), re.compile(r"[\u4e00-\u9fff]")
UNTRANSLATED = frozenset({"SHA-256", "ORCID iD", INSTITUTE, UNIVERSITY})
PAPER = re.compile(r"HC(?:-[0-9A-F]{4}){3}")
"""The number of a paper stands as it is in both languages."""
HEADINGS = """[...document.querySelectorAll("main h2, main dt, main .btn, main .req, main .hint")]
    .filter(e => e.offsetParent).map(e => e.innerText.trim())"""
"""Places that hold words of the program, not names or titles."""


def pictures() -> Path | None:
    """Where screenshots go: HECHUAN_SCREENSHOTS. Without it none are made; they take half of a journey's time."""
    if not (named := os.environ.get("HECHUAN_SCREENSHOTS")):
        return None
    path = Path(named)
    path.mkdir(parents=True, exist_ok=True)
    return path


EVERYTHING = bool(pictures()) or os.environ.get("HECHUAN_LOOK") == "all"


class Walker:
    """One persona in a browser profile of their own. `look` is the examination every page has to pass."""

    looked = 0

    def __init__(
        self, browser: Browser, address: str, subject: str = "", password: str = "", **options: object
    ) -> None:
        self.address, self.subject = address, subject
        self.context = room(browser, address, **options)  # type: ignore[arg-type]
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(PATIENCE)
        self.page.on("dialog", lambda dialog: dialog.accept())
        self.said = overheard(self.page)
        if subject:
            self.sign_in(password)

    def sign_in(self, password: str) -> None:
        """Through the provider's own pages: the name, then the password."""
        page = self.page
        page.goto(f"{self.address}/sign-in?next=/")
        assert not page.url.startswith(self.address), "the provider's page was expected"
        page.fill("input[name=login]", self.subject)
        if not page.locator("input[name=password]").count():
            page.locator("form button[type=submit], form input[type=submit]").last.click()
        page.fill("input[name=password]", password)
        page.locator("form button[type=submit], form input[type=submit]").last.click()
        page.wait_for_url(f"{self.address}/**")

    def open(self, path: str) -> Page:
        self.page.goto(path if path.startswith("http") else self.address + path)
        return self.page

    def menu(self, group: str) -> None:
        """An entry of the main menu; waits for its page, also where one is on that page already."""
        with self.page.expect_navigation():
            self.page.locator("#menu").get_by_role("link", name=group, exact=True).click()

    def press(self, name: str, inside: Locator | None = None) -> None:
        """A button by its words; waits for the page that follows."""
        button = (inside or self.page.locator("main")).get_by_role("button", name=name, exact=True).first
        # Not wait_for_function: it evaluates text in the page at each look, which our content policy forbids.
        with self.page.expect_navigation():
            button.click()

    def follow(self, name: str) -> None:
        """A link of the page's content by its words."""
        with self.page.expect_navigation():
            self.page.locator("main").get_by_role("link", name=name).first.click()

    def task(self, words: str) -> None:
        """An entry of the worklist by part of its words."""
        with self.page.expect_navigation():
            self.page.locator(".worklist").get_by_role("link", name=words).first.click()

    def told(self, words: str) -> None:
        """The notice that follows what was done."""
        expect(self.page.locator("#notices")).to_contain_text(words)

    def until(self, locate: str, words: str, present: bool = True, seconds: float = 20) -> None:
        """Reload until the place holds the words (or no longer does): a fact may still be on its way."""
        deadline = time.monotonic() + seconds
        while (words in " ".join(self.page.locator(locate).all_inner_texts())) is not present:
            assert time.monotonic() < deadline, f"{words!r} {'never came to' if present else 'stayed in'} {locate}"
            self.page.wait_for_timeout(150)
            self.page.reload()

    # -- the examination ----------------------------------------------------------------------------------------------

    def look(self, name: str, *, chinese: bool = True, narrow: bool = False, codes: bool = False) -> None:
        """One h1, no serious axe violation, nothing said by scripts, nothing wider than the window; kept as a picture.

        With `chinese` the same address is looked at in Chinese too (not for a page that answered a form). Chinese and
        narrow only where HECHUAN_SCREENSHOTS or HECHUAN_LOOK=all asks for it: they double a journey's time. `codes`: a
        page that shows the program's own names on purpose.
        """
        self._examine(name, "en", 1280, codes)
        if not EVERYTHING:
            return
        if narrow:
            with self._width(360):
                self._examine(name, "en", 360, codes)
        if chinese:
            with self._language("zh"):
                self._examine(name, "zh", 1280, codes)
                if narrow:
                    with self._width(360):
                        self._examine(name, "zh", 360, codes)

    def _examine(self, name: str, language: str, width: int, codes: bool) -> None:
        page = self.page
        page.wait_for_load_state()
        if page.locator("[data-chart]").count():
            page.wait_for_selector("[data-chart] canvas")
        kind = f"{name}.{language}.{width}"
        if folder := pictures():
            page.screenshot(path=folder / f"{kind}.png", full_page=True)
        Walker.looked += 1
        where = f"{kind} at {page.url}"
        expect(page.locator("h1"), where).to_have_count(1)
        assert page.locator("html").get_attribute("lang") == {"en": "en", "zh": "zh-Hans"}[language], where
        if language == "en":  # the words change, the structure does not
            found = violations(page, SERIOUS)
            assert found == [], f"{found} on {where}"
        assert overflow(page) <= 0, where
        assert self.said == [], where
        text = page.locator("body").inner_text()
        assert codes or not CODES.search(text), f"{CODES.search(text)} on {where}"
        if language == "zh":
            words: list[str] = page.evaluate(HEADINGS)
            foreign = [w for w in words if LETTERS.search(w) and not HAN.search(w) and not PAPER.fullmatch(w)]
            bare = [w for w in foreign if w not in UNTRANSLATED]
            assert bare == [], f"{bare} in English on {where}"

    @contextmanager
    def _language(self, code: str) -> Iterator[None]:
        address = self.page.url
        self._cookie(code)
        self.page.goto(address)
        yield
        self._cookie("en")
        self.page.goto(address)

    def _cookie(self, code: str) -> None:
        self.context.add_cookies([{"name": "lang", "value": code, "url": self.address}])

    @contextmanager
    def _width(self, pixels: int) -> Iterator[None]:
        before = self.page.viewport_size
        assert before
        self.page.set_viewport_size({"width": pixels, "height": 800})
        yield
        self.page.set_viewport_size(before)
