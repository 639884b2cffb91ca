"""Reads about what was handed in."""

import json
from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from services.project_management.applications.queries import application, submitted_version
from services.project_management.differences import Difference, differences
from services.project_management.forms.checking import shown
from services.project_management.forms.queries import names_of, version_form
from services.project_management.forms.questions import Form
from services.project_management.receipts.queries import number_for
from shared.db.work import Rows

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
    files = await names_of(rows, application_id)
    compared = []
    for content in (json.loads(version["content"]) for version in read):
        form = await version_form(rows, application_id, content["call"].get("version") or 0)
        answers = told(form, content.get("answers", {}), files)
        budget = lines(content.get("budget", []), content.get("requested", {}).get("currency", ""))
        compared.append({**content, **answers, **budget, "answers": "", "budget": ""})
    return differences(*compared)


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
