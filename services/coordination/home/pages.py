"""The first page: what Hechuan is for visitors, and the day's work for those who are signed in."""

from typing import Any

from fastapi import Request, Response

from services.coordination.chain import queries as chain
from services.coordination.chain.words import state_word
from services.coordination.home.actions import remember_visit
from services.coordination.home.rules import READ, plotted
from services.coordination.worklist import queries as worklist
from services.coordination.worklist.words import shown
from shared.db.work import Row
from shared.kernel.actor import Actor
from shared.kernel.types import Role
from shared.web.edge import WorkDep, page_room, service_of
from shared.web.history import fact_word
from shared.web.i18n import _, ngettext
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.sentences import named

pages = page_room("home")
TASKS, CHANGES, THINGS, NEWEST = 6, 8, 8, 4


@pages.get("/", allow=READ)
async def home(request: Request, work: WorkDep) -> Response:
    if not work.actor.subject:
        calls = await chain.newest(work, "call", "released", limit=NEWEST)
        achievements = await chain.newest(work, "achievement", "released", limit=NEWEST)
        return service_of(request).pages.render(
            request,
            "home/landing.html",
            calls=[_shown(row, work.actor) for row in calls],
            achievements=[_shown(row, work.actor) for row in achievements],
        )
    before = await remember_visit(work)
    tasks = await worklist.my_tasks(work, limit=TASKS)
    kinds, own = plotted(work.actor)
    numbers = await chain.numbers_by_state(work, list(kinds) if kinds else None, own=own)
    return service_of(request).pages.render(
        request,
        "home/home.html",
        tasks=shown(tasks.items),
        money=work.actor.has(Role.FINANCE_OFFICER),
        counts=await worklist.count_my_tasks(work),
        before=before,
        changes=[_change(row, work.actor) for row in await chain.recent(work, since=before, limit=CHANGES)],
        mine=[_shown(row, work.actor) for row in await chain.recent(work, own=True, limit=THINGS)],
        numbers=_figures(numbers),
        option=_plot(numbers),
        says=_says(numbers, kinds, own),
    )


def _shown(row: Row, actor: Actor) -> dict[str, Any]:
    return {
        **row,
        "word": thing_word(row["kind"]),
        "url": thing_url(row["kind"], row["id"], actor) or chain_url(row["kind"], row["id"]),
        "chain": chain_url(row["kind"], row["id"]),
        "state": state_word(row["state"]),
    }


def _change(row: Row, actor: Actor) -> dict[str, Any]:
    word, tone = fact_word(row["fact"])
    return {
        "when": row["at"],
        "who": thing_word(row["kind"]),
        "what": _("%(fact)s: %(title)s", fact=word, title=named(row["title"])),
        "tone": tone,
        "url": thing_url(row["kind"], row["id"], actor) or chain_url(row["kind"], row["id"]),
    }


def _figures(numbers: list[Row]) -> list[tuple[str, str, int]]:
    return [(thing_word(row["kind"]), str(state_word(row["state"])), row["n"]) for row in numbers]


def _says(numbers: list[Row], kinds: tuple[str, ...] | None, own: bool) -> str:
    total = sum(row["n"] for row in numbers)
    if own:
        return ngettext(
            "%(n)s thing of your organisations that your role works with, by kind and state.",
            "%(n)s things of your organisations that your role works with, by kind and state.",
            total,
        )
    if kinds:
        return ngettext(
            "%(n)s thing that your role works with, by kind and state.",
            "%(n)s things that your role works with, by kind and state.",
            total,
        )
    return ngettext(
        "%(n)s thing that you may see, by kind and state.", "%(n)s things that you may see, by kind and state.", total
    )


def _plot(numbers: list[Row]) -> dict[str, Any]:
    """A bar for each kind, in pieces for its states."""
    kinds = list(dict.fromkeys(row["kind"] for row in numbers))
    states = list(dict.fromkeys(row["state"] for row in numbers))
    found = {(row["kind"], row["state"]): row["n"] for row in numbers}
    return {
        "legend": {"type": "scroll", "top": 0},
        "grid": {"left": 8, "right": 24, "top": 40, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "minInterval": 1},
        "yAxis": {"type": "category", "inverse": True, "data": [thing_word(kind) for kind in kinds]},
        "series": [
            {
                "type": "bar",
                "name": str(state_word(state)),
                "stack": "all",
                "barMaxWidth": 28,
                "data": [found.get((kind, state), 0) for kind in kinds],
            }
            for state in states
        ],
    }
