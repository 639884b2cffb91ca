"""A form tried out as those who fill it in will see it: nothing is saved, what is tried stands in the address alone."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from fastapi import Request, Response

from services.project_management.answers import words
from services.project_management.forms import words as form_words
from services.project_management.forms.checking import normal, progress, shown
from services.project_management.forms.questions import ACCEPTED, Form, Kind
from shared.web.edge import service_of
from shared.web.forms import FormState, PostedForm
from shared.web.i18n import LANGUAGES, language, speaking
from shared.web.pages import url

MOST_TRIED = 2_000
"""Entries of a preview that are looked at."""


@dataclass(frozen=True, slots=True)
class Tried:
    """A form to be tried: where, and in whose words it is said."""

    form: Form
    root: str
    desk: str
    """Where it is written, for who may write it; else empty."""
    crumbs: list[tuple[str, str]]
    lead: str
    told: str
    """Said above the faults of what was tried."""
    edit: str
    known: Collection[str] = ()
    """Questions that the records answer."""


async def preview(request: Request, telling: Callable[[], Tried]) -> Response:
    """One section of it, in either language, with what would be said of the answers that stand in the address.

    `telling` is asked in the language of the preview.
    """
    asked_for = request.query_params
    with speaking(code if (code := asked_for.get("language", "")) in LANGUAGES else language()):
        return _tried(request, telling())


def _tried(request: Request, tried: Tried) -> Response:
    form, asked_for = tried.form, request.query_params
    here = form.section(asked_for.get("section", "")) or form.sections[0]
    posted = PostedForm(
        [(name, text) for name, text in asked_for.multi_items() if name.startswith("answers-")][:MOST_TRIED]
    )
    typed = words.answers_of(here, posted)
    answers = {one.key: normal(one, typed[one.key]) for one in here.questions if one.key in typed}
    checked = bool(asked_for.get("check"))
    inside = {one.key for one in here.questions}
    keys = [one.key for one in form.sections]
    following = keys[keys.index(here.key) + 1 :][:1]
    faults = progress(form, answers, {}).faults if checked else ()
    return service_of(request).pages.render(
        request,
        "answers/preview.html",
        tried=tried,
        form_asked=form,
        section=here,
        number=keys.index(here.key) + 1,
        following=following[0] if following else "",
        tabs=[
            (
                form_words.in_language(one.title, one.title_zh),
                url(tried.root, section=one.key, language=language()),
                one is here,
            )
            for one in form.sections
        ],
        form=FormState(words.typed(here, answers), words.errors_of(here, faults)),
        checked=checked,
        asked={one.key for one in shown(form, answers)},
        # What depends on another section is shown with its condition: here nobody has answered that one.
        conditions={
            one.key: words.condition(one)
            for one in here.questions
            if one.show_if and {each.question for each in one.show_if} <= inside
        },
        accepted={key: ",".join(ends) for key, ends in ACCEPTED.items()},
        Kind=Kind,
        w=form_words,
        a=words,
    )
