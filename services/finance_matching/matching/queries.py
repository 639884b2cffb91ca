"""Reads about matches, cut in SQL: the applicant sees every match of the own need; the partner those of the own
products that fit or may fit, with the need's outline and never the inputs; nobody else sees any."""

from typing import Any
from uuid import UUID

from services.finance_matching.matching.rules import APPLICANTS, READ
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel

_OWN = "(%(all)s OR m.organisation_id = ANY(%(organisations)s))"
_COLUMNS = f"""m.id, m.version, m.need_id, n.title AS need_title, m.organisation_id, n.organisation_name, n.stage,
    n.field, n.region, jsonb_build_object('amount', n.amount::text, 'currency', n.currency) AS amount, m.product_id,
    p.title AS product_title, p.kind AS product_kind, m.institution_id, m.institution_name, m.outcome, m.score,
    m.near_miss, m.trace->'clauses' AS clauses, m.trace->'result'->'parts' AS parts, m.label, m.state, m.state_reason,
    m.partner_interest_at, m.partner_note, m.applicant_interest_at, m.applicant_note, m.created_at,
    CASE WHEN {_OWN} THEN m.trace END AS trace,
    CASE m.outcome WHEN 'yes' THEN 0 WHEN 'unknown' THEN 1 ELSE 2 END AS rank, 100 - m.score AS distance"""
_FROM = "matches m JOIN needs n ON n.id = m.need_id JOIN products p ON p.id = m.product_id"
_VISIBLE = f"""m.label = ANY(%(labels)s)
    AND ({_OWN} OR (m.institution_id = ANY(%(institutions)s) AND m.outcome IN ('yes', 'unknown')))"""
_FILTER = f"""{_VISIBLE}
    AND (%(search)s::text = '' OR n.title ILIKE %(pattern)s OR p.title ILIKE %(pattern)s)
    AND (%(outcomes)s::text[] IS NULL OR m.outcome = ANY(%(outcomes)s))
    AND (%(states)s::text[] IS NULL OR m.state = ANY(%(states)s))"""


def _sight(rows: Rows) -> dict[str, Any]:
    return {
        "labels": rows.actor.clearance.readable_labels(),
        "all": rows.actor.has(*READ.supervisors),
        "organisations": list(rows.actor.organisations(*APPLICANTS)),
        "institutions": list(rows.actor.organisations(Role.FINANCE_PARTNER)),
    }


def _chosen(rows: Rows, search: str, outcomes: list[str], states: list[str]) -> dict[str, Any]:
    return {
        **_sight(rows),
        "search": search,
        "pattern": containing(search),
        "outcomes": outcomes or None,
        "states": states or None,
    }


async def matches(
    rows: Rows,
    *,
    search: str = "",
    outcomes: list[str],
    states: list[str],
    cursor: str | None = None,
    limit: int = 50,
) -> Page[Row]:
    """Newest first."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_COLUMNS} FROM {_FROM} WHERE {_FILTER}
              AND (%(after)s::timestamptz IS NULL OR (m.created_at, m.id) < (%(after)s, %(after_id)s::uuid))
            ORDER BY m.created_at DESC, m.id DESC LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **_chosen(rows, search, outcomes, states),
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        },
    )
    return page_of(found, limit, "created_at", "id")


async def count_matches(rows: Rows, *, search: str, outcomes: list[str], states: list[str]) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM {_FROM} WHERE {_FILTER}",  # noqa: S608 -- constants only
        _chosen(rows, search, outcomes, states),
    )
    return int(row["n"]) if row else 0


async def matches_of_need(rows: Rows, need_id: UUID, *, cursor: str | None = None, limit: int = 50) -> Page[Row]:
    """Best first: what fits, then what may fit, then what does not; within each by score. For the need's own side.

    Raises NotFound for a need that the actor may not know of.
    """
    sight = {**_sight(rows), "need": need_id}
    known = await rows.row(
        f"""SELECT 1 FROM needs m WHERE m.id = %(need)s AND m.label = ANY(%(labels)s) AND {_OWN}""",  # noqa: S608 -- constants only
        sight,
    )
    if known is None:
        raise NotFound(N_("There is no need here that you may see."))
    after = decode_cursor(cursor, 3)
    found = await rows.rows(
        f"""SELECT * FROM (SELECT {_COLUMNS} FROM {_FROM}
                           WHERE m.need_id = %(need)s AND m.label = ANY(%(labels)s) AND {_OWN}) AS ranked
            WHERE %(rank)s::int IS NULL OR (rank, distance, id) > (%(rank)s::int, %(distance)s::int, %(after)s::uuid)
            ORDER BY rank, distance, id LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **sight,
            "rank": after[0] if after else None,
            "distance": after[1] if after else None,
            "after": after[2] if after else None,
            "limit": limit + 1,
        },
    )
    return page_of(found, limit, "rank", "distance", "id")


async def match(rows: Rows, match_id: UUID) -> Row:
    """One match. Raises NotFound, also for one the actor may not know of."""
    row = await rows.row(
        f"SELECT {_COLUMNS} FROM {_FROM} WHERE m.id = %(id)s AND {_VISIBLE}",  # noqa: S608 -- constants only
        {**_sight(rows), "id": match_id},
    )
    if row is None:
        raise NotFound(N_("There is no match here that you may see."))
    return row


async def decision(rows: Rows, match_id: UUID) -> DecisionTrace:
    """The recorded judgement, to put its clauses into the reader's words; its inputs are not the partner's to see.

    Raises NotFound.
    """
    row = await rows.row(
        f"SELECT m.trace FROM {_FROM} WHERE m.id = %(id)s AND {_VISIBLE}",  # noqa: S608 -- constants only
        {**_sight(rows), "id": match_id},
    )
    if row is None:
        raise NotFound(N_("There is no match here that you may see."))
    return DecisionTrace.model_validate(row["trace"])


# -- what a judgement is made from ------------------------------------------------------------------------------------


async def open_needs(
    rows: Rows,
    *,
    need_id: UUID | None = None,
    organisation_ids: list[UUID] | None = None,
    project_id: UUID | None = None,
) -> list[Row]:
    """Open needs with the facts that rules may ask about: one, those of organisations, of a project, or all.

    Assets above the need's own label do not count: a match must not tell that they exist.
    """
    return await rows.rows(
        """SELECT n.id, n.title, n.label, n.organisation_id, n.stage, n.amount, n.currency, n.term_months, n.field,
                  n.region, n.security_offered, n.project_id, o.kind, o.sector, o.region AS home, o.state AS standing,
                  p.state AS project_state,
                  CASE WHEN p.started AND p.currency = n.currency
                       THEN (SELECT coalesce(sum(t.amount), 0) FROM paid_tranches t
                             WHERE t.project_id = n.project_id AND t.currency = n.currency) END AS paid,
                  CASE WHEN p.started
                       THEN (SELECT count(*) FROM paid_tranches t WHERE t.project_id = n.project_id) END AS milestones,
                  (SELECT count(*) FROM assets a
                   WHERE a.holder_ids @> ARRAY[n.organisation_id] AND a.label = ANY(CASE n.label
                       WHEN 'internal' THEN ARRAY['public', 'internal']
                       WHEN 'controlled' THEN ARRAY['public', 'internal', 'controlled']
                       ELSE ARRAY['public', 'internal', 'controlled', 'confidential'] END)) AS assets
           FROM needs n LEFT JOIN organisations o ON o.id = n.organisation_id
                LEFT JOIN projects p ON p.id = n.project_id
           WHERE n.state = 'open'
             AND (%(need)s::uuid IS NULL OR n.id = %(need)s)
             AND (%(organisations)s::uuid[] IS NULL OR n.organisation_id = ANY(%(organisations)s))
             AND (%(project)s::uuid IS NULL OR n.project_id = %(project)s)
           ORDER BY n.id""",
        {"need": need_id, "organisations": organisation_ids, "project": project_id},
    )


async def products_on_offer(rows: Rows, product_id: UUID | None = None) -> list[Row]:
    """Published, valid products (one, or all) with what the rules ask about."""
    return await rows.rows(
        """SELECT id, title, kind, institution_id, institution_name, stages, min_amount, max_amount, currency,
                  term_months_min, term_months_max, regions, fields_of_work, security_required, valid_until, rules,
                  label
           FROM products WHERE state = 'published' AND valid_until > %(now)s
             AND (%(product)s::uuid IS NULL OR id = %(product)s)
           ORDER BY id""",
        {"now": rows.now, "product": product_id},
    )


async def still_on(rows: Rows, need_id: UUID, product_id: UUID) -> bool:
    """Whether need and product of a match are both still put forward."""
    row = await rows.row(
        """SELECT 1 FROM needs n, products p
           WHERE n.id = %(need)s AND p.id = %(product)s AND n.state = 'open' AND p.state = 'published'
             AND p.valid_until > %(now)s""",
        {"need": need_id, "product": product_id, "now": rows.now},
    )
    return row is not None


def inputs_of(need: Row, product: Row, at: str) -> dict[str, Any]:
    """The inputs of a judgement as plain JSON; None or "" stands for what is not known."""
    return {
        "at": at,
        "need": {
            "id": str(need["id"]),
            "amount": str(need["amount"]),
            "currency": need["currency"],
            "term_months": need["term_months"],
            "stage": need["stage"],
            "field": need["field"],
            "region": need["region"],
            "security": list(need["security_offered"]),
            "has_project": need["project_id"] is not None,
            "project_running": None if need["project_state"] is None else need["project_state"] == "running",
            "paid": None if need["paid"] is None else str(need["paid"]),
            "milestones_accepted": need["milestones"],
        },
        "organisation": {
            "kind": need["kind"] or None,
            "sector": need["sector"] or None,
            "region": need["home"] or None,
            "admitted": None if need["standing"] is None else need["standing"] == "admitted",
            "assets": need["assets"],
        },
        "product": {
            "id": str(product["id"]),
            "kind": product["kind"],
            "stages": list(product["stages"]),
            "min": str(product["min_amount"]),
            "max": str(product["max_amount"]),
            "currency": product["currency"],
            "term_months_min": product["term_months_min"],
            "term_months_max": product["term_months_max"],
            "regions": list(product["regions"]),
            "fields": list(product["fields_of_work"]),
            "security_required": list(product["security_required"]),
            "valid_until": product["valid_until"].isoformat(),
            "rules": list(product["rules"]),
        },
    }


def match_label(need: str, product: str) -> SecurityLabel:
    """A match is as secret as the more secret of the two, and never public."""
    return max(SecurityLabel.INTERNAL, SecurityLabel(need), SecurityLabel(product), key=lambda label: label.rank)
