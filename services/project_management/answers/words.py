"""Between a form's answers and the flat texts of the page on which they are written."""

import json
from collections.abc import Mapping
from typing import Any

from services.project_management.forms.checking import Fault
from services.project_management.forms.questions import Kind, Question, Section
from services.project_management.forms.words import in_language, label, unit
from shared.web.field_values import flat
from shared.web.forms import PostedForm, StalePage, stale_page
from shared.web.i18n import Text, _
from shared.web.sentences import said

PREFIX = "answers"


def typed(section: Section, answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """The answers of a section as its page holds them."""
    found: dict[str, list[str]] = {}
    for one in section.questions:
        answer = answers.get(one.key)
        if answer is None:
            answer = one.default or None
        if one.kind is Kind.YES_NO and isinstance(answer, bool):
            answer = str(answer).lower()
        if answer is not None and one.kind is not Kind.ATTACHMENT:
            found |= flat({PREFIX: {one.key: answer}})
    return found


def both_versions(
    section: Section, answers: Mapping[str, Any], posted: PostedForm, version: int, root: str
) -> StalePage:
    """What was sent of a section beside what is stored, where somebody else saved meanwhile; `root` shows it."""
    questions = [one for one in section.questions if one.kind is not Kind.ATTACHMENT]
    current = {
        one.key: str(answer).lower() if isinstance(answer := answers.get(one.key), bool) else answer
        for one in questions
    }
    return stale_page(
        posted,
        {PREFIX: {key: answer for key, answer in current.items() if answer is not None}},
        {f"{PREFIX}-{one.key}": label(one) for one in questions},
        version=version,
        view_url=root,
        action_url=f"{root}/edit",
        words={
            "true": _("Yes"),
            "false": _("No"),
            **{option.value: label(option) for one in section.questions for option in one.options},
        },
    )


def answers_of(section: Section, posted: PostedForm) -> dict[str, Any]:
    """What was typed, by question."""
    found: dict[str, Any] = {}
    for one in section.questions:
        name = f"{PREFIX}-{one.key}"
        if one.kind is Kind.MONEY:
            found[one.key] = {part: posted.get(f"{name}-{part}") for part in ("amount", "currency")}
        elif one.kind is Kind.CHOICES:
            found[one.key] = posted.all(name)
        elif one.kind is Kind.TABLE:
            found[one.key] = _rows(one, name, posted)
        elif one.kind is not Kind.ATTACHMENT:
            found[one.key] = posted.get(name)
    return found


def _rows(one: Question, name: str, posted: PostedForm) -> list[dict[str, str]]:
    rows: dict[int, dict[str, str]] = {}
    for key, text in posted.fields:
        number, _dash, column = key.removeprefix(f"{name}-").partition("-")
        if key.startswith(f"{name}-") and number.isascii() and number.isdigit() and len(number) < 5:
            rows.setdefault(int(number), {})[column] = text
    return [rows[number] for number in sorted(rows)]


def errors_of(section: Section, faults: tuple[Fault, ...]) -> dict[str, list[Text]]:
    """What is wrong in a section, at the fields of its page."""
    keys = {one.key for one in section.questions}
    found: dict[str, list[Text]] = {}
    for fault in faults:
        if fault.key in keys:
            name = "-".join([PREFIX, *(str(part) for part in fault.path)])
            found.setdefault(name, []).append(said(fault.sentence))
    return found


def columns(one: Question) -> list[dict[str, Any]]:
    """The columns of a table as the form's rows want them."""
    found = []
    for column in one.columns:
        about: dict[str, Any] = {
            "name": column.key,
            "label": label(column) + ("" if not column.optional else f" ({_('optional')})"),
            "type": {"choice": "select", "short_text": "text"}.get(column.kind, column.kind),
            "unit": unit(column.unit),
        }
        if column.kind == "choice":
            about["options"] = [(option.value, label(option)) for option in column.options]
        found.append(about)
    return found


def help_text(one: Question) -> str:
    """What its author says of a question, and what it takes."""
    found = [in_language(one.help, one.help_zh)]
    if one.words:
        found.append(_("At most %(n)s words.", n=one.words))
    if one.mask:
        found.append(_("In the form %(mask)s: 9 is a digit, A a letter, * either.", mask=one.mask))
    if one.kind in (Kind.NUMBER, Kind.MONEY, Kind.DATE) and one.least and one.most:
        found.append(_("From %(least)s to %(most)s.", least=one.least, most=one.most))
    elif one.kind in (Kind.NUMBER, Kind.MONEY, Kind.DATE) and (one.least or one.most):
        found.append(_lower(one) if one.least else _upper(one))
    if one.kind in (Kind.TABLE, Kind.CHOICES) and (one.fewest or one.at_most):
        found.append(_("From %(least)s to %(most)s entries.", least=max(one.fewest, 1), most=one.limit))
    if one.kind is Kind.TABLE and any(column.optional for column in one.columns):
        found.append(_("In a row that you begin, fill in every column that is not marked as optional."))
    elif one.kind is Kind.TABLE and len(one.columns) > 1:
        found.append(_("In a row that you begin, fill in every column."))
    if one.must_be == "true":
        found.append(_("Only a yes is taken."))
    return " ".join(text for text in found if text)


def condition(one: Question) -> str:
    """When a question is shown, as the page's script reads it."""
    return json.dumps([{"name": f"{PREFIX}-{each.question}", "any_of": each.any_of} for each in one.show_if])


def _lower(one: Question) -> str:
    return _("Not before %(n)s.", n=one.least) if one.kind is Kind.DATE else _("At least %(n)s.", n=one.least)


def _upper(one: Question) -> str:
    return _("Not after %(n)s.", n=one.most) if one.kind is Kind.DATE else _("At most %(n)s.", n=one.most)
