"""Writes about deadlines: computed when an asset is registered, then met or missed."""

from datetime import datetime, time
from uuid import UUID

from services.ip_registry.assets.model import Asset
from services.ip_registry.assets.rules import Kind
from services.ip_registry.docket import rules
from services.ip_registry.docket.model import Deadline
from services.ip_registry.docket.queries import holders_of
from shared.contracts.base import ThingRef
from shared.contracts.ip import DeadlineMet, DeadlineMissed, TaskAssigned, TaskDone
from shared.db.work import Work
from shared.kernel.clock import BEIJING, local_day
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel

_KNOWN = "SELECT rule FROM deadlines WHERE asset_id = %(id)s"


async def open_deadlines(work: Work, asset: Asset) -> list[Deadline]:
    """Compute what the rules ask for after the filing of an asset, and put each date on somebody's list.

    What is open already stays as it is.
    """
    if asset.filed_on is None:
        return []
    known = {row["rule"] for row in await work.rows(_KNOWN, {"id": asset.id})}
    opened = []
    for found in rules.due_after(Kind(asset.kind), asset.filed_on, local_day(asset.created_at)):
        rule = found.rule
        if rule.id in known:
            continue
        deadline = Deadline(
            created_at=work.now,
            asset_id=asset.id,
            rule=rule.id,
            rule_version=rule.version,
            rule_source=rule.source,
            what=rule.what,
            trigger_on=asset.filed_on,
            unshifted_on=found.unshifted,
            due_on=found.due,
            calendar=rules.CALENDAR,
            task_id=new_id(),
        )
        work.add(deadline)
        opened.append(deadline)
        work.emit(
            TaskAssigned(
                id=deadline.task_id,
                version=1,
                title=rules.task_title(rule.id, rule.what, asset.title),
                label=SecurityLabel(asset.label),
                role=Role.IP_OFFICER,
                kind="deadline.meet",
                url=f"/ip/assets/{asset.id}",
                due_at=datetime.combine(found.due, time(23, 59), BEIJING),
                about=ThingRef(kind="asset", id=asset.id),
            )
        )
    return opened


async def meet_deadline(work: Work, deadline_id: UUID, note: str, version: int | None) -> Deadline:
    """Record that what was due is done. Raises NotFound, Stale, DeadlineClosed."""
    rules.RECORD.require(work.actor)
    deadline = await work.get(Deadline, deadline_id)
    asset = await work.get(Asset, deadline.asset_id)
    rules.RECORD.require(work.actor, label=SecurityLabel(asset.label), thing="deadline")
    work.must_match(deadline, version)
    deadline.close("meet", note)
    work.emit(
        DeadlineMet(
            id=asset.id,
            version=asset.touch(),
            title=asset.title,
            label=SecurityLabel(asset.label),
            owners=await holders_of(work, asset.id),
            rule=deadline.rule,
            due_on=deadline.due_on,
            note=note,
        )
    )
    _task_done(work, asset, deadline, "met")
    return deadline


async def miss_overdue(work: Work) -> None:
    """Mark open deadlines whose day has passed; a missed one is a fact that lenders must hear. Run by the clock."""
    found = await work.rows(
        """SELECT id FROM deadlines WHERE state = 'open' AND due_on < %(today)s
           ORDER BY due_on LIMIT 200 FOR UPDATE SKIP LOCKED""",
        {"today": local_day(work.now)},
    )
    for row in found:
        async with work.apart(deadline=row["id"]):
            deadline = await work.get(Deadline, row["id"])
            asset = await work.get(Asset, deadline.asset_id)
            deadline.close("miss")
            work.emit(
                DeadlineMissed(
                    id=asset.id,
                    version=asset.touch(),
                    title=asset.title,
                    label=SecurityLabel(asset.label),
                    owners=await holders_of(work, asset.id),
                    rule=deadline.rule,
                    due_on=deadline.due_on,
                )
            )
            _task_done(work, asset, deadline, "missed")


def _task_done(work: Work, asset: Asset, deadline: Deadline, outcome: str) -> None:
    work.emit(
        TaskDone(
            id=deadline.task_id,
            version=2,
            title=rules.task_title(deadline.rule, deadline.what, asset.title),
            label=SecurityLabel(asset.label),
            outcome=outcome,
        )
    )
