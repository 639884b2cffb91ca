"""Sealed papers of specimens, and the lists and versions that they are of."""

import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import Ground, Maker, Thing

SHA = "0" * 64
TRACE = {"rule": "specimen", "version": 1, "inputs": {}, "clauses": [], "result": {"grade": "good", "points": "8.00"}}
WHEN = "2027-01-01T00:00:00+00:00"
REVIEW = {"call": "C", "application": "A", "criteria": [], "scores": [], "total": "8.00", "to_applicant": "",
          "to_panel": "", "completed_at": WHEN}  # fmt: skip
EVALUATION: dict[str, Any] = {
    "project": "P", "kind": "midterm", "report": "", "indicators": [], "outputs": [], "audit": None, "trace": TRACE,
    "grade": "good", "reason": "R", "comments": [], "decided_at": WHEN,
}  # fmt: skip
LIST = {"call": {"id": "x", "title": "T", "sha256": SHA}, "number": 1, "reason": "R", "budget": "1.00",
        "currency": "CNY", "spent": "0.00", "items": []}  # fmt: skip

SUMMARY: dict[str, Any] = {
    "call": "C",
    "title": "T",
    "lead": "L",
    "raw": None,
    "calibrated": None,
    "criteria": [],
    "reviews": [],
}


def receipt_number() -> str:
    digits = new_id().hex[-12:].upper()
    return f"HC-{digits[:4]}-{digits[4:8]}-{digits[8:]}"


async def issued(ground: Ground, kind: str, about_id: UUID, call_id: UUID, content: Any = None) -> None:
    await ground.row(
        "issued_papers", number=receipt_number(), kind=kind, about_id=about_id, version=1, call_id=call_id,
        content=content if content is None or isinstance(content, str) else json.dumps(content), sha256=SHA,
    )  # fmt: skip


async def decision_list(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """The first list of the call named before; inside, as what is made of applications is."""
    if "call_id" not in before:
        return Thing(1)
    call = before["call_id"]
    id = await ground.row("decisions", id=new_id(), version=1, call_id=call.id, trace=TRACE, label=call.label)
    await ground.row(
        "decision_lists", decision_id=id, number=1, content=json.dumps(LIST), sha256=SHA, approvals=[],
        proposed_at=datetime.now(UTC),
    )  # fmt: skip
    inside = SecurityLabel.INTERNAL if call.label is SecurityLabel.PUBLIC else call.label
    return Thing(1, call.owners, inside, call.person, office=call.office)


async def summary(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """The first summary of the reviews of the application named before, which has to be handed in for it."""
    if "application_id" not in before:
        return Thing(1)
    whole = before["application_id"]
    call_id = await ground.ask(
        """UPDATE applications SET state = 'submitted', submitted_at = now(), submitted_version = 1, sha256 = %s
           WHERE id = %s RETURNING call_id""",
        SHA,
        whole.id,
    )
    await issued(ground, "summary", UUID(str(whole.id)), call_id, SUMMARY)
    return Thing(1, whole.owners, whole.label, whole.person, office=whole.office)


MAKERS: dict[str, Maker] = {"list_number": decision_list, "summaries/version": summary}
