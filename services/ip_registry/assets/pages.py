"""Assets for people: the dossier with holders and due dates."""

from contextlib import suppress
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.ip_registry.assets import actions, queries
from services.ip_registry.assets.rules import READ, REGISTER, REGISTRABLE, Kind
from services.ip_registry.assets.schemas import AssetCreate
from services.ip_registry.disclosures.queries import disclosure as disclosure_of
from services.ip_registry.organisations.queries import choices
from services.ip_registry.projects.queries import project as project_of
from shared.db.history import history
from shared.kernel.errors import NotFound, Problem
from shared.kernel.types import SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord, label_word

pages = page_room("assets")

KINDS = {
    Kind.PATENT: lazy("Patent"),
    Kind.UTILITY_MODEL: lazy("Utility model"),
    Kind.DESIGN: lazy("Design"),
    Kind.SOFTWARE_COPYRIGHT: lazy("Software copyright"),
    Kind.PLANT_VARIETY: lazy("Plant variety"),
    Kind.LAYOUT_DESIGN: lazy("Layout design of circuits"),
    Kind.TRADE_MARK: lazy("Trade mark"),
    Kind.KNOW_HOW: lazy("Know-how"),
}
STATES = {
    "registered": StateWord(lazy("Registered"), "success"),
    "lapsed": StateWord(lazy("Lapsed"), "neutral"),
}
DUE = {
    "open": StateWord(lazy("Not done yet"), "progress"),
    "met": StateWord(lazy("Met"), "success"),
    "missed": StateWord(lazy("Missed"), "danger"),
}


def _words() -> dict[str, Any]:
    return {
        "KINDS": KINDS,
        "STATES": STATES,
        "kinds": [(kind.value, str(word)) for kind, word in KINDS.items()],
    }


@pages.get("/assets", allow=READ)
async def asset_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Asset")),
            Column("kind", _("Kind")),
            Column("number", _("Application number")),
            Column("filed", _("Filed")),
            Column("holders", _("Holders")),
        ],
        facets=[Facet("kind", _("Kind"), [Option(kind.value, str(word)) for kind, word in KINDS.items()])],
        default_sort="-filed",
    )
    kinds = list(view.chosen("kind"))
    page = await queries.assets(read, search=view.q, kinds=kinds, cursor=view.cursor, limit=25)
    total = await queries.count_assets(read, search=view.q, kinds=kinds)
    return service_of(request).pages.render(
        request,
        "assets/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_register=REGISTER.allows(read.actor),
        **_words(),
    )


@pages.get("/assets/new", allow=REGISTER)
async def new_asset(request: Request, read: ReadDep, disclosure: UUID | None = None) -> Response:
    values: dict[str, Any] = {"label": SecurityLabel.INTERNAL}
    if disclosure:
        found = await disclosure_of(read, disclosure)
        if found["outcome"] not in REGISTRABLE:
            return redirect(
                f"/ip/disclosures/{disclosure}",
                notice=_("Only a disclosure that was triaged to be protected or kept secret becomes an asset."),
                tone="warning",
            )
        values = {
            "disclosure_id": disclosure,
            "title": found["title"],
            "label": found["label"],
            "kind": "know_how" if found["outcome"] == "keep_secret" else "patent",
            "office": "" if found["outcome"] == "keep_secret" else "CN",
            "inventors": [{"name": i["name"], "share": i["share"]} for i in found["inventors"]],
            "shares": [{"organisation_id": found["organisation_id"], "share": "1/1"}],
        }
    return await _form(request, read, FormState.of(values))


@pages.post("/assets/new", allow=REGISTER)
async def register_asset(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(AssetCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        asset = await actions.register_asset(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/ip/assets/{asset.id}", notice=_("The asset is registered."))


async def _form(request: Request, rows: ReadDep | WorkDep, state: FormState, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "assets/form.html",
        status=status,
        form=state,
        labels=[
            (label.value, label_word(label)) for label in SecurityLabel if label.readable_with(rows.actor.clearance)
        ],
        organisations=[(str(row["id"]), row["name"]) for row in await choices(rows)],
        **_words(),
    )


@pages.get("/assets/{asset_id}", allow=READ)
async def asset_detail(request: Request, read: ReadDep, asset_id: UUID) -> Response:
    asset = await queries.asset(read, asset_id)
    return service_of(request).pages.render(
        request,
        "assets/detail.html",
        asset=asset,
        chain=[*await _origins(read, asset), (thing_word("asset"), asset["title"], "", True)],
        whole_chain=chain_url("asset", asset_id),
        history=entries(await history(read, asset_id)),
        due=await queries.due_dates(read, asset_id),
        DUE=DUE,
        **_words(),
    )


async def _origins(read: ReadDep, asset: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    """The steps before the asset. A holder need not know the project's title or the disclosure."""
    steps: list[tuple[str, str, str, bool]] = []
    if asset["project_id"]:
        project = await project_of(read, asset["project_id"])
        parties = {UUID(party["id"]) for party in project["parties"]} if project else set()
        known = project if READ.allows(read.actor, owners=parties) else None
        if known:
            link = thing_url("project", known["id"], read.actor)
            steps.append((thing_word("project"), known["title"], link, False))
    if asset["disclosure_id"]:
        with suppress(NotFound):
            found = await disclosure_of(read, asset["disclosure_id"])
            steps.append((thing_word("disclosure"), found["title"], thing_url("disclosure", found["id"]), False))
    return steps
