"""The causal-chain explorer."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Request, Response

from services.coordination.chain import drawing, queries
from services.coordination.chain.rules import MAX_THINGS, READ
from services.coordination.chain.words import state_word
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.links import chain_url, thing_word
from shared.web.paging import SearchParam

pages = page_room("chain")


@pages.get("/chain", allow=READ)
async def chain_entrance(request: Request, read: ReadDep, q: SearchParam = "") -> Response:
    words = q.strip()
    things = await queries.search(read, words, per_kind=20) if words else await queries.recent(read, limit=20)
    return service_of(request).pages.render(
        request,
        "chain/list.html",
        q=words,
        things=[
            {
                **row,
                "word": thing_word(row["kind"]),
                "chain": chain_url(row["kind"], row["id"]),
                "state": state_word(row["state"]),
            }
            for row in things
        ],
    )


@pages.get("/chain/{kind}/{thing_id}", allow=READ)
async def chain_detail(
    request: Request, read: ReadDep, kind: Annotated[str, Path(pattern=r"^[a-z_]{1,40}$")], thing_id: UUID
) -> Response:
    chain = await queries.chain(read, kind, thing_id)
    current = (kind, thing_id)
    return service_of(request).pages.render(
        request,
        "chain/detail.html",
        thing=next(row for row in chain.things if (row["kind"], row["id"]) == current),
        word=thing_word(kind),
        current=current,
        steps=drawing.strip(chain, current, read.actor),
        things=drawing.table(chain, read.actor),
        option=drawing.plot(chain, current, read.actor),
        size="lg" if len(chain.things) > 12 else "md",
        truncated=chain.truncated,
        most=MAX_THINGS,
    )
