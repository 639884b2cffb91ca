"""Who walks the round in the browser, what their things are called, and how they wait for them."""

import re

from playwright.sync_api import Browser, Page, expect

from seeds import reference
from tests.journeys.platform import Platform
from tests.journeys.walker import Walker

SUFFIX = " by hand"
CALL = reference.CALL["title"] + SUFFIX
APPLICATION = reference.CONSORTIUM["title"] + SUFFIX
INVENTION = reference.DISCLOSURE["title"] + SUFFIX
ACHIEVEMENT = reference.ACHIEVEMENT["title"] + SUFFIX
NEED = reference.NEED["title"] + SUFFIX


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


def wait_for_text(page: Page, words: str) -> None:
    expect(page.locator("main")).to_contain_text(words)


def at(path: str) -> re.Pattern[str]:
    return re.compile(re.escape(path) + r"/[0-9a-f-]{36}$")
