"""Two languages: the one of this request, its translations, and texts that are translated only when shown.

English texts are the message ids. Chinese stands in `.po` files beside the code that says them; they are read at
the first use, so no compiled catalogue has to be kept in step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations
from markupsafe import escape

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = Path("locale/zh_Hans/LC_MESSAGES/hechuan.po")
LANGUAGES = {"en": "English", "zh": "中文"}
LOCALES = {"en": "en_GB", "zh": "zh_Hans_CN"}
HTML_LANGUAGES = {"en": "en", "zh": "zh-Hans"}

_language: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """The language of this request: `en` or `zh`."""
    return _language.get()


def set_language(code: str) -> None:
    """Choose the language for the rest of this context. Raises ValueError for one the platform does not speak."""
    if code not in LANGUAGES:
        raise ValueError(f"the platform speaks {', '.join(LANGUAGES)}, not {code!r}")
    _language.set(code)


@contextmanager
def speaking(code: str) -> Iterator[None]:
    """One language for a block, such as a letter in the language of its reader."""
    before = language()
    set_language(code)
    try:
        yield
    finally:
        _language.set(before)


def catalogue_files() -> list[Path]:
    """The frame's catalogue first: what it says, a service need not say again."""
    return [ROOT / "shared/web" / CATALOGUE, *sorted(ROOT.glob(f"services/*/{CATALOGUE}"))]


@cache
def catalogues() -> list[Catalog]:
    """The Chinese catalogues as they stand in their files, of all services whichever of them run here."""
    found = []
    for path in catalogue_files():
        if path.exists():
            with path.open("rb") as source:
                found.append(read_po(source, locale="zh_Hans", domain="hechuan", abort_invalid=True))
    return found


@cache
def translations(code: str) -> NullTranslations:
    """All catalogues of a language as one. A test guards that no two of them contradict each other."""
    if code == "en":
        return NullTranslations()
    merged: Translations | None = None
    for catalogue in reversed(catalogues()):
        compiled = BytesIO()
        write_mo(compiled, catalogue)
        compiled.seek(0)
        one = Translations(compiled, domain="hechuan")
        merged = one if merged is None else merged.merge(one)
    return merged if merged is not None else NullTranslations()


def _(message: str, **params: Any) -> str:
    """The message in the language of this request; `%(name)s` takes the parameter `name`."""
    text = translations(language()).gettext(message) if message else ""
    return _filled(text, params) if params else text


def ngettext(singular: str, plural: str, n: int, **params: Any) -> str:
    """The form for `n` things; `%(n)s` is the number."""
    return _filled(translations(language()).ngettext(singular, plural, n), {"n": n, **params})


def _filled(text: str, params: dict[str, Any]) -> str:
    """With a parameter that is markup (a `time` element) the whole is markup, the other parameters escaped."""
    if any(hasattr(value, "__html__") for value in params.values()):
        return escape(text) % params
    return text % params


def N_(message: str) -> str:  # noqa: N802 - the name gettext tools look for
    """Marks a message for the catalogues without translating it here."""
    return message


class Lazy:
    """A message translated when it is shown, for tables that are made once at import."""

    __slots__ = ("message", "params")

    def __init__(self, message: str, **params: Any) -> None:
        self.message = message
        self.params = params

    def __str__(self) -> str:
        shown = {name: str(value) if isinstance(value, Lazy) else value for name, value in self.params.items()}
        return _(self.message, **shown)

    def __repr__(self) -> str:
        return f"Lazy({self.message!r})"

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, Lazy | str) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.message)

    def __bool__(self) -> bool:
        return bool(self.message)

    def __html__(self) -> str:
        from markupsafe import escape

        return str(escape(str(self)))


def lazy(message: str, **params: Any) -> Lazy:
    """A message to be translated when it is shown."""
    return Lazy(message, **params)


lazy_gettext = lazy
Text = str | Lazy


if __name__ == "__main__":
    from shared.web.extract import main

    main()
