"""Facts of other services for the tests of coordination."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from shared.contracts import catalog, finance, projects
from shared.contracts.base import ThingRef
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, SecurityLabel

NOW = datetime.now(UTC)


def ref(kind: str, id: UUID) -> ThingRef:
    return ThingRef(kind=kind, id=id)


def task(id: UUID | None = None, **changed: Any) -> projects.TaskAssigned:
    fields: dict[str, Any] = {
        "id": id or new_id(),
        "version": 1,
        "title": "Check the application “Bearing cages”",
        "kind": "application.check",
        "role": Role.PROGRAMME_OFFICER,
        "url": "/projects/applications/1",
        "about": ref("application", new_id()),
        "label": SecurityLabel.INTERNAL,
    }
    return projects.TaskAssigned(**fields | changed)


def done(id: UUID, **changed: Any) -> projects.TaskDone:
    fields = {"id": id, "version": 2, "title": "Check the application “Bearing cages”", "label": SecurityLabel.INTERNAL}
    return projects.TaskDone(**fields | changed)


def call_released(id: UUID, version: int = 4, **changed: Any) -> projects.CallReleased:
    fields: dict[str, Any] = {
        "id": id,
        "version": version,
        "title": "Light alloys for bearings",
        "call_version": version,
        "field": "advanced materials",
        "budget": "1000000.00",
        "currency": "CNY",
        "opens_at": NOW,
        "closes_at": NOW,
        "sha256": "0" * 64,
    }
    return projects.CallReleased(**fields | changed)


def call_drafted(id: UUID, owner: UUID) -> projects.CallDrafted:
    return projects.CallDrafted(
        id=id, version=1, title="Light alloys for bearings", label=SecurityLabel.INTERNAL, owners=(owner,)
    )


def call_closed(id: UUID, version: int = 9) -> projects.CallClosed:
    return projects.CallClosed(id=id, version=version, title="Light alloys for bearings", applications=1)


def application(id: UUID, call: UUID, owner: UUID, **changed: Any) -> projects.ApplicationDrafted:
    fields: dict[str, Any] = {
        "id": id,
        "version": 1,
        "title": "Bearing cages from melts",
        "label": SecurityLabel.INTERNAL,
        "owners": (owner,),
        "arises_from": (ref("call", call),),
        "call_id": call,
        "lead": OrgRef(id=str(owner), name="Institute"),
    }
    return projects.ApplicationDrafted(**fields | changed)


def submitted(id: UUID, call: UUID, owner: UUID, version: int = 2, **changed: Any) -> projects.ApplicationSubmitted:
    fields: dict[str, Any] = {
        "id": id,
        "version": version,
        "title": "Bearing cages from melts",
        "label": SecurityLabel.INTERNAL,
        "owners": (owner,),
        "arises_from": (ref("call", call),),
        "call_id": call,
        "lead": OrgRef(id=str(owner), name="Institute"),
        "requested": "10.00",
        "currency": "CNY",
        "sha256": "0" * 64,
    }
    return projects.ApplicationSubmitted(**fields | changed)


def project(id: UUID, application: UUID, owner: UUID) -> projects.TaskBookDrafted:
    return projects.TaskBookDrafted(
        id=id,
        version=1,
        title="Bearing cages",
        label=SecurityLabel.INTERNAL,
        owners=(owner,),
        arises_from=(ref("application", application),),
        call_id=new_id(),
        application_id=application,
        lead=OrgRef(id=str(owner), name="Institute"),
        sha256="0" * 64,
    )


def achievement(id: UUID, project: UUID, owner: UUID, **changed: Any) -> catalog.AchievementReleased:
    fields: dict[str, Any] = {
        "id": id,
        "version": 3,
        "title": "Quiet bearings",
        "owners": (owner,),
        "arises_from": (ref("project", project),),
        "kind": "process",
        "abstract": "A bearing.",
        "trl": 5,
        "organisation": OrgRef(id=str(owner), name="Institute"),
        "checked_label": SecurityLabel.PUBLIC,
    }
    return catalog.AchievementReleased(**fields | changed)


def need(id: UUID, project: UUID, owner: UUID, **changed: Any) -> finance.NeedOpened:
    fields: dict[str, Any] = {
        "id": id,
        "version": 1,
        "title": "Money for a pilot line",
        "label": SecurityLabel.INTERNAL,
        "owners": (owner,),
        "arises_from": (ref("project", project),),
        "organisation": OrgRef(id=str(owner), name="Institute"),
        "stage": "production",
        "amount": "5000000.00",
        "currency": "CNY",
    }
    return finance.NeedOpened(**fields | changed)


def product(id: UUID, bank: UUID) -> finance.ProductPublished:
    return finance.ProductPublished(
        id=id,
        version=2,
        title="Pledge loan",
        owners=(bank,),
        institution=OrgRef(id=str(bank), name="Bank"),
        kind="loan",
        valid_until=NOW,
    )


def match(id: UUID, need: UUID, product: UUID, *owners: UUID) -> finance.MatchFound:
    return finance.MatchFound(
        id=id,
        version=1,
        title="Money for a pilot line – Pledge loan",
        label=SecurityLabel.INTERNAL,
        owners=owners,
        arises_from=(ref("need", need), ref("product", product)),
        need_id=need,
        product_id=product,
        outcome="yes",
        score=80,
    )
