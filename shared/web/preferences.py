"""The visitor's language and theme: from the address, else the cookie, else what the browser asks for."""

from urllib.parse import parse_qsl, urlencode

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from shared.web.i18n import HTML_LANGUAGES, LANGUAGES, set_language

THEMES = ("light", "dark")
YEAR = 365 * 24 * 3600


def accepted_language(header: str) -> str:
    """The language of ours that an Accept-Language header prefers; English when it names none."""
    weighted: list[tuple[float, int, str]] = []
    for position, part in enumerate(header.split(",")[:20]):
        tag, _sep, parameter = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if primary not in LANGUAGES:
            continue
        try:
            weight = float(parameter.strip().removeprefix("q=")) if parameter else 1.0
        except ValueError:
            continue
        weighted.append((-weight, position, primary))
    return min(weighted)[2] if weighted else "en"


class Preferences:
    """Sets the language of each request. `?lang=` and `?theme=` on a page are kept in a cookie, and the visitor is
    led back to the same place without them."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope)
        query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
        chosen = {
            name: value
            for name, value in query
            if (name == "lang" and value in LANGUAGES) or (name == "theme" and value in THEMES)
        }
        if chosen and scope["method"] == "GET" and "text/html" in Headers(scope=scope).get("accept", ""):
            rest = urlencode([(name, value) for name, value in query if name not in ("lang", "theme")])
            # One leading slash only: //host would lead to another site.
            path = "/" + request.url.path.lstrip("/\\")
            response = RedirectResponse(path + (f"?{rest}" if rest else ""), status_code=303)
            for name, value in chosen.items():
                secure = scope.get("scheme") == "https"
                response.set_cookie(name, value, max_age=YEAR, samesite="lax", path="/", secure=secure)
            await response(scope, receive, send)
            return
        cookie = request.cookies.get("lang", "")
        language = chosen.get("lang") or (cookie if cookie in LANGUAGES else "")
        language = language or accepted_language(request.headers.get("accept-language", ""))
        set_language(language)
        theme = request.cookies.get("theme", "")
        scope.setdefault("state", {})["theme"] = theme if theme in THEMES else ""

        async def in_language(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = message.setdefault("headers", [])
                if not any(name.lower() == b"content-language" for name, _value in headers):
                    headers.append((b"content-language", HTML_LANGUAGES[language].encode()))
            await send(message)

        await self.app(scope, receive, in_language)
