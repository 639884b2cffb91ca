"""The page of one application, with which several rooms answer."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications import queries, rules
from services.project_management.applications.eligibility import CURRENT, ELIGIBILITY, findings, may_submit
from services.project_management.applications.facts import eligibility
from services.project_management.applications.rules import CHECK, DRAFT, OVER, WRITE, Answer, State
from services.project_management.applications.telling import own_part_open, own_partner
from services.project_management.applications.words import ANSWERS, STATES, addressed, advice, told
from services.project_management.costs.queries import terms_for
from services.project_management.costs.rules import asked
from services.project_management.forms.queries import asks
from services.project_management.teams.queries import team
from services.project_management.teams.words import STATES as MEMBER_STATES
from services.project_management.teams.words import UNASKED
from shared.db.history import history
from shared.db.work import Rows
from shared.kernel.errors import Problem
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role
from shared.web.edge import service_of
from shared.web.forms import FormState
from shared.web.history import entries
from shared.web.links import chain_url, thing_word
from shared.web.words import bilingual

GIVEN = {Answer.PENDING: "", **{answer.value: decision for decision, answer in rules.DECISIONS.items()}}
"""An answer as the form of the consent has it."""
NAMELESS = (".review_completed.",)
"""Facts whose actor would give a reviewer away."""


async def detail(
    request: Request,
    rows: Rows,
    application_id: UUID,
    *,
    upload: FormState | None = None,
    consent: FormState | None = None,
    withdrawal: FormState | None = None,
    check: FormState | None = None,
    refused: Problem | None = None,
    status: int = 200,
) -> Response:
    application = await queries.application(rows, application_id)
    actor, state, version = rows.actor, State(application["state"]), application["version"]
    leads = DRAFT.allows(actor, owners={application["lead_id"]})
    parties = {application["lead_id"], *(partner["id"] for partner in application["partners"])}
    represents = actor.organisations(Role.REPRESENTATIVE)
    in_charge = CHECK.in_charge(actor, await queries.office_of(rows, application_id), parties)
    trace = await eligibility(rows, application_id)
    asked_of = {p["name"] for p in application["partners"] if p["id"] in represents and not p["left_at"]}
    shown = (
        [addressed(one, asked_of).clause(told) for one in findings(trace.inputs)] if _current(trace) else trace.clauses
    )
    advised = advice(trace.inputs, asked_of) if state in (State.DRAFT, State.RETURNED) else None
    facts = await history(rows, application_id)
    noticing = service_of(request).beside.get("shown")
    departed = service_of(request).beside.get("departed")
    consented = service_of(request).beside.get("consented")
    ours = [p for p in application["partners"] if p["id"] in represents and not p["left_at"] and not p["departure_id"]]
    may_answer = state in (State.DRAFT, State.RETURNED) and bool(ours)
    partner = own_partner(ours, actor.acting_for)
    return service_of(request).pages.render(
        request,
        "applications/detail.html",
        status=status,
        application=application,
        state=state,
        refused=refused,
        trace=trace,
        clauses=shown,
        missing=_missing(list(shown)),
        advice=advised,
        history=entries([_without_name(fact) for fact in facts]),
        chain=[
            (
                thing_word("call"),
                bilingual(application["call_title"], application["call_title_zh"])[0],
                f"/projects/calls/{application['call_id']}",
            ),
            (thing_word("application"), application["title"], "", True),
        ],
        chain_url=chain_url("application", application_id),
        may_edit=leads and state in (State.DRAFT, State.RETURNED),
        may_write=WRITE.allows(actor, owners=queries.writers(application)) and state in (State.DRAFT, State.RETURNED),
        removable=await queries.removable(rows, application_id),
        may_resubmit=leads and state in OVER,
        people=await team(rows, application_id, left=leads),
        MEMBER_STATES=MEMBER_STATES,
        UNASKED=UNASKED,
        asks=await asks(rows, application_id),
        budgeted=asked(await terms_for(rows, application_id)),
        budget_complete=_all_yes(clause for clause in shown if clause.rule.startswith("budget.")),
        shown=next(iter(await noticing(rows, application_id)), None) if noticing else None,
        departed=await departed(rows, application_id) if departed else [],
        may_leave=application["submitted_at"] is not None
        and any(
            p["id"] in represents and p["answer"] == "consented" and not p["left_at"] for p in application["partners"]
        ),
        call_changed=application["call_version"] < application["call_newest"],
        may_submit=leads and state in (State.DRAFT, State.RETURNED) and may_submit(trace),
        may_answer=may_answer,
        partner=partner,
        to_write=own_part_open(trace.inputs, partner["id"]) if may_answer and partner else None,
        since=next(iter(await consented(rows, application_id)), None) if consented and may_answer else None,
        may_withdraw=leads and state in rules.TRANSITIONS["withdraw"][0],
        may_check=in_charge and state is State.SUBMITTED and not application["checked"],
        may_return=in_charge and state is State.SUBMITTED,
        may_let_stand=in_charge and state is State.RETURNED,
        upload=upload or FormState(version=version),
        consent=consent or FormState({"decision": [GIVEN[partner["answer"]]]} if partner else {}, version=version),
        withdrawal=withdrawal or FormState(version=version),
        check=check or FormState(version=version),
        STATES=STATES,
        ANSWERS=ANSWERS,
    )


def _current(trace: DecisionTrace) -> bool:
    """Whether today's wording fits a recorded trace; an older rule's is shown as it was recorded."""
    return trace.rule == ELIGIBILITY[0] and trace.version in CURRENT


def _missing(clauses: list[Clause]) -> int:
    return sum(clause.outcome != "yes" for clause in clauses)


def _all_yes(clauses: Iterable[Clause]) -> bool:
    found = [clause.outcome for clause in clauses]
    return bool(found) and set(found) == {"yes"}


def _without_name(fact: dict[str, Any]) -> dict[str, Any]:
    return {**fact, "actor": "", "name": ""} if any(kind in fact["type"] for kind in NAMELESS) else fact
