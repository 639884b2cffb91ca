"""Reads about rankings and awards."""

import asyncio
import json
from decimal import Decimal
from functools import lru_cache
from typing import Any
from uuid import UUID

from services.project_management.applications.rules import label_for
from services.project_management.approvals.rules import steps
from services.project_management.assignments.queries import call_for_office, demand, is_involved
from services.project_management.awards import rules
from services.project_management.awards.letters import comments_on
from services.project_management.awards.outlook import outlook
from services.project_management.decisions.queries import panel_of
from services.project_management.decisions.rules import SHOWN, State, noticed
from services.project_management.departures.queries import of_call as departures_of
from services.project_management.receipts.queries import letter
from services.project_management.standing.queries import effects_of
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Rows
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

_SCORED = f"""
SELECT a.id, a.title, a.lead_id, coalesce(a.leader, a.drafted_by) AS leader,
       ARRAY(SELECT m.subject FROM application_members m WHERE m.application_id = a.id AND m.role = 'member'
             AND m.state <> 'left' AND m.subject IS NOT NULL ORDER BY 1) AS members,
       a.lead_name AS lead, a.requested_amount AS requested,
       a.requested_currency AS currency,
       coalesce((SELECT jsonb_agg(jsonb_build_object('reviewer', r.expert_id, 'score', r.total::text)
                                  ORDER BY r.total, r.id)
                 FROM reviews r WHERE r.application_id = a.id AND r.state = 'completed'), '[]') AS given,
       (SELECT count(*) FROM reviews r
        WHERE r.application_id = a.id AND r.state IN ('invited', 'accepted', 'scored')) AS waiting,
       coalesce(o.region, '') AS region, coalesce(o.sector, '') AS sector,
       coalesce(nullif(a.field, ''), c.field) AS field, {demand("a", "c")} AS demand,
       NOT EXISTS (SELECT FROM awards w JOIN applications earlier ON earlier.id = w.application_id
                   WHERE earlier.lead_id = a.lead_id AND w.outcome = 'funded' AND w.call_id <> a.call_id) AS newcomer
FROM applications a JOIN calls c ON c.id = a.call_id LEFT JOIN organisations o ON o.id = a.lead_id
WHERE a.call_id = %(call)s AND a.state NOT IN ('draft', 'withdrawn') ORDER BY a.id
"""  # noqa: S608 -- constants only
_UNREVIEWED = {"outcome": None, "reason": N_("No review of it is in yet."), "extra": None}
"""What the rule proposes for an application that nobody has judged: nothing."""
_REMEMBERED = 32
"""Outlooks that a process remembers, some kilobytes each; one takes a second to compute."""


async def decision_inputs(
    rows: Rows, call: dict[str, Any], scores: rules.Basis = "raw", overrides: list[dict[str, str]] | None = None
) -> tuple[dict[str, Any], bool]:
    """What a decision would be made on now, and whether every review is in.

    Reviewers are told apart by numbers that mean nothing outside of this decision.
    """
    found = await rows.rows(_SCORED, {"call": call["id"]})
    ledger = await effects_of(
        rows, {one["lead_id"] for one in found}, {who for one in found for who in (one["leader"], *one["members"])}
    )
    # Whoever reads the ranking has the clearance of the applications, and may have no more.
    label = label_for(SecurityLabel(call["label"]))
    reviewers = sorted({review["reviewer"] for one in found for review in one["given"]})
    number = {reviewer: f"r{n}" for n, reviewer in enumerate(reviewers, 1)}
    inputs = {
        "version": rules.VERSION,
        "budget": str(call["budget_amount"]),
        "currency": call["budget_currency"],
        "pass_mark": str(rules.PASS_MARK),
        "scores": scores,
        "portfolio": call["portfolio"],
        "applications": [
            {
                "id": str(one["id"]),
                "title": one["title"],
                "lead": one["lead"],
                "requested": str(one["requested"]),
                "traits": {name: one[name] for name in ("region", "field", "sector", "newcomer")},
                "standing": {
                    "points": f"{ledger.points(one['lead_id'], one['leader'], one['members']):+.2f}",
                    "rules": ledger.cited(one["lead_id"], one["leader"], label, one["members"]),
                },
                "given": [{**review, "reviewer": number[review["reviewer"]]} for review in one["given"]],
            }
            for one in found
        ],
        "overrides": overrides or [],
    }
    return inputs, all(len(one["given"]) >= one["demand"] and not one["waiting"] for one in found)


async def ranking(rows: Rows, call_id: UUID, scores: rules.Basis = "raw") -> dict[str, Any]:
    """The ranking as it stands, by these means if they can be had; once decided, as it was decided.

    Raises NotFound, OwnApplication.
    """
    call = await call_for_office(rows, call_id)
    if call["state"] not in ("closed", "deciding", "decided"):
        raise NotFound(N_("There is no ranking before the call is closed."))
    decided = await rows.row(
        """SELECT id, number, reason, decided_by, created_at, trace, state, state_reason FROM decisions
           WHERE call_id = %(id)s""",
        {"id": call_id},
    )
    number = decided["number"] if decided else 0
    returned = decided if decided and decided["state"] == State.RETURNED.value else None
    decided, complete = None if returned else decided, True
    if decided:
        trace = decided["trace"]
    else:
        inputs, complete = await decision_inputs(rows, call, scores)
        trace = await proposed(inputs)
    result, currency = trace["result"], call["budget_currency"]
    left: dict[str, list[dict[str, Any]]] = {}
    for one in await departures_of(rows, call_id):
        left.setdefault(str(one["application_id"]), []).append(one)
    met = await panel_of(rows, call_id)
    said = met["said"] if met and met["state"] == "closed" else {}
    chosen_by_hand = {one["application_id"] for one in trace["inputs"].get("overrides", [])}
    advice = await asyncio.to_thread(_remembered, json.dumps([trace["inputs"], result["items"]], sort_keys=True))
    return {
        "id": call["id"],
        "version": call["version"],
        "call_id": call["id"],
        "title": call["title"],
        "title_zh": call["title_zh"],
        "notice_days": call["award_terms"].get("notice_days", 0),
        "approving": len(call["award_terms"].get("approvals", [])),
        "state": call["state"],
        "office_id": call["organisation_id"],
        "complete": complete,
        "number": number,
        "begun": any(one["reviews"] for one in result["items"]),
        "demand": call["reviewers_per_application"],
        "budget": {"amount": call["budget_amount"], "currency": currency},
        "spent": {"amount": result["spent"], "currency": currency},
        "left": {"amount": result["left"], "currency": currency},
        "scores": result.get("scores", "raw"),
        "calibration": {"off": advice["off"], "reviewers": advice["reviewers"]},
        "limits": result.get("limits", []),
        "items": [
            {
                **one,
                **advice["applications"][one["id"]],
                "extra": None
                if one["id"] in chosen_by_hand
                else _money(advice["applications"][one["id"]]["extra"], currency),
                **({} if decided or one["reviews"] else _UNREVIEWED),
                "application_id": one["id"],
                "departures": left.get(one["id"], []),
                "panel": said.get(one["id"]),
                "requested": {"amount": one["requested"], "currency": currency},
            }
            for one in result["items"]
        ],
        "trace": trace,
        "decision": decided,
        "returned": returned["state_reason"] if returned else "",
        "panel": met,
        "panel_required": bool(call["award_terms"].get("panel_required")),
    }


async def sees_ranking(rows: Rows, call_id: UUID) -> bool:
    """Whether what a decision weighed is the actor's to read: for the offices, unless an organisation of theirs has
    applied to the call."""
    return rules.RANK.allows(rows.actor) and not await is_involved(rows, call_id)


_DECISION = """
SELECT d.id, d.version, d.call_id, d.call_title, d.reason, d.decided_by, d.created_at, d.trace, d.state, d.state_reason,
       d.number, d.sha256, d.approvals, d.notice_from, d.notice_until, d.final_at, c.award_terms,
       c.organisation_id AS office_id, c.organisation_name AS office, c.budget_currency AS currency,
       c.title_zh AS call_title_zh
FROM decisions d JOIN calls c ON c.id = d.call_id
WHERE d.call_id = %(call)s"""


async def decision(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """The decision of a call with its chain of offices and its lists, for the offices. Raises NotFound,
    OwnApplication."""
    call = await call_for_office(rows, call_id)
    found = await rows.row(_DECISION, {"call": call["id"]})
    if found is None:
        raise NotFound(N_("Nothing is decided in this call yet."))
    return {
        **found,
        "steps": steps(found["award_terms"]["approvals"], found["approvals"]),
        "lists": await rows.rows(
            """SELECT number, sha256, proposed_by, proposed_at FROM decision_lists WHERE decision_id = %(id)s
               ORDER BY number DESC""",
            {"id": found["id"]},
        ),
    }


async def notice(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """What is shown in public of a decision, since it is shown. Raises NotFound."""
    found = await rows.row(
        """SELECT d.id, d.version, d.call_id, d.call_title, d.state, d.number, d.sha256, d.notice_from, d.notice_until,
                  d.trace, c.label, c.organisation_name AS office, c.budget_currency AS currency, c.award_terms
           FROM decisions d JOIN calls c ON c.id = d.call_id
           WHERE d.call_id = %(call)s AND d.notice_from IS NOT NULL AND c.label = ANY(%(labels)s)""",
        {"call": call_id, "labels": rows.actor.clearance.readable_labels()},
    )
    if found is None:
        raise NotFound(N_("There is no public notice of this call."))
    items = sorted(found.pop("trace")["result"]["items"], key=lambda one: one.get("place", 0))
    labels = {
        str(row["id"]): row["label"]
        for row in await rows.rows("SELECT id, label FROM applications WHERE call_id = %(call)s", {"call": call_id})
    }
    shown = [
        noticed(item, SecurityLabel(labels[item["id"]]), SecurityLabel(found["label"]))
        for item in items
        if item["outcome"] in SHOWN
    ]
    return {
        **found,
        "open": found["state"] == State.IN_NOTICE.value and rows.now < found["notice_until"],
        "items": [
            {**one, "requested": one["requested"] and {"amount": one["requested"], "currency": found["currency"]}}
            for one in shown
        ],
    }


async def beside_call(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """For the page of a call: until when its list is shown in public, or was; nothing before."""
    return await rows.rows(
        """SELECT state, notice_until FROM decisions
           WHERE call_id = %(call)s AND notice_from IS NOT NULL""",
        {"call": call_id},
    )


async def beside_application(rows: Rows, application_id: UUID) -> list[dict[str, Any]]:
    """For the page of an application: while the list of its call is shown in public, which call and until when."""
    return await rows.rows(
        """SELECT d.call_id, d.notice_until FROM decisions d
           JOIN applications a ON a.call_id = d.call_id JOIN calls c ON c.id = d.call_id
           WHERE a.id = %(id)s AND a.state NOT IN ('draft', 'withdrawn') AND d.state = 'in_notice'
             AND d.notice_until > %(now)s AND c.label = ANY(%(labels)s)""",
        {"id": application_id, "now": rows.now, "labels": rows.actor.clearance.readable_labels()},
    )


async def letter_of(rows: Rows, award_id: UUID) -> dict[str, Any]:
    """The newest letter about an award: number, sha256, issued_at, content. Raises NotFound, also where the decision is
    older than letters."""
    found = (await award(rows, award_id))["letter"]
    if found is None:
        raise NotFound(N_("No letter was issued for this decision."))
    return {**found, "award_id": award_id, "content": json.loads(found["content"])}


async def proposed(inputs: dict[str, Any]) -> dict[str, Any]:
    """The trace of what the rule alone proposes. Nobody may change what it gives."""
    return await asyncio.to_thread(_proposed, json.dumps({**inputs, "overrides": []}, sort_keys=True))


def told_of(award: dict[str, Any]) -> dict[str, Any]:
    """Of the newest letter about an award, what its page repeats: mean, criteria, appeal_until. Empty without one."""
    content = json.loads(award["letter"]["content"]) if award["letter"] else {}
    return {name: content[name] for name in ("mean", "criteria", "appeal_until") if content.get(name)}


@lru_cache(maxsize=_REMEMBERED)
def _proposed(text: str) -> dict[str, Any]:
    """What the rule proposes; by raw means where calibration is off. Nobody may change what it gives."""
    inputs = json.loads(text)
    try:
        return rules.decide(inputs).model_dump(mode="json")
    except rules.NotCalibrated:
        return rules.decide({**inputs, "scores": "raw"}).model_dump(mode="json")


@lru_cache(maxsize=_REMEMBERED)
def _remembered(text: str) -> dict[str, Any]:
    """The outlook of these inputs and items. Nobody may change what it gives."""
    return outlook(*json.loads(text))


def _money(extra: dict[str, Any] | None, currency: str) -> dict[str, Any] | None:
    return extra and {
        "reason": extra["reason"],
        **{
            name: {"amount": extra[name], "currency": currency} if extra[name] and Decimal(extra[name]) > 0 else None
            for name in ("added", "chosen")
        },
    }


_AWARDS = """
SELECT w.id, w.version, w.call_id, c.title AS call_title, w.application_id, a.title, a.lead_name AS lead, a.lead_id,
       w.outcome, w.amount_amount, w.amount_currency, w.reason, w.created_at AS decided_at, w.book_due_at, a.label,
       c.title_zh AS call_title_zh, c.organisation_id AS office_id,
       ARRAY(SELECT p.organisation_id FROM application_partners p WHERE p.application_id = a.id) AS partner_ids
FROM awards w JOIN applications a ON a.id = w.application_id JOIN calls c ON c.id = w.call_id
WHERE a.label = ANY(%(labels)s)
  AND (%(office)s OR a.lead_id = ANY(%(own)s) OR EXISTS (
       SELECT FROM application_partners p
       WHERE p.application_id = a.id AND p.organisation_id = ANY(%(own)s) AND p.left_at IS NULL))
"""


def _may(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "office": rows.actor.has(*rules.READ.supervisors),
        "own": list(rows.actor.organisations(*(rules.READ.roles or ()))),
    }


def _shaped(row: dict[str, Any]) -> dict[str, Any]:
    return {**row, "amount": {"amount": row["amount_amount"], "currency": row["amount_currency"]}}


async def awards(
    rows: Rows, *, outcomes: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Newest first: an applicant's own, the office's all."""
    after = decode_cursor(cursor, 1)
    try:
        place = UUID(after[0]) if after else None
    except ValueError:
        raise Invalid.field("/cursor", N_("Use the cursor exactly as the previous page gave it.")) from None
    found = await rows.rows(
        _AWARDS
        + """ AND (%(outcomes)s::text[] IS NULL OR w.outcome = ANY(%(outcomes)s))
              AND (%(after)s::uuid IS NULL OR w.id < %(after)s) ORDER BY w.id DESC LIMIT %(limit)s""",
        _may(rows) | {"outcomes": outcomes or None, "after": place, "limit": limit + 1},
    )
    return page_of([_shaped(row) for row in found], limit, "id")


async def count_awards(rows: Rows, *, outcomes: list[str] | None = None) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM ({_AWARDS}) w WHERE %(outcomes)s::text[] IS NULL OR outcome = ANY(%(outcomes)s)",  # noqa: S608
        _may(rows) | {"outcomes": outcomes or None},
    )
    return int(row["n"]) if row else 0


async def award(rows: Rows, award_id: UUID) -> dict[str, Any]:
    """One award with the comments to the applicant. Raises NotFound."""
    return await _one(rows, "w.id", award_id)


async def award_of(rows: Rows, application_id: UUID) -> dict[str, Any]:
    """The award of an application. Raises NotFound before the decision, and to those it does not concern."""
    return await _one(rows, "w.application_id", application_id)


async def _one(rows: Rows, column: str, id: UUID) -> dict[str, Any]:
    row = await rows.row(_AWARDS + f" AND {column} = %(id)s", _may(rows) | {"id": id})
    if row is None:
        raise NotFound(N_("There is no such decision."))
    told = await letter(rows, row["id"])
    project = await rows.row("SELECT id FROM projects WHERE application_id = %(id)s", {"id": row["application_id"]})
    return {
        **_shaped(row),
        # As the applicant was told: minutes that no letter says are not theirs to read.
        "conditions": json.loads(told["content"]).get("conditions", "") if told else "",
        "comments": (await comments_on(rows, [row["application_id"]])).get(row["application_id"], []),
        "letter": told,
        "appeal": await rows.row("SELECT id, state FROM appeals WHERE award_id = %(id)s", {"id": row["id"]}),
        "project_id": project["id"] if project else None,
        "answerable": await _answerable(rows, row, drawn_up=project is not None),
    }


async def _answerable(rows: Rows, award: dict[str, Any], *, drawn_up: bool) -> bool:
    """Whether the lead can take or turn it down now: an open offer, or a funded one without a task book."""
    if award["outcome"] == "funded" and not drawn_up:
        return True
    return bool(
        await rows.row("SELECT 1 FROM award_offers WHERE award_id = %(id)s AND state = 'offered'", {"id": award["id"]})
    )
