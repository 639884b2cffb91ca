"""The search for programs."""

from typing import Annotated

from fastapi import Query, Response

from services.coordination.search import queries
from services.coordination.search.rules import SEARCH
from services.coordination.search.schemas import SearchRead
from shared.web.edge import Json, ReadDep, api_room
from shared.web.links import chain_url, thing_url

api = api_room("search")
KindQuery = Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$", description="Only things of this kind")]
WordsQuery = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Part of a title")]


@api.get("/search", allow=SEARCH, response_model=SearchRead)
async def search(read: ReadDep, q: WordsQuery, kind: KindQuery = None) -> Response:
    """Things of every service whose title contains the words, as far as the caller may see."""
    found = await queries.hits(read, q, kind)
    shown = ("id", "service", "title", "state", "label", "at")
    for group in found["groups"]:
        group["items"] = [
            {
                **{name: row[name] for name in shown},
                "url": thing_url(row["kind"], row["id"]),
                "chain_url": chain_url(row["kind"], row["id"]),
            }
            for row in group["items"]
        ]
    return Json(found)
