"""The gallery in Chromium: no axe violation, no script error, nothing wider than a phone, all of it by keyboard."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Browser, Dialog, Page, Route, expect

from tests.kit.browser import chromium, overheard, room, violations

pytestmark = pytest.mark.browser
NAMES = ["home", "list", "list?empty=1", "detail", "form", "decision", "error/404"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Closed with this module: its loop must not be the one that other tests find running."""
    with chromium() as launched:
        yield launched


def opened(browser: Browser, address: str, *, language: str = "en", theme: str = "light", width: int = 1280) -> Page:
    return room(browser, address, language=language, theme=theme, width=width).new_page()


@pytest.mark.parametrize(
    ("language", "theme", "width"),
    [("en", "light", 1280), ("zh", "dark", 360)],
)
def test_pages_are_accessible_quiet_and_narrow(
    browser: Browser, gallery_address: str, tmp_path: Path, language: str, theme: str, width: int
) -> None:
    page = opened(browser, gallery_address, language=language, theme=theme, width=width)
    said = overheard(page)
    for name in NAMES:
        page.goto(f"{gallery_address}/gallery/{name}")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert violations(page) == [], name
    assert said == []
    page.context.close()


def test_a_refused_form_leads_to_the_first_fault(browser: Browser, gallery_address: str) -> None:
    page = opened(browser, gallery_address)
    page.goto(f"{gallery_address}/gallery/form")
    page.fill("#f-title", "abc")
    page.click(".form-end button")
    page.wait_for_selector(".error-summary")
    assert page.evaluate("document.activeElement.classList.contains('error-summary')")
    assert page.input_value("#f-title") == "abc"
    page.click(".error-summary a[href='#f-title']")
    assert page.evaluate("document.activeElement.id") == "f-title"
    assert violations(page) == []
    page.context.close()


def test_back_leads_to_the_refused_form_and_not_to_an_error_of_the_browser(
    browser: Browser, gallery_address: str
) -> None:
    page = opened(browser, gallery_address)
    page.goto(f"{gallery_address}/gallery/form")
    page.fill("#f-title", "abc")
    page.click(".form-end button")
    page.wait_for_selector(".error-summary")
    page.goto(f"{gallery_address}/gallery/list")
    page.go_back()
    assert page.url.endswith("/gallery/form")
    assert page.locator(".error-summary").is_visible()
    assert page.input_value("#f-title") == "abc"
    page.context.close()


def test_words_typed_while_the_form_saves_itself_are_saved_before_another_language(
    browser: Browser, gallery_address: str
) -> None:
    page = opened(browser, gallery_address)
    page.goto(f"{gallery_address}/gallery/form")
    under_way: list[Route] = []
    asked: list[str] = []

    def hold(route: Route) -> None:
        if "x-autosave" in route.request.headers:
            under_way.append(route)
        else:
            route.continue_()

    def accept(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.accept()

    def title_saved() -> str:
        return parse_qs(under_way[-1].request.post_data or "")["title"][0]

    page.on("dialog", accept)
    page.route("**/gallery/form", hold)
    with page.expect_request("**/gallery/form"):
        page.fill("#f-title", "first words")
    page.fill("#f-title", "first words, last words")
    page.click("a[hreflang='zh-Hans']")
    assert title_saved() == "first words"
    with page.expect_request("**/gallery/form"):
        under_way[-1].fulfill(status=204, headers={"X-Version": "5"})
    expect(page.locator("input[name=version]")).to_have_value("5")
    assert (title_saved(), page.locator("html").get_attribute("lang")) == ("first words, last words", "en")
    with page.expect_navigation():
        under_way[-1].fulfill(status=204, headers={"X-Version": "6"})
    assert (len(under_way), asked, page.locator("html").get_attribute("lang")) == (2, [], "zh-Hans")
    page.context.close()


def test_a_table_wider_than_a_phone_says_that_it_scrolls(browser: Browser, gallery_address: str) -> None:
    page = opened(browser, gallery_address, width=360)
    page.goto(f"{gallery_address}/gallery/list")
    assert page.locator(".scroll-hint").first.is_visible()
    assert "scroll the table sideways" in page.locator(".scroll-hint").first.inner_text()
    assert page.locator(".table-scroll").first.evaluate("e => getComputedStyle(e).backgroundImage") != "none"
    page.set_viewport_size({"width": 1280, "height": 800})
    expect(page.locator(".scroll-hint:visible")).to_have_count(0)
    page.context.close()


def test_a_long_choice_is_searched_by_any_word_and_by_keyboard_alone(browser: Browser, gallery_address: str) -> None:
    page = opened(browser, gallery_address)
    said = overheard(page)
    page.goto(f"{gallery_address}/gallery/form")
    page.click(".form-end button")
    page.click(".error-summary a[href='#f-partner']")
    field = page.get_by_role("combobox", name="Partner")
    found = page.locator("#f-partner + input + .picker-pop")
    expect(field).to_be_focused()
    assert field.get_attribute("aria-invalid") == "true"
    page.keyboard.type("works zurich")
    expect(found.get_by_role("status")).to_have_text("1 of 32")
    expect(found.get_by_role("option")).to_have_text(["Zürich Test Works"])
    assert violations(page) == []
    page.keyboard.press("Enter")
    assert (field.input_value(), page.input_value("#f-partner")) == ("Zürich Test Works", "p14")
    page.keyboard.press("ArrowDown")
    assert "Zürich" in page.locator(f"#{field.get_attribute('aria-activedescendant')}").inner_text()
    page.keyboard.press("End")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert page.input_value("#f-partner") == "p0"
    page.keyboard.type("成都 光学")
    page.keyboard.press("Tab")
    assert page.input_value("#f-partner") == "p3", "one that alone can be meant is chosen on the way out"
    field.fill("nobody")
    expect(found.get_by_role("status")).to_contain_text("Nothing matches")
    page.keyboard.press("Escape")
    assert (field.input_value(), field.get_attribute("aria-expanded")) == ("Chengdu Optics", "false")
    field.fill("")
    page.keyboard.press("Tab")
    assert page.input_value("#f-partner") == "", "a choice that may be left open can be cleared"
    assert said == []
    page.context.close()


def test_long_choices_in_added_rows_and_long_ticks_fit_a_phone(browser: Browser, gallery_address: str) -> None:
    page = opened(browser, gallery_address, theme="dark", width=360)
    said = overheard(page)
    page.goto(f"{gallery_address}/gallery/form")
    page.click("[data-add-row]")
    row = page.locator("[data-rows='holders'] tbody tr").last
    field = row.get_by_role("combobox", name="Through")
    field.fill("leshan uni")
    option = row.get_by_role("option", name="Leshan University")
    box, place = option.bounding_box(), row.locator(".picker-pop").bounding_box()
    assert box is not None
    assert place is not None
    assert min(box["height"], (field.bounding_box() or box)["height"]) >= 44
    assert place["x"] >= 0
    assert place["x"] + place["width"] <= 360
    assert violations(page) == []
    option.click()
    number = row.get_attribute("data-row")
    assert page.input_value(f"#f-holders-{number}-partner") == "p17"
    assert page.input_value("#f-holders-0-partner") == ""
    ticks = page.locator("#f-invited")
    ticks.get_by_label("Yibin Optics").check()
    ticks.get_by_role("searchbox").fill("乐山")
    expect(ticks.get_by_role("status")).to_have_text("4 of 32")
    assert ticks.locator(".tick:visible").count() == 5, "what is ticked stays in sight"
    assert said == []
    page.context.close()


def test_rows_can_be_added_and_the_plot_is_drawn(browser: Browser, gallery_address: str) -> None:
    page = opened(browser, gallery_address)
    page.goto(f"{gallery_address}/gallery/form")
    before = page.locator("[data-rows='holders'] tbody tr").count()
    page.click("[data-add-row]")
    assert page.locator("[data-rows='holders'] tbody tr").count() == before + 1
    assert page.locator(f"#f-holders-{before}-share").count() == 1
    assert page.evaluate(
        "(all => new Set(all.map(e => e.id)).size === all.length)([...document.querySelectorAll('[id]')])"
    )
    page.goto(f"{gallery_address}/gallery/home")
    page.wait_for_selector("[data-chart] canvas")
    page.context.close()


def test_the_keyboard_reaches_search_menu_and_content(browser: Browser, gallery_address: str) -> None:
    page = opened(browser, gallery_address, width=360)
    page.goto(f"{gallery_address}/gallery/list")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**#main")
    page.keyboard.press("/")
    expect(page.locator("#search")).to_be_focused()
    page.focus("[data-menu-toggle]")
    page.keyboard.press("Enter")
    assert page.locator("#menu").is_visible()
    page.keyboard.press("Escape")
    assert page.locator("#menu").is_hidden()
    page.context.close()


def test_everything_works_without_script(browser: Browser, gallery_address: str) -> None:
    context = browser.new_context(java_script_enabled=False, viewport={"width": 360, "height": 800})
    page = context.new_page()
    page.goto(f"{gallery_address}/gallery/list")
    page.click(".burger")
    assert page.locator("#menu").is_visible()
    page.click("[data-menu-close]")
    assert page.locator("#menu").is_hidden()
    page.click("a[hreflang='zh-Hans']")
    assert page.locator("html").get_attribute("lang") == "zh-Hans"
    page.click("[data-theme-toggle]")
    assert page.locator("html").get_attribute("data-bs-theme") == "dark"
    page.fill("#list-q", "bearings")
    page.press("#list-q", "Enter")
    assert page.locator(".list-table tbody tr").count() == 1
    page.goto(f"{gallery_address}/gallery/form")
    page.fill("#f-title", "abc")
    page.click(".form-end button")
    assert page.input_value("#f-title") == "abc"
    assert page.locator(".error-summary li").count() > 4
    page.select_option("#f-partner", label="Chongqing Optics")
    assert page.locator("[role=combobox]").count() == 0
    context.close()


def test_a_search_replaces_the_results_only(browser: Browser, gallery_address: str) -> None:
    page = opened(browser, gallery_address)
    page.goto(f"{gallery_address}/gallery/list")
    page.evaluate("window.stayed = true")
    page.fill("#list-q", "bearings")
    page.press("#list-q", "Enter")
    expect(page.locator(".list-table tbody tr")).to_have_count(1)
    assert page.evaluate("window.stayed")
    assert "q=bearings" in page.url
    page.context.close()
