"""Reads about the answers of an application."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from services.project_management.answers.rules import WRITE, WRITING
from services.project_management.applications.queries import application
from services.project_management.applications.rules import State
from services.project_management.forms import queries as forms
from services.project_management.forms.checking import Progress, progress
from services.project_management.forms.queries import Sheet
from services.project_management.forms.questions import Form
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_


@dataclass(frozen=True, slots=True)
class Filled:
    """A form with its answers as the actor may see them: `live` while it is written, else as it was handed in."""

    application: dict[str, Any]
    form: Form
    answers: dict[str, Any]
    strange: dict[str, Any]
    sheets: dict[str, Sheet]
    files: dict[str, str]
    progress: Progress
    live: bool


async def filled(rows: Rows, application_id: UUID) -> Filled:
    """The form of an application and its answers. Raises NotFound, also where nothing is asked."""
    found = await application(rows, application_id)
    ours = WRITE.allows(rows.actor, owners=writers(found))
    known = await forms.files_of(rows, application_id)
    names = {id: file.name for id, file in known.items()}
    if State(found["state"]) in WRITING and ours:
        schema = await forms.schema_for(rows, application_id)
        given = await forms.given(rows, application_id, schema)
        _asked(given.form)
        told = progress(given.form, given.answers, known)
        return Filled(found, given.form, given.answers, given.strange, given.sheets, names, told, True)
    kept = await rows.row(
        "SELECT content FROM application_versions WHERE application_id = %(id)s ORDER BY number DESC LIMIT 1",
        {"id": application_id},
    )
    content = json.loads(kept["content"]) if kept else {}
    form = await forms.version_form(rows, application_id, content.get("call", {}).get("version") or 0)
    _asked(form)
    answers = content.get("answers", {})
    return Filled(found, form, answers, {}, {}, names, progress(form, answers, known), False)


def writers(application: dict[str, Any]) -> set[UUID]:
    """The organisations that may write; who left may not, nor who is only asked to take the part of one that did."""
    partners = application["partners"]
    return {application["lead_id"], *(one["id"] for one in partners if not one["left_at"] and not one["departure_id"])}


def _asked(form: Form) -> None:
    if not form.sections:
        raise NotFound(N_("This call has no application form."))
