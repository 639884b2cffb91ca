"""Writes about applications that are handed in again."""

from typing import Any
from uuid import UUID

from services.project_management.applications.actions import draft_application
from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import State
from services.project_management.applications.schemas import ApplicationCreate
from services.project_management.calls.model import Call
from services.project_management.costs.actions import carry_lines
from services.project_management.costs.queries import lines_of
from services.project_management.forms.actions import carry_over
from services.project_management.forms.queries import ANSWER, IDENTITY, given, read, schema_for
from services.project_management.memberships.actions import carry_team
from services.project_management.organisations.queries import standings
from services.project_management.resubmissions import rules
from services.project_management.resubmissions.schemas import ResubmissionCreate
from shared.blobs.rows import Document, documents_of
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel

KEPT = ("application", ANSWER, IDENTITY)
"""What documents of an application are attached to."""


async def resubmit_application(work: Work, application_id: UUID, fields: ResubmissionCreate) -> Application:
    """Begin an application to another call with texts, answers, budget, partners, people and files of one that came to
    nothing.

    Raises NotFound, ApplicationNotReady, CallNotReady, Forbidden. Its partners are asked anew; one that the platform no
    longer knows is left out.
    """
    earlier = await work.get(Application, application_id, lock=False)
    rules.RESUBMIT.require(
        work.actor, owners={earlier.lead_id}, label=SecurityLabel(earlier.label), thing="application"
    )
    rules.may_be_repeated(State(earlier.state))
    partner_ids = [one.organisation_id for one in await partners_of(work, earlier.id) if one.left_at is None]
    known = await standings(work, partner_ids)
    content = ApplicationCreate(
        call_id=fields.call_id,
        title=earlier.title,
        abstract=earlier.abstract,
        field=earlier.field,
        requested=earlier.requested,
        partner_ids=[one for one in partner_ids if one in known],
    )
    application = await draft_application(work, content, earlier_id=earlier.id, lead_id=earlier.lead_id)
    await work.flush()
    copies: dict[str, str] = {}
    hidden = await _hidden_slots(work, application)
    answers = await _answers(work, earlier)
    for document in [one for kind in KEPT for one in await documents_of(work, kind, earlier.id)]:
        if document.label.rank > SecurityLabel(application.label).rank:
            continue
        # Another row for the same stored object: each application keeps its own, whatever becomes of the other.
        await work.execute(
            """INSERT INTO documents (id, organisation_id, label, owner_kind, owner_id, filename, media_type, size,
                   sha256, state, uploaded_by, checked_at, verified_at, object_key)
               SELECT %(id)s, organisation_id, label, %(kind)s, %(owner)s, filename, media_type, size, sha256,
                   state, %(by)s, checked_at, verified_at, object_key
               FROM documents WHERE id = %(source)s""",
            {
                "id": copies.setdefault(str(document.id), str(new_id())),
                "kind": _kind(document, answers, hidden),
                "owner": application.id,
                "by": work.actor.subject,
                "source": document.id,
            },
        )
    await carry_over(work, application.id, _renamed(answers, copies))
    await carry_lines(work, application.id, await lines_of(work, earlier.id))
    await carry_team(work, earlier, application)
    return application


async def _answers(work: Work, earlier: Application) -> dict[str, Any]:
    """Everything that was answered, whether it was asked in the end or not."""
    found = await given(work, earlier.id, await schema_for(work, earlier.id))
    return found.answers | found.strange


async def _hidden_slots(work: Work, application: Application) -> set[str]:
    """Questions whose files the reviewers of the new call must not see."""
    call = await work.get(Call, application.call_id, lock=False)
    if call.blindness != "double":
        return set()
    return {question.key for question in read(call.form).questions if question.identifying}


def _kind(document: Document, answers: dict[str, Any], hidden: set[str]) -> str:
    if document.owner_kind == "application":
        return "application"
    told = any(str(document.id) in answers[key] for key in hidden if isinstance(answers.get(key), list))
    return IDENTITY if told else ANSWER


def _renamed(answers: dict[str, Any], copies: dict[str, str]) -> dict[str, Any]:
    """The answers, naming the copies of their files."""
    return {
        key: [copies.get(one, one) if isinstance(one, str) else one for one in answer]
        if isinstance(answer, list)
        else answer
        for key, answer in answers.items()
    }
