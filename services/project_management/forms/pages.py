"""Forms for people: what a call asks, and the desk at which its office writes that."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.calls.rules import State
from services.project_management.forms import actions, desk, queries, words
from services.project_management.forms.desk import Desk, Place, page_words
from services.project_management.forms.rules import DESIGN, READ, WRITTEN_WHILE
from services.project_management.forms.schemas import FormCopy
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import read_form
from shared.web.i18n import _
from shared.web.pages import redirect, url
from shared.web.words import bilingual

pages = page_room("forms")


async def _place(rows: Rows, call_id: UUID) -> Place:
    found = await queries.working_form(rows, call_id)
    call = found["call"]
    DESIGN.require(rows.actor, owners={call["organisation_id"]}, thing="call")
    here = f"/projects/calls/{call_id}"
    others = await queries.calls_with_forms(rows, call_id)
    return Place(
        form=queries.read(found["schema"]),
        version=found["version"],
        root=f"{here}/form",
        desk=f"{here}/form/draft",
        title=_("Write the application form"),
        crumbs=[(bilingual(call["title"], call["title_zh"])[0], here)],
        fixed=call["state"] not in WRITTEN_WHILE,
        waits=found["waits"],
        notes=_notes(call, found["waits"]),
        beginnings=[
            ("sample", _("A form that comes along"), [(key, str(word)) for key, word in words.SAMPLES.items()]),
            (
                "earlier_call",
                _("Or the form of a call"),
                [(str(one["id"]), bilingual(one["title"], one["title_zh"])[0]) for one in others],
            ),
        ],
        exported=url("/projects/api/v1/calls", call_id, "form", "draft"),
    )


def _notes(call: dict[str, Any], waits: bool) -> list[tuple[str, str, str, str]]:
    if call["state"] in (State.IN_SIGNOFF, State.SIGNED_OFF):
        text = _(
            "The form is fixed while the call is signed off. Return the call to draft to change it; once the call is"
            " released, an amendment changes it."
        )
        return [("", text, "", "")]
    if call["state"] not in WRITTEN_WHILE:
        text = _("The form is fixed: the call has closed or been cancelled, and nothing of it is amended any more.")
        return [("", text, "", "")]
    if not call["released_at"]:
        return []
    text = _(
        "What you change here becomes a new version with an amendment of the call; until then applicants go on with"
        " the form as it is."
    )
    on = (_("Go on to the amendment"), url("/projects/calls", call["id"], "amendment")) if waits else ("", "")
    return [(_("The call is released"), text, *on)]


DESK = Desk(_place, actions.change_form, FormCopy, actions.take_form)


@pages.get("/calls/{call_id}/form", allow=READ)
async def form_page(request: Request, read: ReadDep, call_id: UUID) -> Response:
    """What the call asks; its office is led to where it is written while there is nothing to read."""
    found = await queries.working_form(read, call_id)
    ours = DESIGN.allows(read.actor, owners={found["call"]["organisation_id"]})
    form = queries.read(found["present"])
    if not form.sections and ours:
        return redirect(f"/projects/calls/{call_id}/form/draft")
    return service_of(request).pages.render(
        request,
        "forms/detail.html",
        call=found["call"],
        form=form,
        may_design=ours and found["call"]["state"] in WRITTEN_WHILE,
        **page_words(),
    )


desk.lay_pages(pages, "/calls/{call_id}/form", DESIGN, DESK)


@pages.post("/calls/{call_id}/form/discard", allow=DESIGN)
async def give_up_changes(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.give_up_changes(work, call_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await DESK.page(request, work, call_id, refused=problem)
    return redirect(f"/projects/calls/{call_id}/form", notice=_("The changes are thrown away."))
