"""The causal chain for programs."""

from typing import Annotated
from uuid import UUID

from fastapi import Path, Response

from services.coordination.chain import queries
from services.coordination.chain.rules import READ
from services.coordination.chain.schemas import ChainRead
from shared.web.edge import Json, ReadDep, api_room
from shared.web.links import thing_url

api = api_room("chain")
KindParam = Annotated[str, Path(pattern=r"^[a-z_]{1,40}$", description="A kind of thing, such as `project`")]


@api.get("/chain/{kind}/{thing_id}", allow=READ, response_model=ChainRead)
async def get_chain(read: ReadDep, kind: KindParam, thing_id: UUID) -> Response:
    """What the thing arose from and what arose from it, as far as the caller may see."""
    found = await queries.chain(read, kind, thing_id)
    things = [
        {
            **{name: row[name] for name in ("kind", "id", "service", "title", "state", "label", "version", "at")},
            "url": thing_url(row["kind"], row["id"]),
            "layer": found.layer[row["kind"], row["id"]],
        }
        for row in found.things
    ]
    root = {"kind": found.root[0], "id": found.root[1]} if found.root else None
    return Json({"things": things, "links": found.links, "root": root, "truncated": found.truncated})
