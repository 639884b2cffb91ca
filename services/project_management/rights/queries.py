"""Reads about agreements: the organisations of the project and the offices see them."""

import json
from collections.abc import Callable, Collection, Sequence
from typing import Any
from uuid import UUID

from services.project_management.differences import Difference, single_differences
from services.project_management.receipts.queries import numbers
from services.project_management.rights import rules
from shared.db.keyset import Orders, Page
from shared.db.patterns import containing
from shared.db.work import Rows
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import SecurityLabel

_AGREEMENTS = """
SELECT g.id, g.version, g.application_id, g.call_title, g.title, g.office_id, g.office_name, g.lead_id, g.lead_name,
       g.partners, g.label, g.inventor_floor, g.state, g.state_reason, g.terms, g.number, g.in_force, g.sha256,
       g.created_at, p.id AS project_id, a.call_id
FROM agreements g JOIN applications a ON a.id = g.application_id
LEFT JOIN projects p ON p.application_id = g.application_id
WHERE g.label = ANY(%(labels)s)
  AND (%(all)s OR g.office_id = ANY(%(offices)s) OR g.lead_id = ANY(%(organisations)s)
       OR EXISTS (SELECT FROM jsonb_array_elements(g.partners) one
                  WHERE (one ->> 'id')::uuid = ANY(%(organisations)s)))
"""
# What waits for the asker: the lead's wording, or a signature of a party that the asker signs for. One who has signed
# for one party signs for no other, and only an officer who acts for no side signs for the office.
_SIGNED = """EXISTS (SELECT FROM agreement_signatures s
    WHERE s.agreement_id = g.id AND s.number = g.number AND {})"""
_WAITS: dict[str, str] = {
    "wording": "g.state = 'draft' AND g.lead_id = ANY(%(writers)s)",
    "signature": f"""g.state = 'proposed' AND NOT {_SIGNED.format("s.subject = %(subject)s")}
        AND EXISTS (SELECT FROM jsonb_array_elements(g.terms -> 'parties') p,
                                LATERAL (SELECT (p ->> 'organisation_id')::uuid AS id) party
                    WHERE CASE WHEN party.id <> g.office_id THEN party.id = ANY(%(signers)s)
                          ELSE party.id = ANY(%(officers)s) AND NOT g.lead_id = ANY(%(sides)s)
                               AND NOT EXISTS (SELECT FROM jsonb_array_elements(g.partners) one
                                               WHERE (one ->> 'id')::uuid = ANY(%(sides)s)) END
                      AND NOT {_SIGNED.format("s.organisation_id = party.id")})""",  # noqa: S608 -- constants only
}
_LISTED = f"""g.created_at, jsonb_array_length(g.terms -> 'parties') AS parties,
    (SELECT count(*) FROM agreement_signatures s WHERE s.agreement_id = g.id AND s.number = g.number) AS signed,
    ARRAY(SELECT name FROM (VALUES {
    ", ".join(f"('{name}', {clause})" for name, clause in _WAITS.items())
}) waits (name, holds) WHERE holds) AS waits,"""  # noqa: S608 -- constants only
_FILTER = f""" AND (%(search)s::text = '' OR g.title ILIKE %(search)s OR g.lead_name ILIKE %(search)s
                    OR g.call_title ILIKE %(search)s)
               AND (%(states)s::text[] IS NULL OR g.state = ANY(%(states)s))
               AND (%(waits)s::text[] IS NULL OR {
    " OR ".join(f"('{name}' = ANY(%(waits)s) AND {clause})" for name, clause in _WAITS.items())
})"""
ORDERS = Orders(
    {
        "waits": (f"CASE WHEN {' OR '.join(f'({one})' for one in _WAITS.values())} THEN 1 ELSE 0 END", "numeric"),
        "title": ("g.title", "text"),
        "created_at": ("g.created_at", "timestamptz"),
    },
    "-waits",
    "g.id",
)


def _asked(rows: Rows, search: str, states: Sequence[str], waits: Sequence[str]) -> dict[str, Any]:
    actor = rows.actor
    return rules.READ.sight(actor) | {
        "search": containing(search) if search else "",
        "states": list(states) or None,
        "waits": list(waits) or None,
        "subject": actor.subject,
        "writers": list(actor.organisations(*(rules.WRITE.roles or ()))),
        "signers": list(actor.organisations(*rules.SIGNERS)),
        "officers": list(actor.organisations(*rules.SIGN.officers)),
        "sides": list(actor.organisations()),
    }


async def agreements(
    rows: Rows,
    *,
    search: str = "",
    states: Sequence[str] = (),
    waits: Sequence[str] = (),
    sort: str = "",
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """Unless sorted otherwise what waits for the asker first, then the newest; `search` finds a part of the title, of
    the lead's name or of the call's; `waits` those that wait for one of these from the asker."""
    order = ORDERS.asked(sort, cursor)
    found = await rows.rows(
        _AGREEMENTS.replace("g.created_at,", f"{_LISTED} {order.column},", 1) + _FILTER + order.tail,
        _asked(rows, search, states, waits) | order.params | {"limit": limit + 1},
    )
    return order.page(found, limit)


async def count_agreements(
    rows: Rows, *, search: str = "", states: Sequence[str] = (), waits: Sequence[str] = ()
) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM ({_AGREEMENTS + _FILTER}) found",  # noqa: S608 -- constants only
        _asked(rows, search, states, waits),
    )
    return int(row["n"]) if row else 0


# A legal officer who may read an agreement of this label. One who signed it for one party signs it for no other.
_HOLDS = """h.role = 'legal_officer' AND h.revoked_at IS NULL AND h.starts_at <= %(now)s
    AND (h.ends_at IS NULL OR h.ends_at > %(now)s)
    AND array_position(%(ranks)s, {label}) <= array_position(%(ranks)s, c.clearance)"""
_RANKS = [label.value for label in SecurityLabel]


async def with_lawyers(
    rows: Rows, organisations: Collection[str], label: str, without: Collection[str] = ()
) -> frozenset[str]:
    """Those of the organisations that have a legal officer who may read the label and is none of `without`."""
    found = await rows.rows(
        f"""SELECT DISTINCT h.organisation_id FROM access_grants h JOIN access_accounts c ON c.subject = h.subject
            WHERE h.organisation_id = ANY(%(organisations)s::uuid[]) AND NOT h.subject = ANY(%(without)s::text[])
              AND {_HOLDS.format(label="%(label)s")}""",  # noqa: S608 -- constants only
        {
            "organisations": list(organisations),
            "label": label,
            "without": list(without),
            "now": rows.now,
            "ranks": _RANKS,
        },
    )
    return frozenset(str(row["organisation_id"]) for row in found)


async def misaddressed(rows: Rows, limit: int) -> list[UUID]:
    """Agreements with an open task that waits for legal officers where there are none, or for others where there are.
    The office's own task is not looked at: its legal officers read, and sign nothing."""
    found = await rows.rows(
        f"""SELECT DISTINCT g.id FROM agreements g CROSS JOIN LATERAL jsonb_object_keys(g.tasks) AS t (key)
            WHERE g.state IN ('draft', 'proposed') AND t.key <> g.office_id::text
              AND (coalesce(g.asked ->> t.key, '') = 'legal_officer') <> EXISTS (
                SELECT FROM access_grants h JOIN access_accounts c ON c.subject = h.subject
                WHERE h.organisation_id::text = CASE t.key WHEN 'draft' THEN g.lead_id::text ELSE t.key END
                  AND {_HOLDS.format(label="g.label")}
                  AND (t.key = 'draft' OR NOT EXISTS (
                    SELECT FROM agreement_signatures s
                    WHERE s.agreement_id = g.id AND s.number = g.number AND s.subject = h.subject)))
            ORDER BY g.id LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {"limit": limit, "now": rows.now, "ranks": _RANKS},
    )
    return [row["id"] for row in found]


async def agreement(rows: Rows, agreement_id: UUID) -> dict[str, Any]:
    """One agreement with its signatures and everybody's part of the income. Raises NotFound."""
    row = await rows.row(_AGREEMENTS + " AND g.id = %(id)s", rules.READ.sight(rows.actor) | {"id": agreement_id})
    if row is None:
        raise NotFound(N_("There is no agreement here that you may see."))
    names = _names(row)
    inputs = {
        "call": row["call_title"],
        "floor": row["inventor_floor"],
        "organisations": [{"id": str(row["lead_id"]), "name": row["lead_name"]}, *row["partners"]],
        "office": {"id": str(row["office_id"]), "name": row["office_name"]},
        "terms": row["terms"],
    }
    parties = [one["organisation_id"] for one in row["terms"]["parties"]]
    return {
        **row,
        "names": names,
        "trace": rules.soundness(inputs).model_dump(mode="json"),
        "signatures": await _signatures(rows, row["id"], row["number"], {one: names.get(one, "") for one in parties}),
        "entitlements": [
            {"kind": kind, "name": names.get(whom, whom), "share": rules.text(share)}
            for kind, whom, share in rules.entitlements(row["terms"])
        ],
    }


async def agreement_version(rows: Rows, agreement_id: UUID, number: int) -> dict[str, Any]:
    """What was put before the parties, who signed it, and what differs from the version before. Raises NotFound."""
    await agreement(rows, agreement_id)
    found = await rows.rows(
        """SELECT agreement_id, number, content, sha256, proposed_by, proposed_at, agreed_at FROM agreement_versions
           WHERE agreement_id = %(id)s AND number IN (%(number)s, %(number)s - 1) ORDER BY number DESC""",
        {"id": agreement_id, "number": number},
    )
    if not found or found[0]["number"] != number:
        raise NotFound(N_("There is no such version of this agreement."))
    content = json.loads(found[0]["content"])
    before = json.loads(found[1]["content"]) if len(found) > 1 else content
    names = {one["id"]: one["name"] for one in content["organisations"]}
    return {
        **found[0],
        "content": content,
        "paper": (await numbers(rows, "agreement", agreement_id)).get(number),
        "signatures": await _signatures(rows, agreement_id, number, names),
        "differences": [one.row for one in single_differences(before, content) if one.field != "number"],
    }


async def versions(rows: Rows, agreement_id: UUID) -> list[dict[str, Any]]:
    """The numbers, hashes, times and papers of every version, newest first; for whoever has read the agreement."""
    papers = await numbers(rows, "agreement", agreement_id)
    found = await rows.rows(
        """SELECT number, sha256, proposed_at, agreed_at FROM agreement_versions
           WHERE agreement_id = %(id)s ORDER BY number DESC""",
        {"id": agreement_id},
    )
    return [one | {"paper": papers.get(one["number"])} for one in found]


def as_stored(content: dict[str, Any]) -> dict[str, Any]:
    """A version as programs compare it."""
    return content


async def changes(
    rows: Rows,
    agreement_id: UUID,
    since: int,
    until: int,
    told: Callable[[dict[str, Any]], dict[str, Any]] = as_stored,
) -> list[Difference]:
    """What differs between two versions, value by value, in texts word by word. Raises NotFound."""
    kept = [(await agreement_version(rows, agreement_id, number))["content"] for number in (since, until)]
    return [one for one in single_differences(*map(told, kept)) if one.field != "number"]


async def agreement_of(rows: Rows, application_id: UUID) -> dict[str, Any] | None:
    """State of the agreement on what comes of an application, as far as the actor may see it."""
    return await rows.row(
        f"SELECT id, state, number, in_force, sha256 FROM ({_AGREEMENTS}) g"  # noqa: S608 -- constants only
        " WHERE application_id = %(application)s",
        rules.READ.sight(rows.actor) | {"application": application_id},
    )


def _names(row: dict[str, Any]) -> dict[str, str]:
    known = {str(row["office_id"]): row["office_name"], str(row["lead_id"]): row["lead_name"]}
    return known | {one["id"]: one["name"] for one in row["partners"]}


async def _signatures(rows: Rows, agreement_id: UUID, number: int, parties: dict[str, str]) -> list[dict[str, Any]]:
    """Each party of a version, signed or not."""
    found = await rows.rows(
        """SELECT organisation_id, subject, signed_at FROM agreement_signatures
           WHERE agreement_id = %(id)s AND number = %(number)s""",
        {"id": agreement_id, "number": number},
    )
    signed = {str(one["organisation_id"]): one for one in found}
    blank = {"subject": None, "signed_at": None}
    return [{**blank, **signed.get(id, {}), "organisation_id": id, "name": name} for id, name in parties.items()]
