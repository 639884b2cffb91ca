"""Answers on a thing's page: a small form is carried out; or refused, and the page shown again with what was typed."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from pydantic import BaseModel

from shared.db.work import Work
from shared.kernel.errors import Problem
from shared.web.forms import FormState, Model, PostedForm, parse, read_form
from shared.web.pages import redirect


class Pressed(BaseModel):
    """What a form without fields says: that its button was pressed."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A form of a page that was not taken. `problem` is None where only its fields need correcting."""

    name: str
    form: FormState
    problem: Problem | None = None

    @property
    def status(self) -> int:
        return self.problem.status if self.problem else 422

    @property
    def words(self) -> list[str]:
        """What was typed, for a page that has no such form any more because somebody else was quicker."""
        return [text for texts in self.form.values.values() for text in texts if text.strip() and not _is_id(text)]


class Answers:
    """The forms of a page by name: as they were typed when refused, else blank; each with the version shown."""

    def __init__(self, refused: Refused | None, version: int | None = None) -> None:
        self._forms: dict[str, FormState] = {}
        self._version = version
        if refused is not None:
            self._forms[refused.name] = refused.form
            refused.form.version = version

    def __getitem__(self, name: str) -> FormState:
        return self._forms.setdefault(name, FormState(version=self._version))


async def answer(
    request: Request,
    work: Work,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    again: Callable[[Refused], Awaitable[Response]],
    then: tuple[str, str],
    shape: Callable[[PostedForm], PostedForm] | None = None,
) -> Response:
    """Carry the posted form `name` out and go on to `then`, an address with what to say there.

    Refused, `again` draws the page; `shape` turns what the page posts into what the model asks for.
    """
    posted = await read_form(request)
    fields = parse(model, shape(posted) if shape else posted)
    if isinstance(fields, FormState):
        return await again(Refused(name, FormState.posted(posted, fields.errors)))
    try:
        await act(fields, posted.version)
    except Problem as problem:
        await work.rollback()
        form = FormState.refused(posted, problem)
        form.errors.pop("", None)  # the page says it on top, where nobody misses it
        return await again(Refused(name, form, problem))
    return redirect(then[0], notice=then[1])


def _is_id(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True
