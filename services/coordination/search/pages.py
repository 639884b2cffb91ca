"""The page behind the search box of the top bar."""

from typing import Annotated

from fastapi import Query, Request, Response

from services.coordination.chain.words import state_word
from services.coordination.search import queries
from services.coordination.search.rules import SEARCH
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.links import chain_url, thing_url, thing_word

pages = page_room("search")


@pages.get("/search", allow=SEARCH)
async def search(
    request: Request,
    read: ReadDep,
    q: str = "",
    kind: Annotated[str | None, Query(pattern=r"^[a-z_]{1,40}$")] = None,
) -> Response:
    words = q.replace("\x00", "").strip()[:200]
    found = await queries.hits(read, words, kind)
    for group in found["groups"]:
        group["word"] = thing_word(group["kind"])
        for row in group["items"]:
            row["chain"] = chain_url(row["kind"], row["id"])
            row["url"] = thing_url(row["kind"], row["id"], read.actor) or row["chain"]
            row["state"] = state_word(row["state"])
    return service_of(request).pages.render(request, "search/list.html", found=found, kind=kind)
