"""Papers for people; without sign-in."""

from typing import Any

from fastapi import Request, Response

from services.project_management.receipts import queries, rules
from services.project_management.receipts.rules import CHECK, READ
from shared.db.work import Rows
from shared.kernel.errors import NotFound, Problem
from shared.kernel.marks import N_
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.forms import FormState
from shared.web.i18n import _, lazy
from shared.web.sentences import said
from shared.web.uploads import read_small_file

pages = page_room("receipts")
KINDS = {
    "receipt": lazy("Receipt of submission"),
    "letter": lazy("Decision letter"),
    "report": lazy("Progress report"),
    "review": lazy("Expert review"),
    "summary": lazy("Summary of the reviews"),
    "minutes": lazy("Minutes of a panel"),
    "task_book": lazy("Task book"),
    "agreement": lazy("Agreement on results"),
    "evaluation": lazy("Decision on an evaluation"),
}


@pages.get("/receipts", allow=READ)
async def receipt_search(request: Request, read: ReadDep) -> Response:
    """A number or a hash, pasted."""
    pasted = request.query_params.get("about", "")[:300]
    number, sha256 = rules.meant(pasted)
    found, fault = [], ""
    if sha256:
        found = await queries.receipts_of(read, sha256)
    elif number:
        try:
            found = [await queries.receipt(read, number)]
        except NotFound as unknown:
            fault = unknown.detail
    elif pasted.strip():
        fault = N_("This is neither the number of a paper nor a SHA-256.")
    if sha256 and not found:
        fault = N_("Nothing with this hash was handed in or issued here.")
    state = FormState({"about": [pasted]} if pasted else {}, {"about": [said(fault)]} if fault else {})
    return await _page(request, read, search=state, found=found)


@pages.get("/receipts/{receipt_number}", allow=READ)
async def receipt_detail(request: Request, read: ReadDep, receipt_number: str) -> Response:
    number, _hash = rules.meant(receipt_number[:100])
    if not number:
        raise NotFound(N_("There is no paper with this number. Compare it with the paper, sign by sign."))
    return await _page(request, read, found=[await queries.receipt(read, number)], title=number)


@pages.post("/receipts/checks", allow=CHECK)
async def check_file(request: Request, read: ReadDep) -> Response:
    try:
        file = await read_small_file(request, rules.MOST_BYTES)
    except Problem as problem:
        return await _page(
            request, read, found=[], upload=FormState(errors={"file": [said(problem.detail)]}), status=problem.status
        )
    told, found = await queries.papers_of(read, file)
    if told["genuine"]:
        verdict = ("success", _("This paper was issued by this platform and has not been changed."))
    elif told["sealed"]:
        verdict = ("danger", _("This file was changed after it was issued, or was never issued here."))
    elif found:
        verdict = ("success", _("Exactly this content was handed in or issued."))
    else:
        verdict = (
            "warning",
            _("This file is neither a paper of this platform nor anything handed in here."),
        )
    return await _page(request, read, found=found, verdict=verdict, sha256=told["sha256"])


async def _page(
    request: Request,
    rows: Rows,
    *,
    found: list[dict[str, Any]],
    search: FormState | None = None,
    upload: FormState | None = None,
    verdict: tuple[str, str] | None = None,
    sha256: str = "",
    title: str = "",
    status: int = 200,
) -> Response:
    return service_of(request).pages.render(
        request,
        "receipts/detail.html",
        status=status,
        found=found,
        search=search or FormState(),
        upload=upload or FormState(),
        verdict=verdict,
        sha256=sha256,
        number=title,
        keys=await queries.public_keys(rows),
        KINDS=KINDS,
    )
