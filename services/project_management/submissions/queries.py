"""Reads about what was handed in."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from services.project_management.applications.consents import covered
from services.project_management.applications.model import Application, Partner
from services.project_management.applications.queries import application, submission, submitted_version
from services.project_management.applications.rules import Answer
from services.project_management.differences import Difference, differences
from services.project_management.forms.checking import shown
from services.project_management.forms.queries import ANSWER, IDENTITY, names_of, version_form
from services.project_management.forms.questions import Form
from services.project_management.receipts.queries import number_for
from services.project_management.submissions.rules import CONSENTED
from shared.db.work import Rows
from shared.kernel.types import SecurityLabel

Said = Callable[[list[dict[str, Any]], str], dict[str, str]]
Told = Callable[[Form, dict[str, Any], Mapping[str, str]], dict[str, str]]


def as_stored(form: Form, answers: dict[str, Any], files: Mapping[str, str]) -> dict[str, str]:
    """Answers by question, as programs compare them."""
    return {
        f"answers.{key}": answer if isinstance(answer, str) else json.dumps(answer, sort_keys=True, ensure_ascii=False)
        for key, answer in answers.items()
    }


def lines_as_stored(budget: list[dict[str, Any]], currency: str) -> dict[str, str]:
    """The lines of a budget, as programs compare them."""
    return {
        f"budget.{one['organisation']['name']}.{one['category']}.{one['year']}": f"{one['requested']} + {one['own']}"
        for one in budget
    }


async def versions(rows: Rows, application_id: UUID) -> list[dict[str, Any]]:
    """The submitted versions of an application that the actor may see, newest first. Raises NotFound."""
    await application(rows, application_id)
    return await rows.rows(
        """SELECT v.number, v.sha256, v.submitted_at, r.number AS receipt FROM application_versions v
           LEFT JOIN receipts r ON r.application_id = v.application_id AND r.application_version = v.number
           WHERE v.application_id = %(id)s ORDER BY v.number DESC""",
        {"id": application_id},
    )


async def changes(
    rows: Rows,
    application_id: UUID,
    since: int,
    until: int,
    told: Told = as_stored,
    lines: Said = lines_as_stored,
) -> list[Difference]:
    """What differs between two submitted versions, in the form answer by answer, in the budget line by line.

    Raises NotFound.
    """
    read = [await submitted_version(rows, application_id, number) for number in (since, until)]
    labels = rows.actor.clearance.readable_labels()
    both = [await _readable(rows, json.loads(version["content"]), labels) for version in read]
    return await _compared(rows, application_id, both, told, lines)


async def since_consent(
    rows: Rows, application_id: UUID, told: Told = as_stored, lines: Said = lines_as_stored
) -> dict[str, Any]:
    """What changed since the actor's organisation last consented to take part: organisation_id, organisation_name,
    answer, consented_at (None: never), kept, sha256, changes. Raises NotFound for who is no partner.
    """
    mine = await application(rows, application_id)
    inside = {one["id"]: one for one in mine["partners"] if not one["left_at"]}
    CONSENTED.require(rows.actor, owners=set(inside), thing="application")
    own = rows.actor.organisations(*CONSENTED.roles or ())
    ours = [one for one in inside.values() if one["id"] in own]
    acting = next((one for one in ours if one["id"] == rows.actor.acting_for), None)
    partner = acting or next((one for one in ours if one["answer"] == Answer.PENDING.value), ours[0])
    found = await rows.row(
        """SELECT consented_at, consented_by, content, sha256, whole FROM application_consents
           WHERE application_id = %(id)s AND organisation_id = %(partner)s AND given_up_at IS NULL
           ORDER BY consented_at DESC, id DESC LIMIT 1""",
        {"id": application_id, "partner": partner["id"]},
    )
    kept = json.loads(found["content"]) if found and found["content"] else None
    changes: list[Difference] = []
    if found and kept is not None:
        labels = rows.actor.clearance.readable_labels()
        if not found["whole"]:
            labels = await _both_may_read(rows, application_id, found)
        both = [await _readable(rows, covered(one), labels) for one in (kept, await _present(rows, application_id))]
        changes = [one for one in await _compared(rows, application_id, both, told, lines) if one.field != "call"]
    return {
        "organisation_id": partner["id"],
        "organisation_name": partner["name"],
        "answer": partner["answer"],
        "consented_at": found["consented_at"] if found else None,
        "kept": kept is not None,
        "sha256": found["sha256"] if found else None,
        "changes": changes,
    }


async def _present(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """The application as it stands, for somebody who may see it."""
    ids = {"id": application_id}
    row = await rows.row("SELECT * FROM applications WHERE id = %(id)s", ids)
    assert row is not None
    partners = await rows.rows(
        "SELECT * FROM application_partners WHERE application_id = %(id)s ORDER BY position", ids
    )
    return await submission(rows, Application(**row), [Partner(**one) for one in partners])


async def _both_may_read(rows: Rows, application_id: UUID, consent: dict[str, Any]) -> list[str]:
    """The labels that the reader may read, and who wrote down what was consented to as well: a consent of earlier days
    names no document above the clearance of that person, or of who handed in what it was taken from."""
    found = await rows.rows(
        """SELECT a.clearance FROM (
               SELECT %(by)s AS subject
               UNION SELECT submitted_by FROM application_versions
               WHERE application_id = %(id)s AND sha256 = %(sha256)s) w
           LEFT JOIN access_accounts a USING (subject)""",
        {"by": consent["consented_by"], "id": application_id, "sha256": consent["sha256"]},
    )
    known = [SecurityLabel(row["clearance"] or SecurityLabel.PUBLIC) for row in found]
    return min(rows.actor.clearance, *known, key=lambda one: one.rank).readable_labels()


async def _readable(rows: Rows, content: dict[str, Any], labels: list[str]) -> dict[str, Any]:
    """Without documents of other labels: another person of the organisation may have read them."""
    hidden = await rows.rows(
        "SELECT id::text AS id FROM documents WHERE id = ANY(%(ids)s::uuid[]) AND NOT label = ANY(%(labels)s)",
        {"ids": [one["id"] for one in content["documents"]], "labels": labels},
    )
    secret = {row["id"] for row in hidden}
    return content | {"documents": [one for one in content["documents"] if one["id"] not in secret]}


async def _compared(
    rows: Rows, application_id: UUID, contents: list[dict[str, Any]], told: Told, lines: Said
) -> list[Difference]:
    files = await names_of(rows, application_id)
    for content in contents:
        files |= _names(content)
    compared = []
    for content in contents:
        form = await version_form(rows, application_id, content["call"].get("version") or 0)
        answers = told(form, content.get("answers", {}), files)
        budget = lines(content.get("budget", []), content.get("requested", {}).get("currency", ""))
        compared.append({**content, **answers, **budget, "answers": "", "budget": ""})
    return differences(*compared)


def _names(content: Mapping[str, Any]) -> dict[str, str]:
    """The names of the documents that a version was handed in with, also of those that were taken out later."""
    return {one["id"]: one["filename"] for one in content.get("documents", [])}


async def handed_in(rows: Rows, application_id: UUID, number: int) -> dict[str, Any]:
    """A submitted version as it was handed in: its content, with the form that it answered and the documents of which
    the actor may know; `held` are those that the application still has, to open. Raises NotFound."""
    mine = await application(rows, application_id)
    kept = await submitted_version(rows, application_id, number)
    content = json.loads(kept["content"])
    form = await version_form(rows, application_id, content.get("call", {}).get("version") or 0)
    names = _names(content)
    there = await rows.rows(
        """SELECT id::text AS id, size,
                  owner_id = %(owner)s AND owner_kind = ANY(%(kinds)s) AND state = 'clean' AS held
           FROM documents WHERE id = ANY(%(ids)s::uuid[]) AND label = ANY(%(labels)s)""",
        {
            "ids": list(names),
            "owner": application_id,
            "kinds": ["application", ANSWER, IDENTITY],
            "labels": rows.actor.clearance.readable_labels(),
        },
    )
    return {
        "application": mine,
        "number": number,
        "receipt": await number_for(rows, application_id, number),
        **kept,
        "content": content,
        "form": form,
        "answers": content.get("answers", {}),
        "files": names,
        "held": {row["id"] for row in there if row["held"]},
        "documents": [
            one | {"size": row["size"]}
            for one in content.get("documents", [])
            for row in there
            if row["id"] == one["id"]
        ],
    }


async def receipt_facts(rows: Rows, application_id: UUID, version: int) -> dict[str, Any]:
    """What the receipt of a version says: number, sha256, submitted_at, content, call_title. Raises NotFound."""
    mine = await application(rows, application_id)
    handed_in = await submitted_version(rows, application_id, version)
    content = json.loads(handed_in["content"])
    form = await version_form(rows, application_id, content["call"].get("version") or 0)
    return {
        "number": await number_for(rows, application_id, version),
        "sha256": handed_in["sha256"],
        "submitted_at": handed_in["submitted_at"],
        "content": content,
        "asked": len(shown(form, content.get("answers", {}))),
        "call_title": mine["call_title"],
        "version": version,
    }
