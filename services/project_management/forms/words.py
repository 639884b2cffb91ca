"""What kinds of question are called on screens, and forms and answers as people read and compare them."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from services.project_management.forms.checking import Answers, counting
from services.project_management.forms.questions import Form, Kind, Question, decimal_of
from shared.kernel.marks import N_
from shared.web import formats
from shared.web.i18n import Lazy, _, language, lazy

KINDS: dict[Kind, Lazy] = {
    Kind.SHORT_TEXT: lazy("Short text"),
    Kind.LONG_TEXT: lazy("Long text"),
    Kind.NUMBER: lazy("A number"),
    Kind.MONEY: lazy("Amount of money"),
    Kind.DATE: lazy("Date"),
    Kind.CHOICE: lazy("One of several"),
    Kind.CHOICES: lazy("Several of several"),
    Kind.YES_NO: lazy("Yes or no"),
    Kind.TABLE: lazy("Table"),
    Kind.ATTACHMENT: lazy("Files"),
}
CELLS: dict[str, Lazy] = {
    "short_text": lazy("Text"),
    "number": lazy("A number"),
    "date": lazy("Date"),
    "choice": lazy("Choice"),
}
FILES: dict[str, Lazy] = {
    "pdf": lazy("PDF document"),
    "document": lazy("Word processor"),
    "spreadsheet": lazy("Spreadsheet"),
    "image": lazy("Picture"),
    "archive": lazy("ZIP archive"),
}
SAMPLES: dict[str, Lazy] = {"research": lazy("Research project"), "pilot": lazy("Pilot line")}
UNITS = (N_("months"), N_("days"), N_("years"))
"""Units that both languages know; any other is shown as it was written."""


def in_language(text: str, chinese: str) -> str:
    """What its author wrote for the reader's language, or else in the other."""
    return chinese if language() == "zh" and chinese else text


def label(one: Any) -> str:
    """Of a question, a column or an option."""
    return in_language(one.label, one.label_zh)


def unit(text: str) -> str:
    return _(text) if text in UNITS else text


def answer_text(question: Question, answer: Any, files: Mapping[str, str]) -> str:
    """An answer in one text, for reading and comparing. `files` names documents by id."""
    match question.kind:
        case Kind.MONEY if isinstance(answer, dict):
            amount = decimal_of(str(answer.get("amount", "")))
            currency = str(answer.get("currency", ""))
            return str(formats.money(amount, currency)) if amount is not None else str(answer.get("amount", ""))
        case Kind.NUMBER:
            return f"{answer} {unit(question.unit)}".strip()
        case Kind.DATE:
            return _day(str(answer))
        case Kind.YES_NO:
            return _("Yes") if answer is True else _("No")
        case Kind.CHOICE:
            return _chosen(question, str(answer))
        case Kind.CHOICES:
            return _(", ").join(_chosen(question, str(one)) for one in answer)
        case Kind.TABLE:
            return "\n".join(" · ".join(cells) for cells in table_rows(question, answer))
        case Kind.ATTACHMENT:
            return "\n".join(files.get(str(one), str(one)) for one in answer)
        case _:
            return str(answer)


def table_rows(question: Question, answer: Any) -> list[list[str]]:
    """The cells of a table, as its columns are shown."""
    found = []
    for row in answer if isinstance(answer, list) else []:
        cells = []
        for column in question.columns:
            text = str(row.get(column.key, ""))
            named = {one.value: label(one) for one in column.options}
            cells.append(_day(text) if column.kind == "date" else named.get(text, text))
        found.append(cells)
    return found


def _chosen(question: Question, value: str) -> str:
    return next((label(one) for one in question.options if one.value == value), value)


def outline(form: Form) -> dict[str, str]:
    """What each question asks, by its name, so that two versions of a form can be compared question by question."""
    found = {}
    for section in form.sections:
        for question in section.questions:
            parts = [in_language(section.title, section.title_zh), str(KINDS[question.kind]), *_demands(question)]
            found[f"{label(question)} ({question.key})"] = " · ".join(part for part in parts if part)
    return found


def _demands(one: Question) -> list[str]:
    found = [_("required") if one.required else _("optional"), in_language(one.help, one.help_zh)]
    found += [_("at most %(n)s words", n=one.words)] if one.words else []
    found += [f"≥ {one.least}"] if one.least else []
    found += [f"≤ {one.most}"] if one.most else []
    found += [unit(one.unit)] if one.unit else []
    found += [_(", ").join(label(option) for option in one.options)] if one.options else []
    found += [_(", ").join(label(column) for column in one.columns)] if one.columns else []
    found += [f"{one.fewest}–{one.limit}"] if one.kind in (Kind.TABLE, Kind.ATTACHMENT) else []
    found += [_("tells who applies")] if one.identifying else []
    found += [condition_text(one)] if one.show_if else []
    return found


def condition_text(one: Question, form: Form | None = None) -> str:
    """When a question is shown; in the words of `form`, or by the names that it goes by inside."""
    either, also = _(" or "), _(" and ")
    found = []
    for each in one.show_if:
        asked = form.question(each.question) if form else None
        if asked is None:
            found.append(f"{each.question} = {either.join(each.any_of)}")
            continue
        values = [
            (_("Yes") if value == "true" else _("No")) if asked.kind is Kind.YES_NO else _chosen(asked, value)
            for value in each.any_of
        ]
        found.append(f"“{label(asked)}”: {either.join(values)}")
    return _("shown only if %(what)s", what=also.join(found))


def _day(text: str) -> str:
    try:
        return str(formats.day(date.fromisoformat(text)))
    except ValueError:
        return text


def answered(form: Form, answers: Answers, files: Mapping[str, str]) -> dict[str, str]:
    """Each answer that counts, by the name of its question."""
    counted = counting(form, answers)
    return {
        label(question): answer_text(question, counted[question.key], files)
        for question in form.questions
        if question.key in counted
    }
