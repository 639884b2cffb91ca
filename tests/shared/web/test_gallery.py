"""Every macro of the frame, drawn in both languages."""

import re

import httpx
import pytest

from shared.web.i18n import ROOT
from shared.web.pages import SHARED_TEMPLATES
from tests.shared.web.page import faults

pytestmark = pytest.mark.anyio
PAGES = ["home", "list", "list?empty=1", "list?q=nothing", "detail", "form", "decision", "empty", "error/403", "error/404", "error/409", "error/500", "error/503", "list?visitor=1", "error/401?visitor=1"]  # fmt: skip  # noqa: E501
WRONG = {"title": "abc", "months": "1,2x", "budget-amount": "1,200.505", "budget-currency": "CNY", "holders-1-organisation": "a", "holders-1-share": "2", "regions": ["sichuan", "chongqing"]}  # fmt: skip  # noqa: E501


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("page", PAGES)
async def test_a_page_is_sound(visitor: httpx.AsyncClient, page: str, language: str) -> None:
    answer = await visitor.get(f"/gallery/{page}", headers={"Accept-Language": language})
    assert faults(answer.text) == []
    assert answer.headers["Content-Language"] == {"en": "en", "zh": "zh-Hans"}[language]
    assert f'<html lang="{answer.headers["Content-Language"]}"' in answer.text


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_refused_and_stale_forms_are_sound(visitor: httpx.AsyncClient, language: str) -> None:
    for path, status in (("form", 422), ("stale", 412)):
        answer = await visitor.post(f"/gallery/{path}", data=WRONG, headers={"Accept-Language": language})
        assert answer.status_code == status
        assert faults(answer.text) == []


async def test_the_gallery_shows_every_macro() -> None:
    gallery = "".join(p.read_text() for p in ROOT.glob("tests/shared/web/gallery/templates/*"))
    frame = "".join(p.read_text() for p in SHARED_TEMPLATES.rglob("*.html"))
    macros = re.findall(r"{% macro (\w+)\(", frame)
    assert len(macros) > 40
    unseen = [name for name in macros if not re.search(rf"\b{name}\(", gallery + re.sub(r"{% macro \w+\(", "", frame))]
    assert unseen == []


async def test_a_refused_form_keeps_what_was_typed_and_says_what_to_do(visitor: httpx.AsyncClient) -> None:
    html = (await visitor.post("/gallery/form", data={**WRONG, "version": "4"})).text
    assert 'value="1,200.505"' in html
    assert 'value="1,2x"' in html
    assert html.count("checked") == 2
    assert '<a href="#f-title">Title</a>: Write at least 5 characters.' in html
    assert '<a href="#f-holders-1-share">Share, row 1</a>: A share lies between 0 and 1.' in html
    assert 'id="f-budget-error"' in html
    assert '<input type="hidden" name="version" value="4">' in html


async def test_refusals_speak_chinese(visitor: httpx.AsyncClient) -> None:
    html = (await visitor.post("/gallery/form", data=WRONG, headers={"Accept-Language": "zh-CN,en;q=0.5"})).text
    assert "至少填写 5 个字。" in html
    assert "份额应在 0 与 1 之间。" in html


async def test_a_stale_form_shows_both_versions_and_both_ways_on(visitor: httpx.AsyncClient) -> None:
    html = (await visitor.post("/gallery/stale", data={"title": "Mine <b>", "months": "24", "version": "4"})).text
    assert "Mine &lt;b&gt;" in html
    assert "Bearings, revised" in html
    assert html.count('class="differs"') == 2  # title and budget; the duration is the same
    assert '<input type="hidden" name="version" value="5">' in html
    assert 'href="/gallery/detail"' in html


async def test_htmx_gets_only_the_part_it_asked_for(visitor: httpx.AsyncClient) -> None:
    part = await visitor.get("/gallery/list?q=bearings", headers={"HX-Request": "true"})
    assert "<html" not in part.text
    assert "High-temperature composite bearings" in part.text
    assert "HX-Request" in part.headers["Vary"]
    whole = await visitor.get("/gallery/list", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in whole.text


async def test_a_notice_is_shown_once(visitor: httpx.AsyncClient) -> None:
    good = {"title": "Composite bearings", "field": "energy", "partner": "p3", "blindness": "double", "budget-amount": "１，200", "budget-currency": "CNY", "months": "12", "opens": "2026-03-01", "closes_at": "2026-04-01T17:00"}  # fmt: skip  # noqa: E501
    answer = await visitor.post("/gallery/form", data=good)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/gallery/list")
    assert "The draft is saved." in (await visitor.get("/gallery/list")).text
    assert "The draft is saved." not in (await visitor.get("/gallery/list")).text


async def test_a_forged_notice_says_nothing(visitor: httpx.AsyncClient) -> None:
    for forged in ("x", "WyJldmlsIiwgIng iXQ", "W10="):
        visitor.cookies.set("notice", forged)
        assert (await visitor.get("/gallery/list")).status_code == 200


async def test_a_visitor_sees_only_public_entries_of_the_menu(visitor: httpx.AsyncClient) -> None:
    html = (await visitor.get("/gallery/list?visitor=1")).text
    assert 'href="/projects/calls"' in html
    assert 'href="/audit"' not in html
    assert 'action="/sign-out"' not in html
    assert 'href="/sign-in?next=' in html
