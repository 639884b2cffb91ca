"""Reads about calls."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.approvals.rules import steps
from services.project_management.calls.rules import OVERSEERS, State, chain_of, draft_label
from services.project_management.calls.schemas import BudgetTerms
from services.project_management.calls.terms import SCALE
from shared.db.keyset import Orders, Page
from shared.db.patterns import containing
from shared.db.work import Params, Row, Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role, SecurityLabel

_NO_BUDGET_TERMS = BudgetTerms(required=False).model_dump(mode="json")
SOON = timedelta(days=14)
"""What “soon” means in the list."""
# The clock speaks, not the timer: a released call whose time has passed reads as closed at once (rules.phase).
PHASE = """CASE WHEN state <> 'released' THEN state WHEN %(now)s < opens_at THEN 'upcoming'
                 WHEN %(now)s < closes_at THEN 'open' ELSE 'closed' END"""
_COLUMNS = f"""id, version, title, title_zh, summary, field, stage, budget_amount, budget_currency, ceiling_amount,
    ceiling_currency, opens_at, closes_at, kinds, regions, sectors, running_per_organisation, running_per_person,
    credit, reviewers_per_application, blindness, criteria, portfolio, award_terms, offices, released_offices,
    signatures,
    signed_off_by IS NOT NULL AND signatures = '[]' AS signed_alone, terms,
    budget_terms,
    indicators,
    (SELECT count(*) FROM jsonb_object_keys(coalesce(form -> 'properties', '{{}}'))) AS questions,
    inventor_floor, label, state, {PHASE} AS phase, state_reason, organisation_id, organisation_name, released_version,
    released_at, sha256, applications, created_at"""  # noqa: S608 -- constants only
_VISIBLE = """CASE WHEN released_at IS NULL AND label = 'public' THEN 'internal' ELSE label END = ANY(%(labels)s)
    AND (released_at IS NOT NULL OR %(oversees)s)"""
_FILTER = f"""{_VISIBLE}
    AND (%(like)s::text IS NULL OR title ILIKE %(like)s OR title_zh ILIKE %(like)s OR field ILIKE %(like)s
         OR summary ILIKE %(like)s)
    AND (%(phases)s::text[] IS NULL OR {PHASE} = ANY(%(phases)s))
    AND (%(fields)s::text[] IS NULL OR field = ANY(%(fields)s))
    AND (%(regions)s::text[] IS NULL OR regions = '[]' OR regions ?| %(regions)s)
    AND (%(kinds)s::text[] IS NULL OR kinds = '[]' OR kinds ?| %(kinds)s)
    AND (%(ceiling_from)s::numeric IS NULL OR ceiling_amount >= %(ceiling_from)s)
    AND (%(ceiling_to)s::numeric IS NULL OR ceiling_amount < %(ceiling_to)s)
    AND (%(soon)s::text[] IS NULL
         OR ('opening' = ANY(%(soon)s) AND {PHASE} = 'upcoming' AND opens_at < %(now)s + %(soon_within)s)
         OR ('closing' = ANY(%(soon)s) AND {PHASE} = 'open' AND closes_at < %(now)s + %(soon_within)s))"""
# First what can be applied for, the nearest closing first; then what is over, the latest first.
_DEADLINE = f"""CASE WHEN {PHASE} IN ('open', 'upcoming') THEN extract(epoch FROM closes_at)
    ELSE 1e11 - extract(epoch FROM closes_at) END"""
ORDERS = Orders(
    {
        "deadline": (_DEADLINE, "numeric"),
        "title": ("title", "text"),
        "field": ("field", "text"),
        "ceiling": ("ceiling_amount", "numeric"),
        "closes_at": ("closes_at", "timestamptz"),
    },
    "deadline",
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What of the calls is looked for. A call that addresses every region or kind fits each of them."""

    search: str = ""
    phases: Sequence[str] = ()
    fields: Sequence[str] = ()
    regions: Sequence[str] = ()
    kinds: Sequence[str] = ()
    ceiling_from: Decimal | None = None
    ceiling_to: Decimal | None = None
    soon: Sequence[str] = ()

    def params(self) -> dict[str, Any]:
        lists = {name: list(getattr(self, name)) or None for name in ("phases", "fields", "regions", "kinds", "soon")}
        return {
            "like": like(self.search),
            "ceiling_from": self.ceiling_from,
            "ceiling_to": self.ceiling_to,
            "soon_within": SOON,
            **lists,
        }


EVERYTHING = Wanted()


def _params(rows: Rows, **more: Any) -> dict[str, Any]:
    return {
        "now": rows.now,
        "labels": rows.actor.clearance.readable_labels(),
        "oversees": rows.actor.has(*OVERSEERS),
        **more,
    }


def like(search: str) -> str | None:
    """A pattern that finds the text anywhere; None for no search."""
    text = search.strip()
    return containing(text) if text else None


async def calls(
    rows: Rows, wanted: Wanted = EVERYTHING, *, sort: str = "", cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """Calls the actor may see, unless sorted otherwise those to apply for first, the nearest closing first."""
    order = ORDERS.asked(sort, cursor)
    found = await rows.rows(
        f"SELECT {_COLUMNS}, {order.column} FROM calls WHERE {_FILTER} {order.tail}",  # noqa: S608 -- constants only
        _params(rows, **wanted.params(), **order.params, limit=limit + 1),
    )
    page = order.page(found, limit)
    return Page([_shaped(row) for row in page.items], page.next_cursor)


async def taking(rows: Rows) -> list[dict[str, Any]]:
    """Every call that takes applications now or soon, to choose from."""
    found: list[dict[str, Any]] = []
    page = await calls(rows, wanted := Wanted(phases=["open", "upcoming"]), limit=200)
    while True:
        found += page.items
        if page.next_cursor is None:
            return found
        page = await calls(rows, wanted, cursor=page.next_cursor, limit=200)


async def count_calls(rows: Rows, wanted: Wanted = EVERYTHING) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM calls WHERE {_FILTER}",  # noqa: S608 -- constants only
        _params(rows, **wanted.params()),
    )
    return int(row["n"]) if row else 0


async def choices_of_calls(rows: Rows, limit: int = 12) -> dict[str, list[str]]:
    """The fields and regions that calls which the actor may see name, the most frequent first."""
    row = await rows.row(
        f"""WITH seen AS (SELECT field, regions FROM calls WHERE {_VISIBLE})
            SELECT ARRAY(SELECT field FROM seen WHERE field <> '' GROUP BY field
                         ORDER BY count(*) DESC, field LIMIT %(limit)s) AS fields,
                   ARRAY(SELECT one FROM seen, jsonb_array_elements_text(regions) one GROUP BY one
                         ORDER BY count(*) DESC, one LIMIT %(limit)s) AS regions""",  # noqa: S608 -- constants only
        _params(rows, limit=limit),
    )
    return dict(row) if row else {"fields": [], "regions": []}


async def call(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """One call that the actor may see. Raises NotFound."""
    row = await _one(rows, f"SELECT {_COLUMNS} FROM calls WHERE id = %(id)s AND {_VISIBLE}", {"id": call_id})  # noqa: S608
    return _shaped(row)


async def calls_among(rows: Rows, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Those of the calls that the actor may see, the newest first: id, title, phase."""
    if not ids:
        return []
    return await rows.rows(
        f"""SELECT id, title, title_zh, {PHASE} AS phase FROM calls
            WHERE id = ANY(%(ids)s) AND {_VISIBLE} ORDER BY id DESC""",  # noqa: S608 -- constants only
        _params(rows, ids=list(ids)),
    )


async def released_version(rows: Rows, call_id: UUID, number: int) -> dict[str, Any]:
    """A released version, word for word: content, sha256, released_at. Raises NotFound."""
    return await _one(
        rows,
        """SELECT v.content, v.sha256, v.released_at FROM call_versions v
            JOIN calls ON calls.id = v.call_id
            WHERE v.call_id = %(id)s AND v.number = %(number)s
              AND calls.label = ANY(%(labels)s) AND (calls.released_at IS NOT NULL OR %(oversees)s)""",
        {"id": call_id, "number": number},
    )


async def version_notes(rows: Rows, call_id: UUID) -> list[dict[str, Any]]:
    """Why there are later versions of a call that the actor may see: number, note."""
    return await rows.rows(
        "SELECT number, note FROM call_versions WHERE call_id = %(id)s AND note <> '' ORDER BY number DESC",
        {"id": call_id},
    )


async def hands(rows: Rows, call_id: UUID) -> dict[str, Any]:
    """Who drafted it, and the signatures with their notes, for the offices: drafted_by, signed_off_by, offices,
    signatures. Raises NotFound."""
    return await _one(
        rows, "SELECT drafted_by, signed_off_by, offices, signatures FROM calls WHERE id = %(id)s", {"id": call_id}
    )


async def who_can_sign(
    rows: Rows, offices: Sequence[Mapping[str, Any]], label_of_call: str, writer: str
) -> list[list[str]]:
    """For each of the offices who may sign for it, without who wrote what is to be signed: as many as the chain could
    need."""
    label = draft_label(SecurityLabel(label_of_call))
    found = []
    for step in offices:
        held = await rows.rows(
            """SELECT DISTINCT g.subject FROM access_grants g JOIN access_accounts a ON a.subject = g.subject
               WHERE g.role = %(role)s AND g.subject <> %(writer)s AND a.clearance = ANY(%(clearances)s)
                 AND (%(place)s::uuid IS NULL OR g.organisation_id = %(place)s) AND g.revoked_at IS NULL
                 AND g.starts_at <= %(now)s AND (g.ends_at IS NULL OR g.ends_at > %(now)s)
               ORDER BY 1 LIMIT %(most)s""",
            {
                "role": step["role"],
                "writer": writer,
                "clearances": [one.value for one in SecurityLabel if label.readable_with(one)],
                "place": step["organisation_id"],
                "now": rows.now,
                "most": len(offices),
            },
        )
        found.append([one["subject"] for one in held])
    return found


async def _one(rows: Rows, query: str, params: Params) -> Row:
    row = await rows.row(query, _params(rows, **params))
    if row is None:
        raise NotFound(N_("There is no call here that you may see."))
    return row


def _shaped(row: Row) -> dict[str, Any]:
    # What offices said to each other with their signatures, and who signed for them, stays between them: `hands`.
    released = row.pop("released_offices")
    row["amended_by"] = [one["office"] for one in chain_of(row["offices"])] if released is not None else []
    shown = steps(chain_of(row["offices"] if released is None else released), row.pop("signatures"))
    alone = bool(row.pop("signed_alone"))
    row["signoffs"] = [
        {
            "signed_at": (done := one.pop("signed") or {}).get("at"),
            **one,
            "has_signed": bool(done) or alone,
            "next": one["next"] and not alone and row["state"] == State.IN_SIGNOFF.value,
        }
        for one in shown
    ]
    row["budget_terms"] = row["budget_terms"] or _NO_BUDGET_TERMS
    row["criteria"] = [{"scale": SCALE, "anchors": "", **one} for one in row["criteria"]]
    for name in ("budget", "ceiling"):
        row[name] = {"amount": row.pop(f"{name}_amount"), "currency": row.pop(f"{name}_currency")}
    return row


async def list_made(rows: Rows, call_id: UUID) -> bool:
    """Whether a decision list was put forward, wherever it is by now."""
    return await rows.row("SELECT 1 FROM decisions WHERE call_id = %(id)s", {"id": call_id}) is not None


async def handed_in(rows: Rows, call_id: UUID) -> int | None:
    """How many applications it has, for who may list them before it closes; None for everybody else, and for an
    officer one of whose organisations applies."""
    if not rows.actor.has(Role.PROGRAMME_OFFICER):
        return None
    row = await rows.row(
        """SELECT count(*) FILTER (WHERE state <> 'withdrawn' AND label = ANY(%(labels)s)) AS n,
                  coalesce(bool_or(lead_id = ANY(%(own)s) OR EXISTS (
                      SELECT FROM application_partners p
                      WHERE p.application_id = a.id AND p.organisation_id = ANY(%(own)s))), false) AS involved
           FROM applications a WHERE call_id = %(id)s AND submitted_at IS NOT NULL""",
        _params(rows, id=call_id, own=list(rows.actor.organisations())),
    )
    return int(row["n"]) if row and not row["involved"] else None


async def waiting(rows: Rows, call_id: UUID) -> int:
    """Applications that wait for their decision; for the office of the call."""
    row = await rows.row(
        """SELECT count(*) AS n FROM applications
           WHERE call_id = %(id)s AND state IN ('submitted', 'returned', 'reviewed')""",
        {"id": call_id},
    )
    return int(row["n"]) if row else 0
