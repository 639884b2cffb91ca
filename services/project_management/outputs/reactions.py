"""Hears what came of projects."""

from uuid import UUID

from services.project_management.outputs.model import Invention, Output
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.catalog import AchievementReleased
from shared.contracts.ip import AssetRegistered, InventionDisclosed
from shared.db.work import Work

hears = Reactions()

_UPSERT = f"""
INSERT INTO {Output.__tablename__} AS o (kind, id, version, project_id, title, what, label)
VALUES (%(kind)s, %(id)s, %(version)s, %(project_id)s, %(title)s, %(what)s, %(label)s)
ON CONFLICT (kind, id) DO UPDATE SET
    version = excluded.version, project_id = excluded.project_id, title = excluded.title, what = excluded.what,
    label = excluded.label
WHERE excluded.version > o.version
"""  # noqa: S608 -- the table's own name


@hears.on(AssetRegistered, AchievementReleased)
async def on_output(work: Work, event: AssetRegistered | AchievementReleased, heard: Envelope) -> None:
    """Only what names its project; the newest fact counts."""
    if event.project_id is None:
        return
    await work.execute(
        _UPSERT,
        {
            "kind": event.thing,
            "id": event.id,
            "version": event.version,
            "project_id": event.project_id,
            "title": event.title,
            "what": event.kind,
            "label": event.label.value,
        },
    )


@hears.on(InventionDisclosed)
async def on_invention_disclosed(work: Work, event: InventionDisclosed, heard: Envelope) -> None:
    """Who is named together as inventors, by their record where the registry knows it and else by name;
    whom it may tie to whom the clock finds out."""
    await work.execute(
        f"""INSERT INTO {Invention.__tablename__} (id, organisation_id, inventors, inventor_ids, disclosed_at)
            VALUES (%(id)s, %(organisation)s, %(inventors)s, %(ids)s::uuid[], %(at)s)
            ON CONFLICT (id) DO NOTHING""",  # noqa: S608
        {
            "id": event.id,
            "organisation": UUID(event.organisation.id),
            "inventors": list(event.inventors),
            "ids": list(event.inventor_ids),
            "at": heard.time,
        },
    )
    known = {str(one) for one in event.inventor_ids if one}
    by_name = len(known) < len(event.inventors)
    await work.execute(
        """INSERT INTO touched_people (key, touched_at) SELECT k, %(now)s FROM unnest(%(keys)s::text[]) k
           ON CONFLICT (key) DO UPDATE SET touched_at = excluded.touched_at""",
        {"keys": sorted(known | ({event.organisation.id} if by_name else set())), "now": work.now},
    )
