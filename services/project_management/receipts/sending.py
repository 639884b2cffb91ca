"""A sealed paper as the answer to a request: the one way in which papers leave the service."""

from collections.abc import Callable
from typing import Any

from fastapi import Request, Response

from services.project_management.receipts.keys import signing_key
from services.project_management.receipts.paper import Paper, sealed
from shared.web.edge import service_of

PDF: dict[int | str, dict[str, Any]] = {
    200: {"content": {"application/pdf": {"schema": {"type": "string", "format": "binary"}}}}
}


async def paper_answer(request: Request, papers: Callable[[str, str], tuple[Paper, Paper]], name: str) -> Response:
    """The papers that are made of the platform's address and the key's id, in both languages, with the seal. Raises
    Unavailable."""
    settings = service_of(request).settings
    key = signing_key(settings.receipt_key.get_secret_value())
    first, second = papers(settings.address, key.id)
    headers = {"Content-Disposition": f'inline; filename="{name}.pdf"'}
    return Response(await sealed(first, second, key), media_type="application/pdf", headers=headers)
