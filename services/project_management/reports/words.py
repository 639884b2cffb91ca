"""What states and rhythms of progress reports are called on screens, and a report on paper in both languages."""

from datetime import date
from typing import Any

from services.project_management.forms import words as form_words
from services.project_management.forms.questions import Form, Kind
from services.project_management.receipts.paper import Grid, Paper, in_both
from services.project_management.reports.queries import whole_form
from services.project_management.reports.rules import Kind as ReportKind
from services.project_management.reports.rules import Rhythm, State
from shared.kernel.clock import BEIJING
from shared.web import formats
from shared.web.i18n import _, lazy
from shared.web.words import StateWord

STATES = {
    State.PLANNED: StateWord(lazy("Planned"), "neutral"),
    State.OPEN: StateWord(lazy("To be written"), "warning"),
    State.SUBMITTED: StateWord(lazy("To judge"), "info"),
    State.RETURNED: StateWord(lazy("Returned"), "warning"),
    State.ACCEPTED: StateWord(lazy("Accepted"), "success"),
    State.LIFTED: StateWord(lazy("Owed no more"), "neutral"),
}
KINDS = {ReportKind.INTERIM: lazy("Progress report"), ReportKind.FINAL: lazy("Final report")}
RHYTHMS = {
    Rhythm.NONE: lazy("No interim reports"),
    Rhythm.HALF_YEARLY: lazy("Every half year"),
    Rhythm.YEARLY: lazy("Every year"),
    Rhythm.MILESTONES: lazy("At each milestone"),
}


def both_papers(issued: dict[str, Any], content: dict[str, Any], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """The report in the reader's language, and in the other."""
    return in_both(lambda code: _paper(issued, content, platform, key_id, code))


def _paper(issued: dict[str, Any], content: dict[str, Any], platform: str, key_id: str, code: str) -> Paper:
    form = whole_form(content["form"], content["parts"], content["organisations"])
    at = issued["issued_at"].astimezone(BEIJING)
    first, *others = [one["name"] for one in content["organisations"]] or [""]
    told = [
        (_("Receipt number"), issued["number"]),
        (_("Handed in"), f"{at:%Y-%m-%d %H:%M:%S} (UTC+8)"),
        (_("Project"), content["project"]),
        (_("Report"), f"{KINDS[content['kind']]} {content['number']}"),
        (_("Period"), f"{_day(content['from'])} – {_day(content['until'])}"),
        (_("Lead"), first),
        (_("Partners"), _(", ").join(others)),
        *((_("Document"), f"{one['filename']}\n{one['sha256']}") for one in content["documents"]),
        ("SHA-256", issued["sha256"]),
        (_("Signing key"), key_id),
    ]
    files = {one["id"]: one["filename"] for one in content["documents"]}
    return Paper(
        title=str(KINDS[content["kind"]]),
        lead=content["project"],
        facts=[(name, value) for name, value in told if value],
        check=_("Anybody can check this paper at the address below, or drop this file there."),
        address=f"{platform}/projects/receipts/{issued['number']}",
        language=code,
        made_of=issued["issued_at"],
        sections=_sections(form, content["answers"], files),
    )


def _sections(form: Form, answers: dict[str, Any], files: dict[str, str]) -> list[tuple[str, list[str | Grid]]]:
    found = []
    for section in form.sections:
        parts: list[str | Grid] = []
        for one in section.questions:
            answer = answers.get(one.key)
            if answer is None:
                continue
            label = form_words.label(one)
            if one.kind is Kind.TABLE:
                heads = [form_words.label(column) for column in one.columns]
                parts += [label, Grid(heads, form_words.table_rows(one, answer))]
            else:
                parts.append(f"{label}\n{form_words.answer_text(one, answer, files)}")
        if parts:
            found.append((form_words.in_language(section.title, section.title_zh), parts))
    return found


def _day(text: str) -> str:
    return str(formats.day(date.fromisoformat(text)))
