"""Forms: what was posted, turned into a model; or what was typed with, beside each field, what to do about it.

Names are flat: `title`, `contact-name` for a nested model, `rows-0-name` for rows, a repeated name for several values.
"""

import re
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Self, TypeVar
from uuid import uuid4

from pydantic import BaseModel, ValidationError
from starlette.datastructures import UploadFile
from starlette.requests import Request

from shared.kernel.errors import Problem
from shared.web.field_errors import sentence
from shared.web.field_values import Shaper, flat
from shared.web.i18n import Text
from shared.web.sentences import said

Model = TypeVar("Model", bound=BaseModel)
KEY_FIELD = "_key"
CARRIED = frozenset({"version", KEY_FIELD, "draft"})
"""Hidden fields of every form; they are not part of what was typed."""
LOCAL_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?")
DRAWN: ContextVar[dict[str, dict[str, int]]] = ContextVar("DRAWN")  # of one page: name of a field → forms that have it
MAX_FIELDS = 5_000
MAX_FIELD_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class PostedForm:
    """A form as it was sent."""

    fields: list[tuple[str, str]]
    files: dict[str, list[UploadFile]] = field(default_factory=dict)

    def get(self, name: str, default: str = "") -> str:
        """The first value of a name."""
        return next((value for key, value in self.fields if key == name), default)

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.fields if key == name]

    def file(self, name: str) -> UploadFile | None:
        """The file chosen for a name; None when the visitor chose none."""
        return next(iter(self.files.get(name, [])), None)

    @property
    def typed(self) -> list[tuple[str, str]]:
        return [(name, value) for name, value in self.fields if name not in CARRIED]

    @property
    def version(self) -> int | None:
        """The version the visitor saw; None when the form carried none."""
        given = self.get("version")
        return int(given) if given.isascii() and given.isdigit() and len(given) < 18 else None

    @property
    def idempotency_key(self) -> str:
        """The form's own key, so that a second press does nothing; never empty."""
        return self.get(KEY_FIELD)[:100] or str(uuid4())

    @property
    def wants_draft(self) -> bool:
        """True for an autosave and for the button that saves an unfinished form."""
        return self.get("draft") == "1"

    async def close(self) -> None:
        """Let go of the uploaded files' temporary space."""
        for uploads in self.files.values():
            for upload in uploads:
                await upload.close()


async def read_form(request: Request) -> PostedForm:
    """What was posted. Empty file inputs are left out; NUL characters, which no database takes, are removed.

    A page that takes files here closes the form when it is done; large documents go through `uploads` instead.
    """
    posted = await request.form(max_fields=MAX_FIELDS, max_files=50, max_part_size=MAX_FIELD_BYTES)
    fields: list[tuple[str, str]] = []
    files: dict[str, list[UploadFile]] = {}
    for name, value in posted.multi_items():
        if isinstance(value, str):
            fields.append((name, value.replace("\x00", "").replace("\r\n", "\n")))
        elif value.filename:
            files.setdefault(name, []).append(value)
        else:
            await value.close()
    return PostedForm(fields, files)


@dataclass
class FormState:
    """What a form shows: texts by flat name, and messages by flat name ("" for the whole form)."""

    values: dict[str, list[str]] = field(default_factory=dict)
    errors: dict[str, list[Text]] = field(default_factory=dict)
    version: int | None = None
    key: str = field(default_factory=lambda: str(uuid4()))
    claimed: dict[str, tuple[str, str]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, source: BaseModel | Mapping[str, Any] | None = None, *, version: int | None = None) -> Self:
        """A form filled from a model, a row read as a mapping, or nothing."""
        return cls(values=flat(source) if source is not None else {}, version=version)

    @classmethod
    def posted(cls, form: PostedForm, errors: Mapping[str, Sequence[Text]] | None = None) -> Self:
        """A form as it was typed, with messages."""
        values: dict[str, list[str]] = {}
        for name, value in form.typed:
            values.setdefault(name, []).append(value)
        known = {name: list(texts) for name, texts in (errors or {}).items()}
        # A new key: what is sent next is another request than the one that was refused.
        return cls(values=values, errors=known, version=form.version)

    @classmethod
    def refused(cls, form: PostedForm, problem: Problem) -> Self:
        """A form as it was typed, with a problem's messages at the fields its JSON pointers name."""
        errors: dict[str, list[Text]] = {}
        for error in problem.errors:
            name = error.get("pointer", "").strip("/").replace("/", "-")
            errors.setdefault(name, []).append(said(error.get("detail", problem.detail)))
        if not errors:
            errors[""] = [said(problem.detail)]
        return cls.posted(form, errors)

    def with_errors(self, errors: Mapping[str, Sequence[Text]]) -> Self:
        """Add messages to what is there."""
        for name, texts in errors.items():
            self.errors.setdefault(name, []).extend(texts)
        return self

    def value(self, name: str, default: str = "") -> str:
        return next(iter(self.values.get(name, [])), default)

    def all(self, name: str) -> list[str]:
        return self.values.get(name, [])

    def error(self, *names: str) -> list[Text]:
        """The messages of a field; of several names when it has several inputs."""
        return [text for name in names for text in self.errors.get(name, [])]

    def row_numbers(self, name: str, minimum: int = 1, spare: int = 1) -> list[int]:
        """The numbers of the rows to draw: those filled in, and some spare ones to go on without script."""
        used = {
            int(number)
            for key in (*self.values, *self.errors)
            if key.startswith(f"{name}-")
            for number in [key.removeprefix(f"{name}-").partition("-")[0]]
            if number.isascii() and number.isdigit()
        }
        filled = sorted(
            number
            for number in used
            if any(self.value(key).strip() for key in self.values if key.startswith(f"{name}-{number}-"))
            or any(key.startswith(f"{name}-{number}-") for key in self.errors)
        )
        following = max(filled, default=-1) + 1
        wanted = max(minimum - len(filled), spare)
        return [*filled, *range(following, following + wanted)]

    def id(self, name: str) -> str:
        """Of a field: "f-" and its name; with a number in a later form of the same page, for ids are there once."""
        forms = DRAWN.get({}).setdefault(name, {})
        return f"f-{name}--{number + 1}" if (number := forms.setdefault(self.key, len(forms))) else f"f-{name}"

    def claim(self, name: str, label: object, target: str) -> str:
        """A field says that it shows the messages of `name`, so that the summary can lead there. Draws nothing."""
        self.claimed[name] = (str(label), target)
        return ""

    @property
    def summary(self) -> list[tuple[str, str, Text]]:
        """(label, id to go to, message), in the order of the page; messages without a field of their own last."""
        placed = [(*place, text) for name, place in self.claimed.items() for text in self.errors.get(name, [])]
        loose = [("", "", text) for name, texts in self.errors.items() if name not in self.claimed for text in texts]
        return placed + loose


def parse(model: type[Model], form: PostedForm) -> Model | FormState:
    """The model, or the form as it was typed with a plain message for every fault."""
    shaper = Shaper(form.typed)
    shaped = shaper.model(model)
    try:
        return model.model_validate(shaped)
    except ValidationError as invalid:
        errors: dict[str, list[Text]] = {}
        for fault in invalid.errors(include_url=False):
            texts = errors.setdefault(shaper.name_of(fault["loc"]), [])
            text = sentence(fault)
            if text not in texts:
                texts.append(text)
        return FormState.posted(form, errors)


@dataclass(frozen=True, slots=True)
class StaleField:
    """One field of a stale form in both versions."""

    label: Text
    mine: str
    theirs: str

    @property
    def differs(self) -> bool:
        return self.mine != self.theirs


@dataclass(frozen=True, slots=True)
class StalePage:
    """A form that somebody else saved first: both versions and the two ways on."""

    fields: Sequence[StaleField]
    typed: Sequence[tuple[str, str]]
    version: int
    view_url: str
    action_url: str
    closed: Text = ""
    """Why the visitor's version can no longer be saved; empty when it can."""

    @property
    def differing(self) -> int:
        return sum(row.differs for row in self.fields)


def _readable(text: str) -> str:
    """A date and time as its field holds it, the way people write it; anything else as it is."""
    return text.replace("T", " ") if LOCAL_TIME.fullmatch(text) else text


def stale_page(
    form: PostedForm,
    current: BaseModel | Mapping[str, Any],
    labels: Mapping[str, Text],
    *,
    version: int,
    view_url: str,
    action_url: str,
    closed: Text = "",
    words: Mapping[str, Text] | None = None,
) -> StalePage:
    """Both versions of a stale form. `labels` names the fields in order (flat names, a prefix stands for its rows);
    `version` is the stored one, with which "keep mine" is sent again; `view_url` shows what is stored. `closed` says
    why mine cannot be kept, where the other's save was the last one possible. `words` says the values of choices."""
    choices = words or {}
    mine = FormState.posted(form).values
    theirs = flat(current)

    def shown(values: Mapping[str, list[str]], name: str) -> str:
        amount = next(iter(values.get(f"{name}-amount", [])), "").strip()
        if f"{name}-amount" in values:
            return f"{next(iter(values.get(f'{name}-currency', [])), '')} {amount}".strip() if amount else ""
        found = [
            text
            for key, texts in sorted(values.items())
            if key == name or key.startswith(f"{name}-")
            for text in texts
            if text.strip()
        ]
        return " · ".join(str(choices.get(text.strip()) or _readable(text.strip())) for text in found)

    rows = [StaleField(label, shown(mine, name), shown(theirs, name)) for name, label in labels.items()]
    return StalePage(rows, form.typed, version, view_url, action_url, closed)
