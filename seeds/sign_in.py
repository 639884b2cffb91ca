"""Sign in as a person without a browser: follow the redirects and fill in the provider's forms over HTTP."""

import time
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import httpx

MAX_STEPS = 20


class SignInRefused(Exception):
    """The platform or its provider did not let the person in; the message says where it stopped."""


class ProviderBusy(SignInRefused):
    """The platform says that its provider does not answer now."""


class _Forms(HTMLParser):
    """The forms of a page: action, method, fields with their values, and buttons."""

    def __init__(self) -> None:
        super().__init__()
        self.forms: list[dict[str, dict[str, str] | str]] = []
        self._open: dict[str, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open = {}
            self.forms.append(
                {"action": given.get("action", ""), "method": given.get("method", "get").lower(), "fields": self._open}
            )
        elif self._open is not None and tag in ("input", "button") and given.get("name"):
            kind = given.get("type", "text" if tag == "input" else "submit")
            if kind in ("checkbox", "radio") and "checked" not in given:
                return
            if kind == "submit" and given["name"] in self._open:
                return
            self._open[given["name"]] = given.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None


def sign_in(base_url: str, user: str, password: str, *, timeout: float = 30.0) -> httpx.Client:
    """A client that holds the person's session, its `base_url` set, to be used in a `with`.

    It sends the `Origin` that the platform asks of browsers with unsafe requests. Raises SignInRefused.
    """
    base_url = base_url.rstrip("/")
    try:
        cookies = _walk(base_url, {"login": user, "password": password}, timeout)
    except ProviderBusy:
        # The embedded provider gives a person one token a second and answers a second sign-in in it with an error.
        time.sleep(1.1)
        cookies = _walk(base_url, {"login": user, "password": password}, timeout)
    return httpx.Client(
        base_url=base_url, timeout=timeout, trust_env=False, headers={"Origin": base_url}, cookies=cookies
    )


def _walk(base_url: str, answers: dict[str, str], timeout: float) -> httpx.Cookies:
    platform = urlsplit(base_url).netloc
    filled: set[str] = set()
    with httpx.Client(base_url=base_url, timeout=timeout, trust_env=False) as visitor:
        answer = visitor.get("/sign-in", params={"next": "/me"})
        for _ in range(MAX_STEPS):
            if answer.is_redirect:
                answer = visitor.get(urljoin(str(answer.url), answer.headers["location"]))
                continue
            where = answer.url.copy_with(query=None)
            if answer.status_code >= 400:
                kind = ProviderBusy if answer.status_code == 503 else SignInRefused
                raise kind(f"{where} answered {answer.status_code}.")
            if answer.url.netloc.decode() != platform:
                answer = _fill(visitor, answer, answers, filled)
            elif answer.url.path == "/me":
                return visitor.cookies
            else:
                raise SignInRefused(f"The platform stopped at {where}.")
    raise SignInRefused("The sign-in went round in circles.")


def _fill(client: httpx.Client, page: httpx.Response, answers: dict[str, str], filled: set[str]) -> httpx.Response:
    """Send the form on a provider's page that asks for something we know."""
    parser = _Forms()
    parser.feed(page.text)
    for form in parser.forms:
        fields = form["fields"]
        assert isinstance(fields, dict)
        known = answers.keys() & fields.keys()
        if form["method"] != "post" or not known:
            continue
        if known <= filled:
            raise SignInRefused(f"The provider does not accept the {' and '.join(sorted(known))} given.")
        filled |= known
        sent = fields | {name: answers[name] for name in known}
        action = urljoin(str(page.url), str(form["action"]) or str(page.url))
        return client.post(action, data=sent, headers={"Referer": str(page.url), "Origin": _origin(str(page.url))})
    raise SignInRefused(f"{page.url.copy_with(query=None)} shows no form that asks for a name or a password.")


def _origin(address: str) -> str:
    parts = urlsplit(address)
    return f"{parts.scheme}://{parts.netloc}"
