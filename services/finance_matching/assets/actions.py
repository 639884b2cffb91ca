"""Keeps what the IP registry says about assets."""

from services.finance_matching.assets.model import Asset
from shared.contracts.ip import AssetRegistered
from shared.db.work import Work


async def record_asset(work: Work, event: AssetRegistered) -> None:
    """A repeat changes nothing; a later version of the same fact replaces the earlier."""
    await work.execute(
        f"""INSERT INTO {Asset.__tablename__} AS a (id, version, title, kind, label, holder_ids)
            VALUES (%(id)s, %(version)s, %(title)s, %(kind)s, %(label)s, %(holders)s::uuid[])
            ON CONFLICT (id) DO UPDATE SET version = excluded.version, title = excluded.title, kind = excluded.kind,
                label = excluded.label, holder_ids = excluded.holder_ids
            WHERE excluded.version > a.version""",  # noqa: S608 -- constants only
        {
            "id": event.id,
            "version": event.version,
            "title": event.title,
            "kind": event.kind,
            "label": event.label.value,
            "holders": [share.holder.id for share in event.shares],
        },
    )
