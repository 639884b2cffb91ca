"""Writes about calls."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.calls import queries, rules, terms
from services.project_management.calls.model import Call, CallVersion
from services.project_management.calls.schemas import BudgetTerms, CallChange, CallCreate, Criterion, SignoffCreate
from services.project_management.costs.rules import terms_faults
from services.project_management.snapshots import canonical
from shared.contracts.base import ThingRef
from shared.contracts.projects import TaskDone
from shared.db.work import Work
from shared.kernel.errors import Invalid
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import Money, Role, SecurityLabel


async def draft_call(work: Work, fields: CallCreate, arises_from: tuple[ThingRef, ...] = ()) -> Call:
    """Begin a call for the programme office that the actor works for; `arises_from` names what it answers.

    Raises Invalid.
    """
    office = work.actor.organisation(Role.PROGRAMME_OFFICER)
    rules.DRAFT.require(work.actor, owners={office} if office else set())
    assert office is not None
    _readable(work, rules.draft_label(fields.label))
    values = columns_of({name: getattr(fields, name) for name in type(fields).model_fields})
    sound(values, rules.not_over_yet(values["closes_at"], work.now))
    call = Call.model_validate(
        {
            **values,
            "organisation_id": office,
            "organisation_name": work.actor.organisation_name(office),
            "drafted_by": work.actor.subject,
            "created_at": work.now,
        }
    )
    work.add(call)
    work.emit(call.drafted(arises_from))
    return call


async def edit_call(work: Work, call_id: UUID, fields: CallChange | CallCreate, version: int | None) -> Call:
    """Change a draft. What is None stays. Raises NotFound, Stale, Invalid, CallNotReady."""
    call = await _call(work, call_id, version, rules.DRAFT)
    if fields.label is not None:
        _readable(work, fields.label)
    given = {name: getattr(fields, name) for name in type(fields).model_fields}
    values = columns_of({name: value for name, value in given.items() if value is not None}, call.terms)
    late = rules.not_over_yet(values["closes_at"], work.now) if "closes_at" in values else []
    sound({**call.model_dump(), **values}, late)
    event = call.edit(values)
    if event is not None:
        work.emit(event)
    return call


async def request_signoff(work: Work, call_id: UUID, version: int | None) -> Call:
    """Ask the first office of its chain to sign the draft off. Raises NotFound, Stale, CallNotReady."""
    call = await _call(work, call_id, version, rules.DRAFT)
    fact, task = call.request_signoff(work.now)
    holders = await queries.who_can_sign(work, call.offices, call.label, call.drafted_by)
    rules.all_can_sign(call.offices, holders)
    work.emit(fact)
    work.emit(task)
    return call


async def withdraw_signoff(work: Work, call_id: UUID, reason: str, version: int | None) -> Call:
    """Take it back to draft before it is released; the offices read why. Raises NotFound, Stale, CallNotReady."""
    call = await _call(work, call_id, version, rules.DRAFT)
    work.emit(call.withdraw(reason))
    _settle(work, call.signoff_done("withdrawn"), call.release_done("withdrawn"))
    return call


async def sign_off(work: Work, call_id: UUID, fields: SignoffCreate, version: int | None) -> Call:
    """Sign for the office whose turn it is, or return the call to its drafter.

    Raises NotFound, Stale, Invalid, CallNotReady, OwnSignoff, NotYourSignature.
    """
    call = await _call(work, call_id, version, rules.SIGN_OFF)
    if fields.decision == "return":
        if not fields.reason:
            raise Invalid.field("/reason", N_("Say what has to change before it can be signed off."))
        work.emit(call.send_back(work.actor, fields.reason))
        _settle(work, call.signoff_done("returned"), call.release_done("returned"))
        return call
    work.emit(call.sign(work.actor, fields.reason, work.now))
    _settle(work, call.signoff_done("approved"))
    signed_off = call.state == rules.State.SIGNED_OFF.value
    work.emit(call.release_due(work.now) if signed_off else call.next_signature_due(work.now))
    return call


async def release_call(work: Work, call_id: UUID, version: int | None) -> Call:
    """Make the signed-off call public, as an immutable version. Raises NotFound, Stale, CallNotReady, OwnRelease."""
    call = await _call(work, call_id, version, rules.RELEASE)
    content, sha256 = canonical(call.content())
    work.emit(call.release(work.actor.subject, work.now, sha256))
    _settle(work, call.release_done("released"))
    _keep_version(work, call, content)
    return call


def extend_call(work: Work, call: Call, closes_at: datetime, reason: str, cause: ThingRef) -> None:
    """Let a released call, already locked, close later. For rules that hold for all calls alike, not for people."""
    content, sha256 = canonical({**call.content(), "closes_at": closes_at.astimezone(UTC).isoformat()})
    work.emit(call.extend(closes_at, sha256=sha256, reason=reason, arises_from=(cause,)))
    _keep_version(work, call, content, reason)


def amend_call(work: Work, call: Call, values: dict[str, Any], reason: str) -> None:
    """Give a released call, already locked, a new version with these columns. Who may, and what, is decided before."""
    kept: list[str] = []

    def hashed(content: dict[str, Any]) -> str:
        text, sha256 = canonical(content)
        kept.append(text)
        return sha256

    work.emit(call.amend(values, reason, hashed))
    _keep_version(work, call, kept[0], reason)


def _keep_version(work: Work, call: Call, content: str, note: str = "") -> None:
    work.add(
        CallVersion(
            call_id=call.id,
            number=call.released_version or 1,
            content=content,
            sha256=call.sha256 or "",
            released_by=work.actor.subject,
            released_at=work.now,
            note=note,
        )
    )


async def cancel_call(work: Work, call_id: UUID, reason: str, version: int | None) -> Call:
    """Give the call up, with a reason that everybody who may see it reads; after its closing as well, as long as no
    decision list is made. Raises NotFound, Stale, CallNotReady."""
    call = await _call(work, call_id, version, rules.DRAFT)
    rules.undecided(await queries.list_made(work, call.id))
    work.emit(call.cancel(reason))
    done = [one("cancelled") for one in _tasks(call)]
    _settle(work, *done)
    return call


async def conclude_call(work: Work, call_id: UUID, reason: str, version: int | None) -> Call:
    """Close a call without an award, for nobody applied or nobody is left. Raises NotFound, Stale, CallNotReady."""
    call = await _call(work, call_id, version, rules.DRAFT)
    rules.next_state("conclude", rules.State(call.state))
    waiting = await work.row(
        """SELECT count(*) AS n FROM applications
           WHERE call_id = %(id)s AND state IN ('submitted', 'returned', 'reviewed')""",
        {"id": call.id},
    )
    rules.nobody_left(int(waiting["n"]) if waiting else 0)
    work.emit(call.decide(0, reason, "conclude"))
    _settle(work, *(one("closed without award") for one in _tasks(call)))
    return call


def _tasks(call: Call) -> tuple[Callable[[str], TaskDone | None], ...]:
    return call.signoff_done, call.release_done, call.assignment_done, call.conclusion_done


def _settle(work: Work, *done: TaskDone | None) -> None:
    """Say of each task that was open that it is over."""
    for fact in done:
        if fact:
            work.emit(fact)


async def _call(work: Work, call_id: UUID, version: int | None, policy: Policy) -> Call:
    call = await work.get(Call, call_id)
    label = SecurityLabel(call.label)
    policy.require(
        work.actor,
        owners={call.organisation_id},
        label=label if call.released_at else rules.draft_label(label),
        thing="call",
    )
    work.must_match(call, version)
    return call


def _readable(work: Work, label: SecurityLabel) -> None:
    if not label.readable_with(work.actor.clearance):
        raise Invalid.field("/label", N_("Choose a label that you may read yourself."))


def columns_of(values: dict[str, Any], before: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Entries of a schema as columns of the row. `before`: its terms as they stand; what is left out stays so."""
    columns: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, Money):
            columns |= {f"{name}_amount": value.amount, f"{name}_currency": value.currency}
        elif name == "criteria":
            columns[name] = [_criterion(one) for one in value]
        elif name == "portfolio":
            columns[name] = [{**one.model_dump(), "share": _plain(one.share)} for one in value]
        elif name == "indicators":
            columns[name] = [one.kept() for one in value]
        elif name == "offices":
            columns[name] = [one.model_dump(mode="json") for one in value]
        elif name == "terms":
            kept = terms.USUAL.stored() if before is None else before
            columns[name] = {**kept, **value.model_dump(mode="json", exclude_unset=True)}
        elif name == "award_terms":
            columns[name] = value.model_dump(mode="json")
        elif name == "budget_terms":
            columns[name] = _budget_terms(value)
        elif name == "inventor_floor":
            columns[name] = f"{value.numerator}/{value.denominator}"
        elif name in ("kinds", "sectors"):
            columns[name] = [one.value for one in dict.fromkeys(value)]
        elif name == "regions":
            columns[name] = list(dict.fromkeys(value))
        elif name in ("stage", "label"):
            columns[name] = value.value
        else:
            columns[name] = value
    return columns


def _criterion(criterion: Criterion) -> dict[str, str]:
    """The usual scale is not kept: the text of calls that have no other stays what it was."""
    kept = {"name": criterion.name, "weight": _plain(criterion.weight)}
    kept |= {"scale": criterion.scale} if criterion.scale != terms.SCALE else {}
    return kept | ({"anchors": criterion.anchors.strip()} if criterion.anchors.strip() else {})


def _budget_terms(terms: BudgetTerms) -> dict[str, Any]:
    if not terms.required:
        return {}
    caps = [{"category": one.category.value, "percent": _plain(one.percent), "of": one.of.value} for one in terms.caps]
    return terms.model_dump(mode="json") | {"caps": caps, "own_percent": _plain(terms.own_percent)}


def _plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def sound(columns: dict[str, Any], found: list[tuple[str, str]]) -> None:
    faults = found + rules.faults(
        opens_at=columns["opens_at"],
        closes_at=columns["closes_at"],
        budget=columns["budget_amount"],
        ceiling=columns["ceiling_amount"],
        same_currency=columns["budget_currency"] == columns["ceiling_currency"],
        weights=[Decimal(one["weight"]) for one in columns["criteria"]],
        criteria=[one["name"] for one in columns["criteria"]],
        portfolio=columns["portfolio"],
    )
    faults += terms.faults(columns["terms"]) if "terms" in columns else []
    faults += terms_faults(columns["budget_terms"]) if columns.get("budget_terms") else []
    if faults:
        raise Invalid(
            N_("Correct the marked entries and send it again."),
            errors=[{"pointer": f"/{field}", "detail": sentence} for field, sentence in faults],
        )
