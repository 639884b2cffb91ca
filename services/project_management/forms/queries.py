"""Reads about forms and the answers to them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson

from services.project_management.calls import queries as calls
from services.project_management.forms.checking import Answers, File, Progress, progress
from services.project_management.forms.imports import form_from
from services.project_management.forms.questions import Form, Kind
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_

ANSWER, IDENTITY = "application_answer", "application_identity"
"""What a file that answers a question is attached to: whoever reads the application reads the one; the other tells who
applies, in a call whose reviewers shall not know."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The answers to one section as they were saved last."""

    version: int
    answers: dict[str, Any]
    saved_by: str
    saved_at: datetime


_SHEET = ("version", "answers", "saved_by", "saved_at")


@dataclass(frozen=True, slots=True)
class Given:
    """Everything that was answered: `sheets` by section, `answers` by question of the form as it is now, and `strange`
    for what was answered and is asked no more."""

    form: Form
    sheets: dict[str, Sheet]
    answers: dict[str, Any]
    strange: dict[str, Any]


def read(schema: Mapping[str, Any] | None) -> Form:
    """A stored schema as a form; it was checked when it was saved."""
    return _read(orjson.dumps(schema, option=orjson.OPT_SORT_KEYS)) if schema else Form()


@lru_cache(maxsize=200)
def _read(schema: bytes) -> Form:
    # Order matters in a form, and jsonb forgets it: x-sections keeps it.
    return form_from(orjson.loads(schema))


async def released_form(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The form of a call that the actor may see, as JSON Schema, with the call. Raises NotFound."""
    call = await calls.call(rows, call_id)
    row = await rows.row("SELECT form FROM calls WHERE id = %(id)s", {"id": call_id})
    if not row or not row["form"]:
        raise NotFound(N_("This call has no application form."))
    return {"call": call, "schema": row["form"]}


async def working_form(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The form as its office writes it: schema (None before the first question), version, call, and whether it waits
    for an amendment. Raises NotFound."""
    call = await calls.call(rows, call_id)
    row = await rows.row(
        """SELECT c.form, d.form AS working, d.version AS working_version FROM calls c
           LEFT JOIN form_drafts d ON d.call_id = c.id WHERE c.id = %(id)s""",
        {"id": call_id},
    )
    assert row is not None
    released = call["released_at"] is not None
    version = (row["working_version"] or 0) if released else call["version"]
    return {
        "call": call,
        "schema": row["working"] or row["form"],
        "version": version,
        "waits": row["working"] is not None,
        "present": row["form"],
    }


async def calls_with_forms(rows: Rows, but: UUID) -> list[Row]:
    """Calls that the actor may see whose form can be copied, the newest first."""
    found = await rows.rows("SELECT id FROM calls WHERE form IS NOT NULL AND id <> %(but)s", {"but": but})
    return await calls.calls_among(rows, [row["id"] for row in found])


async def given(rows: Rows, application_id: UUID, schema: Mapping[str, Any] | None) -> Given:
    """The answers of an application, sorted into the form. Who may read them is for the caller to decide."""
    found = await rows.rows(
        """SELECT section, version, answers, saved_by, saved_at FROM answer_sheets
           WHERE application_id = %(id)s ORDER BY saved_at, section""",
        {"id": application_id},
    )
    return sorted_in(schema, found)


def sorted_in(schema: Mapping[str, Any] | None, found: Sequence[Row]) -> Given:
    """The rows of answer sheets, the oldest first, sorted into the form."""
    return sorted_into(read(schema), found)


def sorted_into(form: Form, found: Sequence[Row]) -> Given:
    """The same for a form that was read already."""
    sheets = {row["section"]: Sheet(**{name: row[name] for name in _SHEET}) for row in found}
    everything = {key: answer for sheet in sheets.values() for key, answer in sheet.answers.items()}
    answers = {}
    for section in form.sections:
        own = sheets[section.key].answers if section.key in sheets else {}
        for question in section.questions:
            answer = own[question.key] if question.key in own else everything.get(question.key)
            if answer is not None:
                answers[question.key] = answer
    asked = {question.key for question in form.questions}
    strange = {key: answer for key, answer in everything.items() if key not in asked and answer is not None}
    return Given(form, sheets, answers, strange)


async def schema_for(rows: Rows, application_id: UUID) -> dict[str, Any] | None:
    """The form that an application answers: its call's, as it is now."""
    row = await rows.row(
        "SELECT c.form FROM applications a JOIN calls c ON c.id = a.call_id WHERE a.id = %(id)s",
        {"id": application_id},
    )
    return row["form"] if row else None


async def files_of(rows: Rows, application_id: UUID) -> dict[str, File]:
    """The files of an application that answers can name, by id."""
    found = await rows.rows(
        """SELECT id, filename, size FROM documents
           WHERE owner_kind = ANY(%(kinds)s) AND owner_id = %(id)s AND state = 'clean'""",
        {"kinds": [ANSWER, IDENTITY], "id": application_id},
    )
    return {str(row["id"]): File(row["filename"], row["size"] or 0) for row in found}


async def progress_of(rows: Rows, application_id: UUID, schema: Mapping[str, Any] | None) -> Progress | None:
    """How far the form of an application is filled in; None where its call has none."""
    if not schema:
        return None
    found = await given(rows, application_id, schema)
    return progress(found.form, found.answers, await files_of(rows, application_id))


def withheld(form: Form, answers: Answers) -> dict[str, Any]:
    """The answers without those that tell who applies."""
    telling = {question.key for question in form.questions if question.identifying}
    return {key: answer for key, answer in answers.items() if key not in telling}


async def asks(rows: Rows, application_id: UUID) -> int:
    """How many questions the form asks that the application answers; 0 where there is none."""
    schema = await schema_for(rows, application_id)
    return len(schema["properties"]) if schema else 0


async def version_form(rows: Rows, application_id: UUID, call_version: int) -> Form:
    """The form as it stood in a version of the application's call."""
    row = await rows.row(
        """SELECT v.content::jsonb -> 'form' AS form FROM call_versions v JOIN applications a ON a.call_id = v.call_id
           WHERE a.id = %(id)s AND v.number = %(number)s""",
        {"id": application_id, "number": call_version},
    )
    return read(row["form"] if row else None)


async def names_of(rows: Rows, application_id: UUID) -> dict[str, str]:
    """The names of an application's files by their ids."""
    return {id: file.name for id, file in (await files_of(rows, application_id)).items()}


def named(form: Form, answers: Mapping[str, Any]) -> set[str]:
    """The ids of the files that answers name."""
    return {id for one in form.questions if one.kind is Kind.ATTACHMENT for id in answers.get(one.key) or []}
