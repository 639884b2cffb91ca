"""Papers for programs; without sign-in."""

from fastapi import Request, Response

from services.project_management.receipts import queries, rules
from services.project_management.receipts.keys import signing_key
from services.project_management.receipts.rules import CHECK, READ
from services.project_management.receipts.schemas import CheckRead, KeyList, SignedReceiptRead
from services.project_management.snapshots import canonical
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.web.edge import Json, ReadDep, api_room, service_of
from shared.web.uploads import read_small_file

api = api_room("receipts")
FILE = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}


@api.get("/receipts/keys", allow=READ, response_model=KeyList)
async def list_keys(read: ReadDep) -> Response:
    """The public keys with which receipts are or were signed."""
    return Json({"items": await queries.public_keys(read)})


@api.get("/receipts/{receipt_number}", allow=READ, response_model=SignedReceiptRead)
async def get_receipt(request: Request, read: ReadDep, receipt_number: str) -> Response:
    """Whether a paper is good, and of what; with a signature that can be kept and checked elsewhere."""
    number, _hash = rules.meant(receipt_number[:100])
    if not number:
        raise NotFound(N_("There is no paper with this number. Compare it with the paper, sign by sign."))
    found = await queries.receipt(read, number)
    key = signing_key(service_of(request).settings.receipt_key.get_secret_value())
    text, _sha = canonical(found["statement"])
    return Json(found | {"key_id": key.id, "signature": key.sign(text.encode())})


@api.post("/receipts/checks", allow=CHECK, response_model=CheckRead, openapi_extra=FILE)
async def check_file(request: Request, read: ReadDep) -> Response:
    """What a file is: the PDF of a paper, or the snapshot that was kept of something. The file is not kept."""
    told, found = await queries.papers_of(read, await read_small_file(request, rules.MOST_BYTES))
    return Json(told | {"receipts": found})
