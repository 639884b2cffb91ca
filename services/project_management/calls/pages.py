"""Calls for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.approvals.rules import held_by, holds, steps
from services.project_management.calls import actions, portfolio, queries, rules
from services.project_management.calls.rules import DRAFT, OVERSEERS, READ, RELEASE, SIGN_OFF, Phase, State, may_sign
from services.project_management.calls.schemas import BudgetTerms, CallCreate, ReasonCreate, SignoffCreate
from services.project_management.calls.terms import USUAL
from services.project_management.calls.words import (
    BEFORE_RELEASE,
    BLINDNESS,
    CEILINGS,
    CREDIT,
    KINDS,
    LABELS,
    PHASES,
    SENSES,
    SOON,
    STAGES,
    TRAITS,
    WHOLES,
    exported_cells,
    page_words,
    shown_terms,
)
from services.project_management.costs.rules import Category
from services.project_management.costs.words import BASES, CATEGORIES
from services.project_management.organisations.queries import offices, regions
from shared.db.history import history, names
from shared.db.work import Rows
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import Role, SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, exported, pages_of, wanted
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import bilingual, label_word, region_word

pages = page_room("calls")

CANCELLABLE = (*BEFORE_RELEASE, Phase.UPCOMING, Phase.OPEN, Phase.CLOSED, Phase.DECIDING)
PUBLIC_FACTS = tuple(
    f".call.{one}." for one in ("released", "extended", "amended", "closed", "decision_started", "decided", "cancelled")
)
"""What the history of a call tells those who do not oversee it."""


def _wanted(view: ListView) -> queries.Wanted:
    """One range of amounts at a time: of several chosen, from the least to the most."""
    least, most = rules.ceilings(view.chosen("ceiling"))
    return queries.Wanted(
        search=view.q,
        phases=view.chosen("phase"),
        fields=view.chosen("field"),
        regions=view.chosen("region"),
        kinds=view.chosen("kind"),
        ceiling_from=least,
        ceiling_to=most,
        soon=view.chosen("soon"),
    )


@pages.get("/calls", allow=READ)
async def call_list(request: Request, read: ReadDep) -> Response:
    hidden = () if read.actor.has(*OVERSEERS) else BEFORE_RELEASE
    named = await queries.choices_of_calls(read)
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Call"), sort=True),
            Column("field", _("Field"), sort=True),
            Column("ceiling", _("Ceiling of one award"), align="right", sort=True),
            Column("closes_at", _("Closes"), sort=True),
            Column("phase", _("State")),
        ],
        facets=[
            Facet("phase", _("State"), [Option(p.value, str(w.label)) for p, w in PHASES.items() if p not in hidden]),
            Facet("soon", _("Soon"), [Option(value, str(word)) for value, word in SOON.items()]),
            Facet("kind", _("Who may lead"), [Option(kind.value, str(word)) for kind, word in KINDS.items()]),
            Facet("region", _("Region"), [Option(one, region_word(one)) for one in named["regions"]]),
            Facet("field", _("Field"), [Option(one, one) for one in named["fields"]]),
            Facet("ceiling", _("Ceiling of one award"), [Option(value, str(word)) for value, word in CEILINGS.items()]),
        ],
    )
    found = _wanted(view)
    total = await queries.count_calls(read, found)
    if wanted(request):
        rows = pages_of(lambda at: queries.calls(read, found, sort=view.sort, cursor=at, limit=BATCH))
        return exported(request, "calls", exported_cells(), rows, total)
    page = await queries.calls(read, found, sort=view.sort, cursor=view.cursor, limit=25)
    return service_of(request).pages.render(
        request,
        "calls/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_draft=read.actor.has(Role.PROGRAMME_OFFICER),
        **page_words(),
    )


@pages.get("/calls/new", allow=DRAFT)
async def new_call(request: Request, read: ReadDep) -> Response:
    blank = FormState.of(
        {
            "label": "public",
            "reviewers_per_application": 2,
            "blindness": "single",
            "inventor_floor": "1/2",
            "terms": USUAL.stored(),
            "budget_terms": BudgetTerms().model_dump(mode="json"),
        }
    )
    return await _form(request, read, blank)


@pages.post("/calls/new", allow=DRAFT)
async def draft_call(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(CallCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, status=422)
    try:
        call = await actions.draft_call(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/projects/calls/{call.id}", notice=_("The draft is saved. Send it to sign-off when it is ready."))


@pages.get("/calls/{call_id}", allow=READ)
async def call_detail(request: Request, read: ReadDep, call_id: UUID) -> Response:
    return await _detail(request, read, call_id)


@pages.get("/calls/{call_id}/edit", allow=DRAFT)
async def edit_form(request: Request, read: ReadDep, call_id: UUID) -> Response:
    call = await queries.call(read, call_id)
    DRAFT.require(read.actor, owners={call["organisation_id"]}, thing="call")
    if Phase(call["phase"]) is not Phase.DRAFT:
        return redirect(
            f"/projects/calls/{call_id}", notice=_("Only the draft of a call can be edited."), tone="warning"
        )
    return await _form(request, read, FormState.of(call, version=call["version"]), call=call)


@pages.post("/calls/{call_id}/edit", allow=DRAFT)
async def edit_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    call = await queries.call(work, call_id)
    DRAFT.require(work.actor, owners={call["organisation_id"]}, thing="call")
    fields = parse(CallCreate, posted)
    if isinstance(fields, FormState):
        return await _form(request, work, fields, call=call, status=422)
    try:
        await actions.edit_call(work, call_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        page = stale_page(
            posted,
            call,
            LABELS,
            version=stale.extra["current_version"],
            view_url=f"/projects/calls/{call_id}",
            action_url=f"/projects/calls/{call_id}/edit",
            words={
                **{
                    str(one): word
                    for words in (STAGES, KINDS, TRAITS, SENSES, WHOLES, BLINDNESS, CATEGORIES, BASES)
                    for one, word in words.items()
                },
                **{label.value: label_word(label).label for label in SecurityLabel},
            },
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        return await _form(request, work, FormState.refused(posted, problem), call=call, status=problem.status)
    return redirect(f"/projects/calls/{call_id}", notice=_("The draft is saved."))


@pages.post("/calls/{call_id}/signoff-request", allow=DRAFT)
async def request_signoff(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.request_signoff(work, call_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, call_id, refused=problem)
    return redirect(f"/projects/calls/{call_id}", notice=_("The call waits for the signatures of its offices."))


@pages.post("/calls/{call_id}/signoff-withdrawal", allow=DRAFT)
async def withdraw_signoff(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ReasonCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, call_id, taking_back=fields, status=422)
    try:
        await actions.withdraw_signoff(work, call_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, call_id, taking_back=state, status=problem.status)
    return redirect(f"/projects/calls/{call_id}", notice=_("The call is back in draft."))


@pages.post("/calls/{call_id}/signoff", allow=SIGN_OFF)
async def sign_off_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(SignoffCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, call_id, signoff=fields, status=422)
    try:
        call = await actions.sign_off(work, call_id, fields, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, call_id, signoff=state, status=problem.status)
    said = {
        "signed_off": _("The call is signed off."),
        "in_signoff": _("Your signature is recorded. The next office is asked for its own."),
    }.get(call.state, _("The call is back with its drafter."))
    return redirect(f"/projects/calls/{call_id}", notice=said)


@pages.post("/calls/{call_id}/release", allow=RELEASE)
async def release_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.release_call(work, call_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, call_id, refused=problem)
    return redirect(f"/projects/calls/{call_id}", notice=_("The call is released."))


@pages.post("/calls/{call_id}/cancellation", allow=DRAFT)
async def cancel_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ReasonCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, call_id, cancellation=fields, status=422)
    try:
        await actions.cancel_call(work, call_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, call_id, cancellation=state, status=problem.status)
    return redirect(f"/projects/calls/{call_id}", notice=_("The call is cancelled."))


@pages.post("/calls/{call_id}/conclusion", allow=DRAFT)
async def conclude_call(request: Request, work: WorkDep, call_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ReasonCreate, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, call_id, conclusion=fields, status=422)
    try:
        await actions.conclude_call(work, call_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, call_id, conclusion=state, status=problem.status)
    return redirect(f"/projects/calls/{call_id}", notice=_("The call is closed without an award."))


async def _form(
    request: Request, rows: Rows, state: FormState, *, call: dict[str, Any] | None = None, status: int = 200
) -> Response:
    known = sorted({*await regions(rows), *state.all("regions")})
    own = [str(one) for one in rows.actor.organisations(Role.PROGRAMME_OFFICER)]
    named = [
        state.value(f"{chain}-{n}-organisation_id")
        for chain in ("award_terms-approvals", "offices")
        for n in state.row_numbers(chain, 0, 0)
    ]
    return service_of(request).pages.render(
        request,
        "calls/form.html",
        status=status,
        form=state,
        call=call,
        regions=[(region, region_word(region)) for region in known],
        organisations=[
            (str(one["id"]), *bilingual(one["name"], one["name_zh"])) for one in await offices(rows, [*own, *named])
        ],
        **page_words(),
    )


async def _detail(
    request: Request,
    rows: Rows,
    call_id: UUID,
    *,
    signoff: FormState | None = None,
    taking_back: FormState | None = None,
    cancellation: FormState | None = None,
    conclusion: FormState | None = None,
    refused: Problem | None = None,
    status: int = 200,
) -> Response:
    call = await queries.call(rows, call_id)
    actor, phase = rows.actor, Phase(call["phase"])
    oversees = actor.has(*OVERSEERS)
    ours = DRAFT.allows(actor, owners={call["organisation_id"]})
    facts = await history(rows, call_id)
    if not oversees:
        facts = [fact for fact in facts if any(public in fact["type"] for public in PUBLIC_FACTS)]
    keeping = service_of(request).beside.get("saved")
    asking = service_of(request).beside.get("call")
    origins = await asking(rows, call_id) if asking else []
    noticing = service_of(request).beside.get("notice")
    amending = service_of(request).beside.get("amendment")
    reporting = service_of(request).beside.get("reporting")
    waiting = next(iter(await amending(rows, call_id)), None) if amending else None
    strip = [(thing_word("call"), bilingual(call["title"], call["title_zh"])[0], "", True)]
    if origins:
        one, several = origins[0], (f"× {len(origins)}", "#origins")
        text, address = several if len(origins) > 1 else (one["title"], f"/projects/requirements/{one['id']}")
        strip.insert(0, (thing_word("requirement"), text, address, False))
    hands = await queries.hands(rows, call_id) if oversees else None
    in_hand = phase in (Phase.IN_SIGNOFF, Phase.SIGNED_OFF) and SIGN_OFF.allows(actor)
    releases = phase is Phase.SIGNED_OFF and RELEASE.allows(actor, owners={call["organisation_id"]})
    signs = own_draft = own_signoff = False
    if hands:
        signed = [one["subject"] for one in hands["signatures"]]
        signs = in_hand and may_sign(
            State(call["state"]), call["signoffs"], hands["signatures"], actor, hands["drafted_by"]
        )
        own_draft = (
            in_hand
            and hands["drafted_by"] == actor.subject
            and any(holds(one, held_by(actor)) for one in call["signoffs"])
        )
        own_signoff = releases and actor.subject in (hands["signed_off_by"], *signed)
    return service_of(request).pages.render(
        request,
        "calls/detail.html",
        status=refused.status if refused else status,
        call=call,
        shown=next(iter(await noticing(rows, call_id)), None) if noticing else None,
        phase=phase,
        reporting=next(iter(await reporting(rows, call_id)), None) if reporting else None,
        amendment_waits=waiting,
        notes=await queries.version_notes(rows, call_id),
        terms=shown_terms(call["terms"]),
        limits=[portfolio.sentence(one) for one in call["portfolio"]],
        blindness=BLINDNESS[call["blindness"]],
        credit=CREDIT[call["credit"]] if call["credit"] else "",
        may_check=phase in (Phase.OPEN, Phase.UPCOMING) and actor.has(Role.APPLICANT),
        pays_for=_(", ").join(str(CATEGORIES[Category(one)]) for one in call["budget_terms"]["categories"]),
        may_lead=[str(KINDS[kind]) for kind in call["kinds"]],
        refused=refused,
        history=entries(facts),
        origins=origins,
        chain=strip,
        chain_url=chain_url("call", call_id),
        oversees=oversees,
        opening_passed=phase in BEFORE_RELEASE and call["opens_at"] <= rows.now,
        handed_in=await queries.handed_in(rows, call_id) if call["released_at"] else None,
        may_save=bool(actor.subject) and call["released_at"] is not None and keeping is not None,
        is_saved=bool(keeping and actor.subject and await keeping(rows, call_id)),
        may_edit=ours and phase is Phase.DRAFT,
        may_amend=ours
        and (
            phase in (Phase.UPCOMING, Phase.OPEN)
            or (phase in (Phase.CLOSED, Phase.DECIDING) and not await queries.list_made(rows, call_id))
        ),
        may_sign=signs,
        signoffs=steps(call["signoffs"], hands["signatures"]) if hands else steps(call["signoffs"], []),
        called=await names(rows, [one["subject"] for one in hands["signatures"]]) if hands else {},
        last_signature=not any(one["signed_at"] is None for one in call["signoffs"][:-1]),
        own_draft=own_draft,
        may_take_back=ours and phase in (Phase.IN_SIGNOFF, Phase.SIGNED_OFF),
        taking_back=taking_back or FormState(version=call["version"]),
        may_release=releases and not own_signoff,
        own_signoff=own_signoff,
        may_cancel=ours and phase in CANCELLABLE,
        may_conclude=ours
        and call["state"] in (Phase.CLOSED, Phase.DECIDING)
        and not await queries.waiting(rows, call_id),
        conclusion=conclusion or FormState(version=call["version"]),
        may_apply=phase in (Phase.OPEN, Phase.UPCOMING) and actor.has(Role.APPLICANT),
        signoff=signoff or FormState(version=call["version"]),
        cancellation=cancellation or FormState(version=call["version"]),
        **page_words(),
    )
