"""The guards in front of every page."""

import httpx
import pytest

from shared.web.guard import SameOrigin, SecurityHeaders
from shared.web.pages import redirect, url
from shared.web.preferences import accepted_language

pytestmark = pytest.mark.anyio
COOKIE = {"Cookie": "session=1"}


@pytest.mark.parametrize(
    ("headers", "admitted"),
    [
        ({"Sec-Fetch-Site": "same-origin", **COOKIE}, True),
        ({"Sec-Fetch-Site": "none", **COOKIE}, True),
        ({"Sec-Fetch-Site": "same-site", **COOKIE}, False),
        ({"Sec-Fetch-Site": "cross-site", **COOKIE}, False),
        ({"Sec-Fetch-Site": "cross-site"}, False),
        ({"Sec-Fetch-Site": "cross-site", "Origin": "http://gallery.test", **COOKIE}, False),
        ({"Origin": "http://gallery.test", **COOKIE}, True),
        ({"Origin": "https://evil.test", **COOKIE}, False),
        ({"Origin": "null", **COOKIE}, False),
        ({"Origin": "http://[", **COOKIE}, False),
        ({"Origin": "", **COOKIE}, False),
        ({"Origin": "http://gallery.test.evil.test", **COOKIE}, False),
        (COOKIE, False),
        ({}, True),
        ({"Authorization": "Bearer abc"}, True),
        ({"Authorization": "Bearer abc", "Sec-Fetch-Site": "cross-site", **COOKIE}, False),
    ],
)
async def test_only_the_visitors_own_posts_are_admitted(
    visitor: httpx.AsyncClient, headers: dict[str, str], admitted: bool
) -> None:
    answer = await visitor.post("/gallery/form", headers=headers)
    assert (answer.status_code != 403) is admitted
    assert (await visitor.get("/gallery/list", headers=headers)).status_code == 200
    if not admitted:
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert answer.headers["X-Trace-Id"]


def test_other_origins_of_the_platform_can_be_named() -> None:
    guard = SameOrigin(lambda *_: None, origins=["https://hechuan.example/"])  # type: ignore[arg-type]
    scope = {"type": "http", "method": "POST", "headers": [(b"origin", b"https://hechuan.example"), (b"cookie", b"a")]}
    assert guard.admits(scope)


async def test_every_answer_carries_the_headers(visitor: httpx.AsyncClient) -> None:
    for path in ("/gallery/list", "/static/app.css", "/nothing"):
        headers = (await visitor.get(path)).headers
        assert "script-src 'self';" in headers["Content-Security-Policy"]
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert len(headers["X-Trace-Id"]) == 32
    assert (await visitor.get("/gallery/list")).headers["Cache-Control"] == "no-store"


async def test_pages_are_not_kept_but_the_answer_to_a_refused_form_is_for_the_way_back(
    visitor: httpx.AsyncClient,
) -> None:
    refused = await visitor.post("/gallery/form", data={"title": "abc"})
    assert refused.status_code == 422
    assert refused.headers["Cache-Control"] == "private, no-cache"
    assert (await visitor.get("/gallery/error/409")).headers["Cache-Control"] == "no-store"


def test_a_form_may_lead_to_the_sign_in_provider() -> None:
    guard = SecurityHeaders(lambda *_: None, form_targets=["https://id.example"])  # type: ignore[arg-type]
    assert dict(guard.headers)[b"content-security-policy"].endswith(b"form-action 'self' https://id.example")


async def test_the_callers_trace_is_kept(visitor: httpx.AsyncClient) -> None:
    number = "4bf92f3577b34da6a3ce929d0e0e4736"
    answer = await visitor.get("/gallery/error/503", headers={"traceparent": f"00-{number}-00f067aa0ba902b7-01"})
    assert answer.headers["X-Trace-Id"] == number
    assert number in answer.text
    forged = await visitor.get("/gallery/list", headers={"traceparent": "00-<script>-1-01"})
    assert "<script>" not in forged.headers["X-Trace-Id"]


async def test_a_change_of_language_keeps_the_place(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/gallery/list?q=a&lang=zh&state=open", headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/gallery/list?q=a&state=open"
    assert "全部" in (await visitor.get("/gallery/list?q=a", headers={"Accept-Language": "en"})).text


async def test_a_change_of_language_never_leaves_the_platform(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("http://gallery.test//evil.test/?lang=zh", headers={"Accept": "text/html"})
    assert answer.headers["Location"].startswith("/evil.test")


@pytest.mark.parametrize("path", ["//evil.test/x", "/\\evil.test/x", "///evil.test/x"])
async def test_no_link_of_the_frame_leaves_the_platform(visitor: httpx.AsyncClient, path: str) -> None:
    html = (await visitor.post("/gallery/form", headers={"Referer": f"http://gallery.test{path}"})).text
    assert html.count('"/evil.test/x') >= 3
    assert f'"{path}' not in html


async def test_an_unknown_language_is_ignored(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/gallery/list?lang=xx", headers={"Accept": "text/html", "Cookie": "lang=xx; theme=red"})
    assert answer.status_code == 200
    assert '<html lang="en" data-echarts' in answer.text


@pytest.mark.parametrize(
    ("header", "code"),
    [("", "en"), ("zh-CN,zh;q=0.9,en;q=0.8", "zh"), ("fr, en;q=0.3, zh;q=0.7", "zh"), ("de", "en"), ("zh;q=x, en;q=0.1", "en")],  # noqa: E501
)  # fmt: skip
def test_the_browsers_wish_is_heard(header: str, code: str) -> None:
    assert accepted_language(header) == code


async def test_static_files_are_kept_by_their_hash(visitor: httpx.AsyncClient) -> None:
    import re

    html = (await visitor.get("/gallery/list")).text
    addresses = set(re.findall(r'(?:href|src|data-echarts|data-charts)="(/static/[^"#]+)', html))
    assert len(addresses) >= 7
    for address in addresses:
        answer = await visitor.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]
        again = await visitor.get(address, headers={"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    assert "immutable" not in (await visitor.get("/static/app.css?v=0")).headers["Cache-Control"]


@pytest.mark.parametrize(
    "name",
    [
        "../pages.py",
        "..%2fpages.py",
        "%2e%2e/pages.py",
        "vendor/../../package.json",
        "/etc/passwd",
        "a%00b",
        "",
        "a" * 300,
        "a/" * 3000,
    ],
)
async def test_only_static_files_are_served(visitor: httpx.AsyncClient, name: str) -> None:
    assert (await visitor.get(f"/static/{name}")).status_code == 404


async def test_the_first_load_is_light(visitor: httpx.AsyncClient) -> None:
    html = await visitor.get("/gallery/list")
    total = len(html.content)
    for name in ("vendor/tabler.min.css", "app.css", "theme.js", "app.js", "vendor/htmx.min.js", "icons.svg"):
        async with visitor.stream("GET", f"/static/{name}", headers={"Accept-Encoding": "gzip"}) as answer:
            total += int(answer.headers["Content-Length"])
    assert total <= 250_000


@pytest.mark.parametrize("address", ["https://evil.test", "//evil.test", "/\\evil.test", "evil"])
def test_a_redirect_stays_on_the_platform(address: str) -> None:
    with pytest.raises(ValueError, match="stays on the platform"):
        redirect(address)


def test_addresses_are_quoted() -> None:
    assert (
        url("/catalog/people", "a/b ?", q="x&y", none=None, tag=["1", "2"])
        == "/catalog/people/a%2Fb%20%3F?q=x%26y&tag=1&tag=2"
    )
