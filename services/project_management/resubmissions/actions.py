"""Writes about applications that are handed in again."""

from uuid import UUID

from services.project_management.applications.actions import draft_application
from services.project_management.applications.model import Application
from services.project_management.applications.queries import partners_of
from services.project_management.applications.rules import State
from services.project_management.applications.schemas import ApplicationCreate
from services.project_management.organisations.queries import standings
from services.project_management.resubmissions import rules
from services.project_management.resubmissions.schemas import ResubmissionCreate
from shared.blobs.rows import documents_of
from shared.db.work import Work
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel


async def resubmit_application(work: Work, application_id: UUID, fields: ResubmissionCreate) -> Application:
    """Begin an application to another call with the text, partners and documents of one that came to nothing.

    Raises NotFound, ApplicationNotReady, CallNotReady, Forbidden. Its partners are asked anew; one that the platform no
    longer knows is left out.
    """
    earlier = await work.get(Application, application_id, lock=False)
    rules.RESUBMIT.require(
        work.actor, owners={earlier.lead_id}, label=SecurityLabel(earlier.label), thing="application"
    )
    rules.may_be_repeated(State(earlier.state))
    partner_ids = [partner.organisation_id for partner in await partners_of(work, earlier.id)]
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
    for document in await documents_of(work, "application", earlier.id):
        if document.label.rank > SecurityLabel(application.label).rank:
            continue
        # Another row for the same stored object: each application keeps its own, whatever becomes of the other.
        await work.execute(
            """INSERT INTO documents (id, organisation_id, label, owner_kind, owner_id, filename, media_type, size,
                   sha256, state, uploaded_by, checked_at, verified_at, object_key)
               SELECT %(id)s, organisation_id, label, 'application', %(owner)s, filename, media_type, size, sha256,
                   state, %(by)s, checked_at, verified_at, object_key
               FROM documents WHERE id = %(source)s""",
            {"id": new_id(), "owner": application.id, "by": work.actor.subject, "source": document.id},
        )
    return application
