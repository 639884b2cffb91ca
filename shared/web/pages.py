"""Pages for people: one Jinja environment per service over its features' templates and the shared frame."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode
from uuid import uuid4

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined, TemplateNotFound
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse

from shared.kernel.actor import Actor
from shared.kernel.clock import Clock, system_clock
from shared.kernel.errors import Problem
from shared.kernel.regions import NAMES
from shared.web import formats, i18n, words
from shared.web.error_words import error_words
from shared.web.forms import DRAWN, StalePage
from shared.web.guard import trace_id
from shared.web.icons import icon
from shared.web.navigation import ACTING_URL, SEARCH_URL, menu
from shared.web.sentences import named, said
from shared.web.static_files import static

SHARED_TEMPLATES = Path(__file__).parent / "templates"
NOTICE_COOKIE = "notice"
PHRASES = frozenset(status.phrase for status in HTTPStatus)
NOTICE_SECONDS = 120


class FeatureLoader(BaseLoader):
    """`calls/list.html` is `<service>/calls/templates/list.html`; `frame/…` and `macros/…` are the frame's."""

    def __init__(self, service_dir: Path | None) -> None:
        self.service_dir = service_dir
        self.shared = FileSystemLoader(SHARED_TEMPLATES)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        feature, _slash, name = template.partition("/")
        if feature in ("frame", "macros"):
            return self.shared.get_source(environment, template)
        if self.service_dir is None or not name or ".." in template.split("/"):
            raise TemplateNotFound(template)
        path = self.service_dir / feature / "templates" / name
        if not path.is_file():
            raise TemplateNotFound(template)
        changed = path.stat().st_mtime
        return path.read_text("utf-8"), str(path), lambda: path.is_file() and path.stat().st_mtime == changed


def url(path: str, *segments: object, **query: object) -> str:
    """An address on the platform: segments are quoted, query values that are None or empty are left out."""
    address = path.rstrip("/") if segments else path
    for segment in segments:
        address += "/" + quote(str(segment), safe="")
    pairs = [(name, value) for name, value in query.items() if value is not None and value != ""]
    return address + (f"?{urlencode(pairs, doseq=True)}" if pairs else "")


def actor_of(request: Request) -> Actor | None:
    """Who is acting, as the identity middleware left it in `request.state.actor`; None for a visitor."""
    actor = getattr(request.state, "actor", None)
    return actor if isinstance(actor, Actor) and actor.subject else None


def redirect(address: str, *, notice: str = "", tone: str = "success") -> RedirectResponse:
    """On to a page of the platform after a POST (303), with a message that the next page shows once.

    Raises ValueError for an address that is not a path of the platform.
    """
    if not address.startswith("/") or address[1:2] in ("/", "\\"):
        raise ValueError(f"a redirect stays on the platform, so it cannot lead to {address!r}")
    response = RedirectResponse(address, status_code=303)
    if notice:
        packed = urlsafe_b64encode(json.dumps([tone, str(notice)[:600]]).encode()).decode()
        response.set_cookie(NOTICE_COOKIE, packed, max_age=NOTICE_SECONDS, httponly=True, samesite="lax")
    return response


def _notice(request: Request) -> tuple[str, str] | None:
    packed = request.cookies.get(NOTICE_COOKIE)
    if not packed:
        return None
    try:
        tone, text = json.loads(urlsafe_b64decode(packed))
    except (NotBase64, ValueError, TypeError):
        return None  # a cookie that we did not write says nothing
    return (str(tone), str(text)) if tone in words.TONES else None


def _place(request: Request) -> str:
    """Where the visitor is, to come back to after a change of language: for a posted form, the page it stood on."""
    path, query = request.url.path, request.url.query
    if request.method not in ("GET", "HEAD"):
        host, _slash, rest = request.headers.get("referer", "").partition("://")[2].partition("/")
        if host != request.headers.get("host", ""):
            return "/"
        path, _mark, query = rest.partition("?")
    # One leading slash only: //host would lead to another site.
    return "/" + path.lstrip("/\\") + (f"?{query}" if query else "")


def _elsewise(place: str, **changed: str) -> str:
    path, _mark, query = place.partition("?")
    return f"{path}?{query + '&' if query else ''}{urlencode(changed)}"


class Pages:
    """The pages of one service."""

    def __init__(
        self,
        service_dir: Path | None = None,
        *,
        actor: Callable[[Request], Actor | None] = actor_of,
        notices: Callable[[Request], int] | None = None,
        now: Clock = system_clock,
    ) -> None:
        self.actor = actor
        self.notices = notices
        self.now = now
        self.environment = Environment(
            loader=FeatureLoader(service_dir),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            extensions=["jinja2.ext.do", "jinja2.ext.loopcontrols"],
        )
        words_and_formats: dict[str, Any] = {
            **formats.FILTERS,
            "ago": lambda value: formats.ago(value, self.now()),
            "role_word": words.role_word,
            "label_word": words.label_word,
            "sector_word": words.sector_word,
            "outcome_word": words.outcome_word,
            "region_word": words.region_word,
            "said": said,
            "named": named,
        }
        self.environment.filters |= {**words_and_formats, "json_block": json_block, "initials": initials}
        self.environment.globals |= {
            **words_and_formats,
            "_": i18n._,
            "ngettext": i18n.ngettext,
            "url": url,
            "static": static,
            "icon": icon,
            "new_key": lambda: str(uuid4()),
            "zone_name": formats.zone_name,
            "SEARCH_URL": SEARCH_URL,
            "ACTING_URL": ACTING_URL,
            "REGIONS": tuple(NAMES),
            "bilingual": words.bilingual,
        }

    def render(
        self,
        request: Request,
        name: str,
        *,
        status: int = 200,
        fragment: str | None = None,
        headers: Mapping[str, str] | None = None,
        **context: Any,
    ) -> HTMLResponse:
        """The page, or only its block `fragment` when htmx asks for a part of it."""
        htmx = request.headers.get("hx-request") == "true" and "hx-history-restore-request" not in request.headers
        partly = fragment is not None and htmx
        notice = None if partly else _notice(request)
        place = _place(request)
        code = i18n.language()
        actor = self.actor(request)
        theme = getattr(request.state, "theme", "")
        frame_context = {
            "request": request,
            "actor": actor,
            "language": code,
            "html_language": i18n.HTML_LANGUAGES[code],
            "other_languages": [
                (i18n.HTML_LANGUAGES[other], word, _elsewise(place, lang=other))
                for other, word in i18n.LANGUAGES.items()
                if other != code
            ],
            "theme": theme,
            "theme_url": _elsewise(place, theme="light" if theme == "dark" else "dark"),
            "place": place,
            "navigation": menu(actor, request.url.path),
            "notice": notice,
            "unread": self.notices(request) if self.notices and actor and not partly else None,
            "trace_id": trace_id.get(),
            "now": self.now(),
            "frame": "frame/fragment.html" if partly else "frame/layout.html",
            "fragment": fragment,
        }
        DRAWN.set({})
        html = self.environment.get_template(name).render({**frame_context, **context})
        response = HTMLResponse(html, status_code=status, headers=dict(headers or {}))
        if fragment is not None:
            response.headers.append("Vary", "HX-Request")
        if notice:
            response.delete_cookie(NOTICE_COOKIE, httponly=True, samesite="lax")
        return response

    def error(
        self,
        request: Request,
        status: int,
        *,
        title: i18n.Text = "",
        detail: i18n.Text = "",
        errors: Sequence[Mapping[str, str]] = (),
    ) -> HTMLResponse:
        """A page that says what happened, why, what to do next, and the trace number to tell the operators."""
        general = error_words(status)
        return self.render(
            request,
            "frame/error.html",
            status=status,
            error_title=title or general.title,
            error_detail=detail or general.why,
            error_advice=general.advice,
            error_status=status,
            errors=list(errors),
        )

    def problem(self, request: Request, problem: Problem) -> HTMLResponse:
        """The page for a refusal of the kernel's kind."""
        return self.error(
            request,
            problem.status,
            title=said(problem.title) if problem.title not in PHRASES else "",
            # The bare phrase of the protocol says no more than the page does by itself.
            detail=said(problem.detail) if problem.detail not in PHRASES else "",
            errors=[{**error, "detail": said(error.get("detail", ""))} for error in problem.errors],
        )

    def stale(self, request: Request, stale: StalePage) -> HTMLResponse:
        """The page for a form that somebody else saved first: both versions, and both ways on."""
        return self.render(request, "frame/stale.html", status=412, stale=stale)


def json_block(value: Any) -> Markup:
    """JSON that is safe inside a `script type="application/json"` block."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return Markup(text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026"))  # noqa: S704


def initials(name: str) -> str:
    """One or two letters of a name: first and last word, or the first character of a Chinese name."""
    parts = [part for part in name.split() if part]
    if not parts:
        return "?"
    if ord(parts[0][0]) >= 0x2E80:
        return parts[0][0]
    return (parts[0][0] + (parts[-1][0] if len(parts) > 1 else "")).upper()
