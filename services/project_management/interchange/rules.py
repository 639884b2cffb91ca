"""Calls and awards in the words of CommonGrants (commongrants.org), for systems that collect them from many places."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from common_grants_sdk.schemas.pydantic import (
    ApplicantType,
    AppRef,
    AwardBase,
    AwdFunding,
    AwdStatus,
    AwdTimeline,
    CustomField,
    CustomFieldType,
    Money,
    OppFunding,
    OpportunityBase,
    OpportunityDetails,
    OppRef,
    OppStatus,
    OppTimeline,
    OrgRef,
    OrgRefCollection,
    SingleDateEvent,
)

from services.project_management.calls.rules import Phase
from shared.kernel.clock import BEIJING
from shared.kernel.policy import anyone

READ = anyone("interchange.read")
STATUS = {Phase.UPCOMING: "forecasted", Phase.OPEN: "open"}
"""Phases of a call; what is past its closing is closed, a cancelled one says so."""
SORTS = {
    "lastModifiedAt": "modified_at",
    "createdAt": "released_at",
    "title": "title",
    "status.value": "status",
    "keyDates.closeDate": "closes_at",
    "funding.maxAwardAmount": "ceiling_amount",
    "funding.totalAmountAvailable": "budget_amount",
}
"""Field of the protocol → column."""
ZONE = "Beijing time (UTC+8)"


def status(phase: str) -> dict[str, str]:
    if phase == Phase.CANCELLED:
        return {"value": "custom", "customValue": "cancelled"}
    return {"value": STATUS.get(Phase(phase), "closed")}


def opportunity(call: dict[str, Any], address: str) -> OpportunityDetails:
    """A released call. `address` is where the platform is reached."""
    budget, ceiling = call["budget"], call["ceiling"]
    extra = {
        name: CustomField(name=name, field_type=CustomFieldType.STRING, value=value)
        for name, value in (("titleZh", call["title_zh"]), ("field", call["field"]), ("stage", call["stage"]))
        if value
    }
    office = OrgRef(id=call["organisation_id"], name=call["organisation_name"])
    return OpportunityDetails(
        id=call["id"],
        title=call["title"],
        description=call["summary"] or call["title"],
        status=OppStatus.model_validate(status(call["phase"])),
        funding=OppFunding(
            total_amount_available=_money(budget["amount"], budget["currency"]),
            max_award_amount=_money(ceiling["amount"], ceiling["currency"]),
        ),
        funders=OrgRefCollection(primary=office),
        key_dates=OppTimeline(
            post_date=_moment("Opens", call["opens_at"]), close_date=_moment("Closes", call["closes_at"])
        ),
        source=f"{address}/projects/calls/{call['id']}",
        accepted_applicant_types=[
            ApplicantType.model_validate({"value": "custom", "customValue": kind}) for kind in call["kinds"]
        ]
        or [ApplicantType.model_validate({"value": "organization"})],
        custom_fields=extra,
        created_at=call["released_at"],
        last_modified_at=call["modified_at"],
    )


def listed(one: OpportunityDetails) -> OpportunityBase[Any]:
    """As it stands in a list."""
    return OpportunityBase.model_validate(one.model_dump(by_alias=True))


def award(row: dict[str, Any], address: str) -> AwardBase[Any]:
    """A funded application, as the public notice of its call showed it, or would have."""
    lead = OrgRef(id=row["lead_id"], name=row["lead_name"])
    office = OrgRef(id=row["office_id"], name=row["office_name"])
    return AwardBase.model_validate(
        {
            "id": row["id"],
            "title": row["title"],
            "description": row["title"],
            "status": AwdStatus.model_validate({"value": "completed" if row["completed_at"] else "awarded"}),
            "funding": AwdFunding(awarded_amount=_money(row["amount"], row["currency"])),
            "keyDates": AwdTimeline(award_date=_moment("Decided", row["final_at"])),
            "opportunity": OppRef(id=row["call_id"], title=row["call_title"]),
            "application": AppRef(id=row["application_id"], title=row["title"]),
            "funders": OrgRefCollection(primary=office),
            "recipientOrganizations": OrgRefCollection(primary=lead),
            "source": f"{address}/projects/calls/{row['call_id']}" + ("/notice" if row["noticed"] else ""),
            "createdAt": row["final_at"],
            "lastModifiedAt": row["completed_at"] or row["final_at"],
        }
    )


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount=f"{amount:.2f}", currency=currency)


def _moment(name: str, at: datetime) -> SingleDateEvent:
    local = at.astimezone(BEIJING)
    return SingleDateEvent(name=name, date=local.date(), time=local.time().replace(microsecond=0), description=ZONE)
