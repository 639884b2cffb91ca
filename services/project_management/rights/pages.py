"""Agreements on results for people."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.calls.words import DISPOSALS as CALL_DISPOSALS
from services.project_management.calls.words import EXPLOITATIONS as CALL_EXPLOITATIONS
from services.project_management.rights import actions, queries
from services.project_management.rights.rules import READ, SIGN, WRITE, Disposal, Exploitation, State
from services.project_management.rights.schemas import (
    PartyRefusalCreate,
    PartySignatureCreate,
    ReopeningCreate,
    TermsUpdate,
)
from shared.db.history import history, names
from shared.db.work import Rows
from shared.kernel.errors import Invalid, Problem, Stale
from shared.kernel.marks import N_
from shared.kernel.types import Money, Role
from shared.web.answers import Answers, Pressed, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, Model, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url, thing_word
from shared.web.pages import redirect
from shared.web.words import StateWord

pages = page_room("rights")

STATES = {
    State.DRAFT: StateWord(lazy("Being written"), "neutral"),
    State.PROPOSED: StateWord(lazy("To sign"), "warning"),
    State.AGREED: StateWord(lazy("Signed by all"), "success"),
    State.ENDED: StateWord(lazy("Ended with the project"), "neutral"),
}
DISPOSALS = {Disposal(one): word for one, word in CALL_DISPOSALS.items()}
EXPLOITATIONS = {Exploitation(one): word for one, word in CALL_EXPLOITATIONS.items()}
LABELS = {
    "parties": lazy("Parties"),
    "ownership": lazy("Ownership"),
    "income": lazy("Part of the rest of the income"),
    "inventor_share": lazy("Inventors' part of the income"),
    "inventors": lazy("Inventors"),
    "share": lazy("Share"),
    "organisation_id": lazy("Organisation"),
    "organisations": lazy("Organisations"),
    "name": lazy("Name"),
    "disposal": lazy("Who disposes of the results"),
    "exploitation": lazy("Who may use the results"),
    "exploitation_terms": lazy("More about use and licences"),
    "publication_days": lazy("Days to object before a publication"),
    "publication_terms": lazy("More about publications"),
    "inventor_floor": lazy("Inventors' share at least"),
    "title": lazy("Title"),
    "call": lazy("Call"),
}
EXAMPLE_INCOME = Decimal(1_000_000)


@pages.get("/agreements/{agreement_id}", allow=READ)
async def agreement_detail(request: Request, read: ReadDep, agreement_id: UUID) -> Response:
    return await _detail(request, read, agreement_id)


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
    newest = await queries.agreement_version(rows, agreement_id, kept[0]["number"]) if kept else None
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
        said_of=_said_of(agreement),
        parts=_parts(agreement),
        example=EXAMPLE_INCOME,
        called=await names(rows, (one["subject"] for one in agreement["signatures"] if one["subject"])),
        history=entries(await history(rows, agreement_id)),
        chain=_chain(agreement),
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
    held = rows.actor.organisations(Role.REPRESENTATIVE) & taking_part
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


def _said_of(agreement: dict[str, Any]) -> Callable[[str], str]:
    """A path of a difference in words: "parties.…id….ownership" → "Parties › Institute › Ownership"."""

    def said(path: str) -> str:
        parts = [part for part in path.split(".") if part != "terms"]
        return " › ".join(agreement["names"].get(part) or str(LABELS.get(part, part)) for part in parts)

    return said


def _chain(agreement: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    application = f"/projects/applications/{agreement['application_id']}"
    chain = [(thing_word("application"), agreement["title"], application, False)]
    if agreement["project_id"]:
        project = f"/projects/projects/{agreement['project_id']}"
        chain.append((thing_word("project"), agreement["title"], project, False))
    return [*chain, (thing_word("rights"), agreement["title"], "", True)]
