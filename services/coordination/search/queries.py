"""The search over what every service has said; labels and visibility are applied before counting."""

from typing import Any

from services.coordination.chain import queries as chain
from services.coordination.search.rules import ONE_KIND, PER_KIND
from shared.db.work import Rows


async def hits(rows: Rows, words: str, kind: str | None = None) -> dict[str, Any]:
    """Grouped by kind, the rarest kind first; nothing for no words."""
    words = words.strip()
    found = await chain.search(rows, words, kind=kind, per_kind=ONE_KIND if kind else PER_KIND) if words else []
    groups: dict[str, dict[str, Any]] = {}
    for row in found:
        group = groups.setdefault(row["kind"], {"kind": row["kind"], "count": row["n"], "items": []})
        group["items"].append(row)
    return {"q": words, "total": sum(group["count"] for group in groups.values()), "groups": list(groups.values())}
