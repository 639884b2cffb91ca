"""Agreements on results for people."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query, Request, Response

from services.project_management.amendments.words import shown as as_read
from services.project_management.rights import actions, queries
from services.project_management.rights.rules import READ, SIGN, SIGNERS, WRITE, State
from services.project_management.rights.schemas import (
    PartyRefusalCreate,
    PartySignatureCreate,
    ReopeningCreate,
    TermsUpdate,
)
from services.project_management.rights.words import (
    DISPOSALS,
    EXPLOITATIONS,
    LABELS,
    STATES,
    WAITS,
    exported_cells,
    rows_of,
    said_of,
    told,
)
from shared.db.history import history, names
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import Invalid, Problem, Stale
from shared.kernel.marks import N_
from shared.kernel.types import Money
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, exported, pages_of, wanted
from shared.web.forms import FormState, Model, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect

pages = page_room("rights")

EXAMPLE_INCOME = Decimal(1_000_000)


@pages.get("/agreements", allow=READ)
async def agreement_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Project"), sort=True),
            Column("call", _("Call")),
            Column("state", _("State")),
            Column("signed", _("Signatures"), align="right"),
            Column("in_force", _("In force"), align="right"),
            Column("created_at", _("Begun"), sort=True),
        ],
        facets=[
            Facet("waits", _("Waits"), [Option(what, str(word)) for what, word in WAITS.items()]),
            Facet("state", _("State"), [Option(state.value, str(word)) for state, word in STATES.items()]),
        ],
    )
    asked: dict[str, Any] = {"search": view.q, "states": view.chosen("state"), "waits": view.chosen("waits")}
    total = await queries.count_agreements(read, **asked)

    def page_at(cursor: str | None, limit: int = BATCH) -> Any:
        return queries.agreements(read, **asked, sort=view.sort, cursor=cursor, limit=limit)

    if wanted(request):
        return exported(request, "agreements", exported_cells(), pages_of(page_at), total)
    page = await page_at(view.cursor, 25)
    return service_of(request).pages.render(
        request,
        "rights/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        STATES=STATES,
        WAITS=WAITS,
    )


@pages.get("/agreements/{agreement_id}", allow=READ)
async def agreement_detail(request: Request, read: ReadDep, agreement_id: UUID) -> Response:
    return await _detail(request, read, agreement_id)


@pages.get("/agreements/{agreement_id}/versions/{number}", allow=READ)
async def agreement_version(
    request: Request,
    read: ReadDep,
    agreement_id: UUID,
    number: Annotated[int, Path(ge=1, le=9999)],
    since: Annotated[int, Query(ge=0, le=9999)] = 0,
) -> Response:
    """A version word for word, what it changed, and what the next one changed."""
    agreement = await queries.agreement(read, agreement_id)
    shown = await _compared(read, agreement_id, number, since)
    kept = await queries.versions(read, agreement_id)
    return service_of(request).pages.render(
        request,
        "rights/version.html",
        agreement=agreement,
        shown=shown,
        words=told(shown["content"]),
        tables=rows_of(shown["content"]),
        later=(await _compared(read, agreement_id, number + 1))["changed"] if number < kept[0]["number"] else None,
        versions=kept,
        called=await names(read, (one["subject"] for one in shown["signatures"] if one["subject"])),
        LABELS=LABELS,
    )


async def _compared(rows: Rows, agreement_id: UUID, number: int, since: int = 0) -> dict[str, Any]:
    """A version with what differs from another one, by default from the one before it, as people read it."""
    other = since or number - 1
    version = await queries.agreement_version(rows, agreement_id, number)
    found = await queries.changes(rows, agreement_id, other, number, told) if other else []
    return version | {"since": other, "changed": as_read(found, said_of)}


@pages.get("/agreements/{agreement_id}/edit", allow=WRITE)
async def edit_agreement(request: Request, read: ReadDep, agreement_id: UUID) -> Response:
    agreement = await queries.agreement(read, agreement_id)
    WRITE.require(read.actor, owners={agreement["lead_id"]}, thing="agreement")
    if agreement["state"] != State.DRAFT.value:
        return redirect(
            f"/projects/agreements/{agreement_id}",
            notice=_("It is not being written. Open it again first."),
            tone="warning",
        )
    return _form(request, agreement, FormState.of(agreement["terms"], version=agreement["version"]))


@pages.post("/agreements/{agreement_id}/edit", allow=WRITE)
async def write_terms(request: Request, work: WorkDep, agreement_id: UUID) -> Response:
    posted = await read_form(request)
    agreement = await queries.agreement(work, agreement_id)
    WRITE.require(work.actor, owners={agreement["lead_id"]}, thing="agreement")
    fields = parse(TermsUpdate, posted)
    if isinstance(fields, FormState):
        return _form(request, agreement, fields, status=422)
    here = f"/projects/agreements/{agreement_id}"
    try:
        await actions.write_terms(work, agreement_id, fields, posted.version)
    except Stale:
        await work.rollback()
        now = await queries.agreement(work, agreement_id)
        labels = {name: str(label) for name, label in LABELS.items()}
        stale = stale_page(
            posted, now["terms"], labels, version=now["version"], view_url=here, action_url=f"{here}/edit"
        )
        return service_of(request).pages.stale(request, stale)
    except Problem as problem:
        await work.rollback()
        return _form(request, agreement, FormState.refused(posted, problem), status=problem.status)
    return redirect(here, notice=_("The terms are saved. Put them before the parties when they are complete."))


@pages.post("/agreements/{agreement_id}/proposal", allow=WRITE)
async def propose_agreement(request: Request, work: WorkDep, agreement_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        agreement_id,
        "proposal",
        Pressed,
        lambda _pressed, version: actions.propose_agreement(work, agreement_id, version),
        _("The agreement lies before the parties for signature."),
    )


@pages.post("/agreements/{agreement_id}/signatures", allow=SIGN)
async def sign_agreement(request: Request, work: WorkDep, agreement_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        agreement_id,
        "signature",
        PartySignatureCreate,
        lambda fields, version: actions.sign_agreement(work, agreement_id, fields, version),
        _("You have signed the agreement."),
    )


@pages.post("/agreements/{agreement_id}/refusal", allow=SIGN)
async def refuse_agreement(request: Request, work: WorkDep, agreement_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        agreement_id,
        "refusal",
        PartyRefusalCreate,
        lambda fields, version: actions.refuse_agreement(work, agreement_id, fields, version),
        _("The agreement goes back to the lead with your reason."),
    )


@pages.post("/agreements/{agreement_id}/reopening", allow=WRITE)
async def reopen_agreement(request: Request, work: WorkDep, agreement_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        agreement_id,
        "reopening",
        ReopeningCreate,
        lambda fields, version: actions.reopen_agreement(work, agreement_id, fields, version),
        _("The agreement is open for a new version."),
    )


async def _answer(
    request: Request,
    work: WorkDep,
    agreement_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    notice: str,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _detail(request, work, agreement_id, _named(refused)),
        (f"/projects/agreements/{agreement_id}", notice),
    )


def _named(refused: Refused) -> Refused:
    """The button of a signature has no field in which to say what is wrong."""
    if refused.name == "signature" and refused.problem is None:
        return replace(refused, problem=Invalid(N_("Choose a party for which you may sign.")))
    return refused


def _form(request: Request, agreement: dict[str, Any], form: FormState, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "rights/form.html",
        status=status,
        agreement=agreement,
        form=form,
        parties=list(agreement["names"].items()),
        disposals=[(one.value, str(word)) for one, word in DISPOSALS.items()],
        exploitations=[(one.value, str(word)) for one, word in EXPLOITATIONS.items()],
        LABELS=LABELS,
    )


async def _detail(request: Request, rows: Rows, agreement_id: UUID, refused: Refused | None = None) -> Response:
    agreement = await queries.agreement(rows, agreement_id)
    actor, version, state = rows.actor, agreement["version"], State(agreement["state"])
    kept = await queries.versions(rows, agreement_id)
    newest = await _compared(rows, agreement_id, kept[0]["number"]) if kept else None
    writes = WRITE.allows(actor, owners={agreement["lead_id"]})
    return service_of(request).pages.render(
        request,
        "rights/detail.html",
        status=refused.status if refused else 200,
        agreement=agreement,
        may_write=writes and state is State.DRAFT,
        may_reopen=writes and state is not State.DRAFT,
        may_sign=_may_sign(rows, agreement) if state is State.PROPOSED else [],
        refused=refused,
        answers=Answers(refused, version),
        versions=kept,
        newest=newest,
        parts=_parts(agreement),
        example=EXAMPLE_INCOME,
        called=await names(rows, (one["subject"] for one in agreement["signatures"] if one["subject"])),
        history=entries(await history(rows, agreement_id)),
        chain=_chain(agreement, rows.actor),
        chain_url=chain_url("rights", agreement_id),
        STATES=STATES,
        DISPOSALS=DISPOSALS,
        EXPLOITATIONS=EXPLOITATIONS,
        LABELS=LABELS,
    )


def _may_sign(rows: Rows, agreement: dict[str, Any]) -> list[tuple[str, str]]:
    """The parties for which the reader may still sign, as (id, name)."""
    taking_part = frozenset(UUID(id) for id in agreement["names"]) - {agreement["office_id"]}
    if any(one["subject"] == rows.actor.subject for one in agreement["signatures"]):
        return []
    held = rows.actor.organisations(*SIGNERS) & taking_part
    if SIGN.in_charge(rows.actor, agreement["office_id"], taking_part):
        held |= {agreement["office_id"]}
    waiting = [one for one in agreement["signatures"] if one["subject"] is None]
    return [(one["organisation_id"], one["name"]) for one in waiting if UUID(one["organisation_id"]) in held]


def _parts(agreement: dict[str, Any]) -> list[dict[str, Any]]:
    """Everybody's exact part, and what it is of the example income; empty while the shares do not add up."""
    shares = [Fraction(one["share"]) for one in agreement["entitlements"]]
    if sum(shares, Fraction(0)) != 1:
        return []
    amounts = Money(amount=EXAMPLE_INCOME).split(shares)
    return [
        {**one, "share": share, "amount": amount}
        for one, share, amount in zip(agreement["entitlements"], shares, amounts, strict=True)
    ]


def _chain(agreement: dict[str, Any], who: Actor) -> list[tuple[str, str, str, bool]]:
    application = thing_url("application", agreement["application_id"], who)
    chain = [(thing_word("application"), agreement["title"], application, False)]
    if agreement["project_id"]:
        project = f"/projects/projects/{agreement['project_id']}"
        chain.append((thing_word("project"), agreement["title"], project, False))
    return [*chain, (thing_word("rights"), agreement["title"], "", True)]
