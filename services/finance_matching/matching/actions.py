"""Judges products for needs, keeps the matches, and records who is interested."""

from uuid import UUID

from sqlmodel import col, select

from services.finance_matching.matching import queries, rules, tasks
from services.finance_matching.matching.model import Match
from services.finance_matching.matching.schemas import DeclinationCreate, InterestCreate
from shared.db.work import Row, Work
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role, SecurityLabel

_OPEN = (rules.State.FOUND.value, rules.State.INTERESTED.value)


async def alone(work: Work) -> None:
    """One unit of work judges at a time: otherwise a need opened while a product is published could miss it."""
    await work.execute("SELECT pg_advisory_xact_lock(hashtext('finance_matching'))")


async def rematch(
    work: Work,
    *,
    need_id: UUID | None = None,
    product_id: UUID | None = None,
    organisation_ids: list[UUID] | None = None,
    project_id: UUID | None = None,
) -> None:
    """Judge every product on offer (or one) for the open needs concerned. What says nothing new leaves no trace."""
    await alone(work)
    needs = await queries.open_needs(work, need_id=need_id, organisation_ids=organisation_ids, project_id=project_id)
    if not needs:
        return
    products = await queries.products_on_offer(work, product_id)
    ids = [need["id"] for need in needs]
    wanted = (
        select(Match).where(col(Match.need_id).in_(ids)).with_for_update().execution_options(populate_existing=True)
    )
    if product_id is not None:
        wanted = wanted.where(col(Match.product_id) == product_id)
    known = {(match.need_id, match.product_id): match for match in await work.session.scalars(wanted)}
    for need in needs:
        for product in products:
            _judge(work, need, product, known.get((need["id"], product["id"])))
    await work.flush()


def _judge(work: Work, need: Row, product: Row, match: Match | None) -> None:
    if match is not None and match.state != rules.State.FOUND:
        return
    trace = rules.judge(queries.inputs_of(need, product, work.now.isoformat()))
    label = queries.match_label(need["label"], product["label"]).value
    title = f"{product['title']} → {need['title']}"
    if match is None:
        match = Match.model_validate(
            {
                "title": title,
                "need_id": need["id"],
                "product_id": product["id"],
                "organisation_id": need["organisation_id"],
                "institution_id": product["institution_id"],
                "institution_name": product["institution_name"],
                "outcome": "unknown",
                "score": 0,
                "near_miss": False,
                "trace": {},
                "label": label,
                "created_at": work.now,
            }
        )
        match.judged(trace)
        work.add(match)
    elif match.judged(trace) or (match.title, match.label) != (title, label):
        match.title, match.label = title, label
        match.touch()
    else:
        return
    work.emit(match.found())
    if match.outcome == "yes":
        tasks.ask_to_look(work, match)
    else:
        tasks.finish(work, match, "partner", "no longer fits")


async def withdraw_matches(
    work: Work, reason: str, *, need_id: UUID | None = None, product_id: UUID | None = None
) -> None:
    """Let the matches of a need or product fall away, because it is put forward no longer."""
    await alone(work)
    wanted = select(Match).where(col(Match.state).in_(_OPEN)).order_by(col(Match.id)).with_for_update()
    if need_id is not None:
        wanted = wanted.where(col(Match.need_id) == need_id)
    if product_id is not None:
        wanted = wanted.where(col(Match.product_id) == product_id)
    for match in await work.session.scalars(wanted.execution_options(populate_existing=True)):
        work.emit(match.leave("withdraw", reason))
        _finish_both(work, match, "withdrawn")
    await work.flush()


async def express_interest(work: Work, match_id: UUID, fields: InterestCreate, version: int | None) -> Match:
    """Say, once for each side, that one would like to go on; the other side is asked to answer.

    Raises NotFound, Stale, InterestKnown, MatchNotOpen, DoesNotFit.
    """
    match, side = await _mine(work, match_id, version)
    if not await queries.still_on(work, match.need_id, match.product_id):
        raise rules.MatchNotOpen(N_("The need or the product is put forward no longer."))
    work.emit(match.show_interest(side, fields.note, work.now))
    tasks.finish(work, match, side, "interested")
    other: tasks.Side = "applicant" if side == "partner" else "partner"
    if getattr(match, f"{other}_interest_at") is None:
        tasks.ask_to_answer(work, match, other)
    await work.flush()
    return match


async def decline_match(work: Work, match_id: UUID, fields: DeclinationCreate, version: int | None) -> Match:
    """Say that this will not come about; the pair is not matched again. Raises NotFound, Stale, MatchNotOpen."""
    match, _side = await _mine(work, match_id, version)
    work.emit(match.leave("decline", fields.reason))
    _finish_both(work, match, "declined")
    await work.flush()
    return match


def _finish_both(work: Work, match: Match, outcome: str) -> None:
    tasks.finish(work, match, "partner", outcome)
    tasks.finish(work, match, "applicant", outcome)


async def _mine(work: Work, match_id: UUID, version: int | None) -> tuple[Match, tasks.Side]:
    """The match and the side on which the actor stands; the applicant's when on both."""
    rules.ANSWER.admits(work.actor)
    match = await work.get(Match, match_id)
    rules.ANSWER.require(work.actor, owners=set(match.owners), label=SecurityLabel(match.label), thing="match")
    side: tasks.Side = "partner"
    if match.organisation_id in work.actor.organisations(*rules.APPLICANTS):
        side = "applicant"
    elif match.institution_id not in work.actor.organisations(Role.FINANCE_PARTNER):
        raise NotFound(N_("There is no match here that you may see."))
    work.must_match(match, version)
    return match, side
