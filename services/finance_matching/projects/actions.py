"""Keeps what project management says about projects and milestones."""

from services.finance_matching.projects.model import PaidTranche, Project
from shared.contracts.project_delivery import ProjectTerminated
from shared.contracts.projects import MilestoneAccepted, ProjectCompleted, ProjectStarted
from shared.db.work import Work, as_json

_UPSERT = f"""
INSERT INTO {Project.__tablename__} AS p
       (id, version, started, title, state, label, lead_id, lead_name, parties,
        field, stage, region, sector, amount, currency, ends_on)
VALUES (%(id)s, %(version)s, %(started)s, %(title)s, %(state)s, %(label)s, %(lead)s, %(lead_name)s, %(parties)s::jsonb,
        %(field)s, %(stage)s, %(region)s, %(sector)s, %(amount)s, %(currency)s, %(ends_on)s)
ON CONFLICT (id) DO UPDATE SET
    state = CASE WHEN excluded.version > p.version THEN excluded.state ELSE p.state END,
    label = CASE WHEN excluded.version > p.version THEN excluded.label ELSE p.label END,
    title = CASE WHEN excluded.version > p.version THEN excluded.title ELSE p.title END,
    parties = CASE WHEN excluded.started THEN excluded.parties ELSE p.parties END,
    field = CASE WHEN excluded.started THEN excluded.field ELSE p.field END,
    stage = CASE WHEN excluded.started THEN excluded.stage ELSE p.stage END,
    region = CASE WHEN excluded.started THEN excluded.region ELSE p.region END,
    sector = CASE WHEN excluded.started THEN excluded.sector ELSE p.sector END,
    amount = CASE WHEN excluded.started THEN excluded.amount ELSE p.amount END,
    currency = CASE WHEN excluded.started THEN excluded.currency ELSE p.currency END,
    ends_on = CASE WHEN excluded.started THEN excluded.ends_on ELSE p.ends_on END,
    started = p.started OR excluded.started,
    version = greatest(p.version, excluded.version)
"""  # noqa: S608 -- constants only


async def record_project(work: Work, event: ProjectStarted | ProjectCompleted | ProjectTerminated) -> None:
    """Any order and any number of repeats of the two facts end in the same row."""
    start = event if isinstance(event, ProjectStarted) else None
    parties = (event.lead, *(start.partners if start else ()))
    await work.execute(
        _UPSERT,
        {
            "id": event.id,
            "version": event.version,
            "started": start is not None,
            "title": event.title,
            "state": event.state,
            "label": event.label.value,
            "lead": event.lead.id,
            "lead_name": event.lead.name,
            "parties": as_json([party.model_dump() for party in parties]),
            "field": start.field if start else "",
            "stage": start.stage if start else "",
            "region": start.region if start else "",
            "sector": start.sector.value if start else "",
            "amount": start.amount if start else None,
            "currency": start.currency if start else "",
            "ends_on": start.ends_on if start else None,
        },
    )


async def record_tranche(work: Work, event: MilestoneAccepted) -> None:
    """A milestone is accepted once, so the first telling is the only one that counts."""
    await work.execute(
        f"""INSERT INTO {PaidTranche.__tablename__} (milestone_id, project_id, number, amount, currency)
            VALUES (%(id)s, %(project)s, %(number)s, %(amount)s, %(currency)s) ON CONFLICT DO NOTHING""",  # noqa: S608 -- constants only
        {
            "id": event.id,
            "project": event.project_id,
            "number": event.number,
            "amount": event.tranche,
            "currency": event.currency,
        },
    )
