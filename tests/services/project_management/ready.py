"""Ready-made calls and applications, brought there by the actions themselves."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.applications import actions as applications
from services.project_management.applications.model import Application
from services.project_management.applications.schemas import ApplicationCreate, ConsentCreate
from services.project_management.calls import actions as calls
from services.project_management.calls.model import Call
from services.project_management.calls.schemas import CallCreate, SignoffCreate
from shared.contracts.catalog import OrganisationAdmitted
from shared.kernel.ids import new_id
from shared.kernel.types import Role, Sector
from tests.kit.platform import Running, Someone, someone

OFFICE, INSTITUTE, UNIVERSITY = new_id(), new_id(), new_id()
LI = someone(Role.PROGRAMME_OFFICER, organisation_id=OFFICE, organisation_name="Joint Office", subject="li.officer")
CHEN = someone(Role.COORDINATOR, organisation_name="Coordination Office", subject="chen.coordinator")
ZHAO = someone(
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    organisation_id=INSTITUTE,
    organisation_name="Institute of Light Alloys",
    subject="zhao.institute",
)
SUN = someone(
    Role.APPLICANT,
    Role.REPRESENTATIVE,
    organisation_id=UNIVERSITY,
    organisation_name="Jialing University",
    subject="sun.university",
)
OTHER = someone(Role.APPLICANT, Role.REPRESENTATIVE, organisation_name="Another Institute")
AUDITOR = someone(Role.AUDITOR, organisation_name="Audit")
VISITOR = None


def admitted(
    organisation_id: UUID, name: str, kind: str = "institute", region: str = "Chengdu", **changed: Any
) -> OrganisationAdmitted:
    fields: dict[str, Any] = {
        "id": organisation_id,
        "version": 2,
        "title": name,
        "name": name,
        "kind": kind,
        "sector": Sector.CIVIL,
        "region": region,
        "valid_until": datetime(2090, 1, 1, tzinfo=UTC),
        "reason": "evidence",
    }
    return OrganisationAdmitted(**fields | changed)


async def know_everybody(projects: Running) -> None:
    await projects.hear(
        admitted(INSTITUTE, "Institute of Light Alloys"),
        admitted(UNIVERSITY, "Jialing University", kind="university", region="Chongqing"),
    )


def call_fields(**changed: Any) -> dict[str, Any]:
    now = datetime.now(UTC)
    fields: dict[str, Any] = {
        "title": "Light alloys for regional aircraft",
        "title_zh": "支线飞机轻合金",
        "summary": "From laboratory to part.",
        "field": "Materials",
        "stage": "research",
        "budget": {"amount": "6000000.00", "currency": "CNY"},
        "ceiling": {"amount": "3000000.00", "currency": "CNY"},
        "opens_at": (now - timedelta(days=1)).isoformat(),
        "closes_at": (now + timedelta(days=1)).isoformat(),
        "kinds": ["institute", "university"],
        "regions": ["Chengdu", "Chongqing"],
        "reviewers_per_application": 2,
        "criteria": [{"name": "Novelty", "weight": "60"}, {"name": "Feasibility", "weight": "40"}],
        "budget_terms": {"required": False},
        "inventor_floor": "1/2",
        "label": "public",
    }
    return fields | changed


def application_fields(call_id: UUID, **changed: Any) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "call_id": str(call_id),
        "title": "Magnesium for seat frames",
        "abstract": "We make an alloy.",
        "requested": {"amount": "2400000.00", "currency": "CNY"},
        "partner_ids": [],
    }
    return fields | changed


async def draft_call(projects: Running, **changed: Any) -> Call:
    async with projects.work(LI) as work:
        return await calls.draft_call(work, CallCreate.model_validate(call_fields(**changed)))


async def released_call(projects: Running, **changed: Any) -> Call:
    """Drafted and sent by Li, signed off by Chen, released by Li."""
    call = await draft_call(projects, **changed)
    async with projects.work(LI) as work:
        await calls.request_signoff(work, call.id, None)
    async with projects.work(CHEN) as work:
        await calls.sign_off(work, call.id, SignoffCreate(decision="approve", reason="agreed"), None)
    async with projects.work(LI) as work:
        return await calls.release_call(work, call.id, None)


async def pdf(projects: Running, person: Someone, media_type: str = "application/pdf", label: str = "internal") -> UUID:
    """A clean document of the person's organisation, as the upload leaves it."""
    document_id = new_id()
    async with projects.work(person) as work:
        await work.execute(
            """INSERT INTO documents
                   (id, organisation_id, label, filename, media_type, size, sha256, state, uploaded_by, object_key)
               VALUES (%(id)s, %(org)s, %(label)s, 'plan.pdf', %(type)s, 1000, %(sha)s, 'clean', %(by)s, 'none')""",
            {
                "id": document_id,
                "org": person.organisation_id,
                "label": label,
                "type": media_type,
                "sha": document_id.hex * 2,
                "by": person.subject,
            },
        )
    return document_id


async def draft_application(projects: Running, call_id: UUID, lead: Someone = ZHAO, **changed: Any) -> Application:
    async with projects.work(lead) as work:
        fields = ApplicationCreate.model_validate(application_fields(call_id, **changed))
        return await applications.draft_application(work, fields)


async def consent(projects: Running, application_id: UUID, partner: Someone = SUN) -> None:
    async with projects.work(partner) as work:
        await applications.answer_for_partner(work, application_id, ConsentCreate(decision="consent"), None)


async def submitted_application(
    projects: Running, call_id: UUID, lead: Someone = ZHAO, partners: tuple[Someone, ...] = (), **changed: Any
) -> Application:
    ids = [str(partner.organisation_id) for partner in partners]
    application = await draft_application(projects, call_id, lead, partner_ids=ids, **changed)
    document_id = await pdf(projects, lead)
    async with projects.work(lead) as work:
        await applications.attach_document(work, application.id, document_id, None)
    for partner in partners:
        await consent(projects, application.id, partner)
    async with projects.work(lead) as work:
        return await applications.submit_application(work, application.id, None)


def at(projects: Running, moment: datetime) -> Callable[[], None]:
    """Set the service's clock; call the answer to let it run again."""
    before = projects.service.database.clock
    projects.service.database.clock = lambda: moment

    def reset() -> None:
        projects.service.database.clock = before

    return reset


AMOUNT = Decimal("2400000.00")
