"""The desk at which the office of a call writes what the reports of its projects ask, and how reporters will see it."""

from uuid import UUID

from fastapi import Request, Response

from services.project_management.answers.previews import Tried, preview
from services.project_management.calls.rules import State
from services.project_management.forms.desk import Desk, Place, lay_pages
from services.project_management.forms.queries import read as read_schema
from services.project_management.reports import actions, known, queries, rules
from services.project_management.reports.rules import PLAN, PLAN_READ
from services.project_management.reports.schemas import ReportTemplateCopy
from shared.db.work import Rows
from shared.web.edge import ReadDep, page_room
from shared.web.i18n import _, ngettext
from shared.web.pages import url
from shared.web.words import bilingual

pages = page_room("reports")
PATH = "/calls/{call_id}/reporting/template"


async def _place(rows: Rows, call_id: UUID) -> Place:
    found = await queries.plan(rows, call_id)
    call = found["call"]
    PLAN.require(rows.actor, owners={call["organisation_id"]}, thing="call")
    here = f"/projects/calls/{call_id}"
    over = call["state"] == State.CANCELLED
    used = await queries.begun_reports(rows, call_id)
    kept = ngettext(
        "%(n)s report is begun and keeps the template that it was begun with. Later ones ask what stands here.",
        "%(n)s reports are begun and keep the template that they were begun with. Later ones ask what stands here.",
        used,
    )
    fixed = _("The template is fixed: the call is cancelled, and no project will report by it.")
    return Place(
        form=read_schema(found["form"]),
        version=found["version"],
        root=f"{here}/reporting/template",
        desk=f"{here}/reporting/template/draft",
        title=_("Write the report template"),
        crumbs=[
            (bilingual(call["title"], call["title_zh"])[0], here),
            (_("Reporting of the call"), f"{here}/reporting"),
        ],
        judged=False,
        fixed=over,
        key_help=_("Questions with these keys are filled in from the records: %(keys)s.", keys=", ".join(known.KEYS)),
        notes=[("", fixed, "", "")] if over else [(_("The template is used"), kept, "", "")] if used else [],
        beginnings=[("source", _("Take it from"), await sources(rows, call_id))],
        exported=url("/projects/api/v1/calls", call_id, "reporting", "template"),
        apart=dict.fromkeys(found["parts"], _("Each organisation writes this for itself.")),
        known=known.KEYS,
    )


async def sources(rows: Rows, call_id: UUID) -> list[tuple[str, str]]:
    """Templates that can be taken over."""
    return [
        ("default", _("The template that comes along")),
        *(
            (str(one["id"]), bilingual(one["title"], one["title_zh"])[0])
            for one in await queries.planned_calls(rows, call_id)
        ),
    ]


lay_pages(pages, PATH, PLAN, Desk(_place, actions.change_template, ReportTemplateCopy, actions.take_template))


@pages.get(PATH + "/preview", allow=PLAN_READ)
async def try_template(request: Request, read: ReadDep, call_id: UUID) -> Response:
    """The template as the lead fills it in, with the parts of a partner."""
    found = await queries.plan(read, call_id)
    call = found["call"]
    ours = PLAN.allows(read.actor, owners={call["organisation_id"]})
    here = f"/projects/calls/{call_id}"

    def tried() -> Tried:
        both: list[rules.Organisation] = [{"id": "", "name": _("the lead")}, {"id": "", "name": _("a partner")}]
        return Tried(
            form=rules.expanded(read_schema(found["form"]), found["parts"], both),
            root=f"{here}/reporting/template/preview",
            desk=f"{here}/reporting/template/draft" if ours else "",
            crumbs=[
                (_("Calls"), "/projects/calls"),
                (bilingual(call["title"], call["title_zh"])[0], here),
                (_("Reporting of the call"), f"{here}/reporting"),
            ],
            lead=_("So the lead and its partners see a report. Try it: nothing is saved or sent to anybody."),
            told=_("What the reporters would be told stands beside each question."),
            edit=_("Write the template"),
            known=known.KEYS,
        )

    return await preview(request, tried)
