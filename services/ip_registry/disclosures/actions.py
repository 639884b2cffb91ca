"""Writes about disclosures."""

from uuid import UUID

from services.ip_registry.disclosures import rules
from services.ip_registry.disclosures.model import Disclosure
from services.ip_registry.disclosures.schemas import DisclosureCreate, TriageCreate
from services.ip_registry.projects.queries import project
from shared.contracts.base import ThingRef
from shared.contracts.ip import TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.ids import new_id
from shared.kernel.marks import N_, S_
from shared.kernel.types import Role, SecurityLabel


async def file_disclosure(work: Work, fields: DisclosureCreate) -> Disclosure:
    """File an invention for the organisation acted for; the IP office is asked to triage it.

    Raises Conflict when nobody is acted for, Invalid for a project that is unknown or another's and for a label that
    is too low or out of reach.
    """
    rules.FILE.require(work.actor)
    organisation = work.actor.organisation(Role.APPLICANT, Role.REPRESENTATIVE)
    if organisation is None:
        raise Conflict(N_("Choose the organisation you act for first."))
    if not fields.label.readable_with(work.actor.clearance):
        raise Invalid.field("/label", N_("Your clearance does not reach this label. Choose a lower one."))
    title, project_label = "", None
    if fields.project_id:
        found = await project(work, fields.project_id)
        if found is None or str(organisation) not in {party["id"] for party in found["parties"]}:
            raise Invalid.field("/project_id", N_("Choose a project in which your organisation takes part, or none."))
        title, project_label = found["title"], SecurityLabel(found["label"])
    if fault := rules.label_fault(fields.label, project_label):
        raise Invalid.field("/label", fault)
    disclosure = Disclosure.model_validate(
        {
            **fields.model_dump(mode="json"),
            "organisation_id": organisation,
            "organisation_name": work.actor.organisation_name(organisation),
            "project_title": title,
            "filed_by": work.actor.subject,
            "created_at": work.now,
            "task_id": new_id(),
        }
    )
    work.add(disclosure)
    work.emit(disclosure.filed())
    work.emit(
        TaskAssigned(
            id=disclosure.task_id,
            version=1,
            title=S_("Triage the disclosure “%(title)s”", title=disclosure.title),
            label=fields.label,
            role=Role.IP_OFFICER,
            kind="disclosure.triage",
            url=f"/ip/disclosures/{disclosure.id}",
            about=ThingRef(kind="disclosure", id=disclosure.id),
        )
    )
    return disclosure


async def triage_disclosure(work: Work, disclosure_id: UUID, fields: TriageCreate, version: int | None) -> Disclosure:
    """Decide what becomes of an invention. Raises NotFound, Stale, AlreadyTriaged."""
    rules.TRIAGE.require(work.actor)
    disclosure = await work.get(Disclosure, disclosure_id)
    rules.TRIAGE.require(work.actor, label=SecurityLabel(disclosure.label), thing="disclosure")
    work.must_match(disclosure, version)
    work.emit(disclosure.triage(fields.outcome, fields.reason))
    work.emit(
        TaskDone(
            id=disclosure.task_id,
            version=2,
            title=S_("Triage the disclosure “%(title)s”", title=disclosure.title),
            label=SecurityLabel(disclosure.label),
            outcome=fields.outcome.value,
        )
    )
    return disclosure
