"""The officers' dashboard for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.calls.words import PHASES
from services.project_management.dashboards import queries, rules
from services.project_management.dashboards.rules import SEE, TIMED, Step
from services.project_management.dashboards.words import PROMISED, STEPS, TIMES, WAITS, days, exported_cells
from shared.db.work import Rows
from shared.kernel.types import Role
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.exports import all_at_once, exported, wanted
from shared.web.formats import percent
from shared.web.i18n import _

pages = page_room("dashboards")
EVERYWHERE = "all"


@pages.get("/dashboard", allow=SEE)
async def dashboard(request: Request, read: ReadDep, call: UUID | None = None) -> Response:
    known = await queries.offices(read)
    one = await queries.course_of(read, call) if call else None
    office = EVERYWHERE if one else _office(read, known, request.query_params.get("office", ""))
    cut: queries.Cut = {"offices": None if office == EVERYWHERE else [UUID(office)], "call_id": call}
    if wanted(request):
        _whole, calls = await queries.funnel(read, **cut)
        return exported(request, "course-of-calls", exported_cells(), all_at_once(calls), len(calls))
    found = await queries.everything(read, cut, limit=queries.CALLS_LISTED)
    return service_of(request).pages.render(
        request,
        "dashboards/detail.html",
        one=one,
        office=office,
        offices=[(EVERYWHERE, _("All offices")), *((str(o["id"]), o["name"]) for o in known)] if not one else [],
        columns=[(str(word), "right") for word in STEPS.values()],
        found=found,
        calls=found.calls[: queries.CALLS_LISTED],
        more=len(found.calls) > queries.CALLS_LISTED,
        funnel=_funnel(found.whole),
        times=_times(found.whole),
        shares=_shares(found.kept),
        STEPS=STEPS,
        TIMES=TIMES,
        WAITS=WAITS,
        PHASES=PHASES,
        days=days,
    )


def _office(rows: Rows, known: list[dict[str, Any]], asked: str) -> str:
    """The office asked for; else the reader's own where it has calls, else all."""
    ids = [str(one["id"]) for one in known]
    if asked in (EVERYWHERE, *ids):
        return asked
    own = rows.actor.organisation(Role.PROGRAMME_OFFICER)
    return str(own) if str(own) in ids else EVERYWHERE


def _bars(names: list[str], values: list[float | None], colour: int = 0) -> dict[str, Any]:
    return {
        "grid": {"left": 8, "right": 48, "top": 8, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": names},
        "series": [
            *({"type": "bar", "data": []} for _n in range(colour)),
            {"type": "bar", "barMaxWidth": 26, "label": {"show": True, "position": "right"}, "data": values},
        ],
    }


def _funnel(whole: dict[str, Any]) -> dict[str, Any]:
    counts = whole["counts"]
    steps = [step for step in Step if counts[step] is not None]
    narrow = rules.narrowest(counts)
    said = (
        _(
            "Of %(n)s applications %(m)s were awarded and %(k)s have become projects that started.",
            n=counts["submitted"],
            m=counts["awarded"],
            k=counts["running"],
        )
        if counts["submitted"]
        else _("No application was handed in yet.")
    )
    if narrow and counts["submitted"]:
        said = _("%(said)s Most wait before the step “%(step)s”.", said=said, step=str(STEPS[narrow]))
    return {
        "says": said,
        "option": _bars([str(STEPS[step]) for step in steps], [counts[step] for step in steps]),
        "heads": [_("Step"), _("Applications")],
        "rows": [[str(STEPS[step]), counts[step]] for step in steps],
    }


def _times(whole: dict[str, Any]) -> dict[str, Any] | None:
    known = [(step, days(whole["seconds"][step])) for step in TIMED]
    timed = [(step, value) for step, value in known if value is not None]
    if not timed:
        return None
    longest, value = max(timed, key=lambda one: one[1])
    if not value:
        return None
    return {
        "says": _("The longest step: %(step)s, %(days)s days for half of them.", step=str(TIMES[longest]), days=value),
        "option": _bars([str(TIMES[step]) for step, _v in timed], [v for _s, v in timed], colour=1),
        "heads": [_("Step"), _("Median days")],
        "rows": [[str(TIMES[step]), v] for step, v in timed],
    }


def _shares(kept: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """For the figures on top: what, the share, of how many."""
    return [
        (
            str(PROMISED[one["what"]]),
            percent(float(one["share"])) if one["share"] is not None else "–",
            _("%(kept)s of %(due)s", kept=one["kept"], due=one["due"]) if one["due"] else _("None was due"),
        )
        for one in kept
    ]
