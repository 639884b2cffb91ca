"""Reads about accounts and roles. A representative sees what concerns the own organisations, and nothing else."""

from typing import Any
from uuid import UUID

from services.coordination.access.rules import SEE_ALL, OrganisationState, state_at
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import NotFound
from shared.kernel.marks import N_
from shared.kernel.types import Role

_HELD = "g.revoked_at IS NULL AND g.starts_at <= %(now)s AND (g.ends_at IS NULL OR g.ends_at > %(now)s)"
_VISIBLE = "(%(everything)s OR g.organisation_id = ANY(%(own)s))"
_FILTER = f"""
(%(everything)s OR EXISTS (SELECT FROM role_grants g WHERE g.account_id = a.id AND g.organisation_id = ANY(%(own)s)))
AND (%(search)s = '' OR a.name ILIKE '%%' || %(search)s || '%%' OR a.subject ILIKE '%%' || %(search)s || '%%')
AND (%(roles)s::text[] IS NULL OR EXISTS (
        SELECT FROM role_grants g WHERE g.account_id = a.id AND g.role = ANY(%(roles)s) AND {_HELD} AND {_VISIBLE}))
"""  # noqa: S608 -- constants only
_SUMMARY = f"""
a.id, a.version, a.subject, a.name, a.clearance,
(SELECT coalesce(array_agg(DISTINCT g.role ORDER BY g.role), '{{}}') FROM role_grants g
 WHERE g.account_id = a.id AND {_HELD} AND {_VISIBLE}) AS roles
"""  # noqa: S608 -- constants only


def _sight(actor: Actor) -> dict[str, Any]:
    return {
        "everything": actor.has(*SEE_ALL),
        "own": sorted(actor.organisations(Role.REPRESENTATIVE), key=str),
    }


def _question(rows: Rows, search: str, roles: list[str] | None) -> dict[str, Any]:
    escaped = search.replace("\\", r"\\").replace("%", r"\%").replace("_", r"\_")
    return {**_sight(rows.actor), "now": rows.now, "search": escaped, "roles": roles or None}


async def accounts(
    rows: Rows, *, search: str = "", roles: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page[dict[str, Any]]:
    """By name; `search` finds a part of name or subject; `roles` are held now."""
    after = decode_cursor(cursor, 2)
    found = await rows.rows(
        f"""SELECT {_SUMMARY} FROM accounts a
            WHERE {_FILTER} AND (%(after)s::text IS NULL OR (a.name, a.id) > (%(after)s, %(after_id)s::uuid))
            ORDER BY a.name, a.id LIMIT %(limit)s""",  # noqa: S608 -- constants only
        {
            **_question(rows, search, roles),
            "after": after[0] if after else None,
            "after_id": after[1] if after else None,
            "limit": limit + 1,
        },
    )
    return page_of(found, limit, "name", "id")


async def count_accounts(rows: Rows, *, search: str = "", roles: list[str] | None = None) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM accounts a WHERE {_FILTER}",  # noqa: S608 -- constants only
        _question(rows, search, roles),
    )
    return int(row["n"]) if row else 0


async def account(rows: Rows, account_id: UUID) -> dict[str, Any]:
    """One account with the grants that the actor may know of. Raises NotFound."""
    row = await rows.row(
        f"""SELECT {_SUMMARY}, a.void_before, a.created_at FROM accounts a
            WHERE a.id = %(id)s AND {_FILTER}""",  # noqa: S608 -- constants only
        {**_question(rows, "", None), "id": account_id},
    )
    if row is None:
        raise NotFound(N_("There is no such account here that you may see."))
    return {**row, "grants": await _grants(rows, account_id, _sight(rows.actor))}


async def own_account(rows: Rows) -> dict[str, Any]:
    """The actor's own account with every grant, also those past and to come; without an id before there is a row."""
    row = await rows.row("SELECT id FROM accounts WHERE subject = %(subject)s", {"subject": rows.actor.subject})
    if row is None:
        return {"id": None, "grants": []}
    return {**row, "grants": await _grants(rows, row["id"], {"everything": True, "own": []})}


async def grant(rows: Rows, grant_id: UUID) -> dict[str, Any]:
    """One grant with whose it is. The caller checks who may know of it. Raises NotFound."""
    row = await rows.row(
        """SELECT g.*, a.subject, a.name FROM role_grants g JOIN accounts a ON a.id = g.account_id
           WHERE g.id = %(id)s""",
        {"id": grant_id},
    )
    if row is None:
        raise NotFound(N_("There is no such grant that you may revoke."))
    return grant_with_state(rows, row)


async def _grants(rows: Rows, account_id: UUID, sight: dict[str, Any]) -> list[dict[str, Any]]:
    found = await rows.rows(
        f"""SELECT g.id, g.account_id, g.role, g.organisation_id, g.organisation_name, g.starts_at, g.ends_at,
                   g.reason, g.granted_by, g.granted_at, g.revoked_at, g.revoked_by, g.revocation_reason
            FROM role_grants g WHERE g.account_id = %(id)s AND {_VISIBLE}
            ORDER BY g.revoked_at IS NOT NULL, g.granted_at DESC, g.id""",  # noqa: S608 -- constants only
        {**sight, "id": account_id},
    )
    return [grant_with_state(rows, grant) for grant in found]


def grant_with_state(rows: Rows, grant: dict[str, Any]) -> dict[str, Any]:
    return {**grant, "state": state_at(rows.now, grant["starts_at"], grant["ends_at"], grant["revoked_at"])}


async def organisation(rows: Rows, organisation_id: UUID) -> tuple[OrganisationState | None, str]:
    """State and name of an organisation as the catalogue said them; (None, "") for an unknown one."""
    row = await rows.row("SELECT name, state FROM organisations WHERE id = %(id)s", {"id": organisation_id})
    return (OrganisationState(row["state"]), str(row["name"])) if row else (None, "")


async def grantable_organisations(rows: Rows) -> list[dict[str, Any]]:
    """The organisations for which the actor may grant some role, by name."""
    return await rows.rows(
        """SELECT id, name, name_zh FROM organisations
           WHERE state <> 'suspended' AND (%(everything)s OR id = ANY(%(own)s)) ORDER BY name, id""",
        {**_sight(rows.actor), "everything": rows.actor.has(Role.ADMINISTRATOR)},
    )


async def administrators_without(rows: Rows, grant_id: UUID) -> int:
    """How many accounts hold the administrator role now by another grant than this one."""
    row = await rows.row(
        f"""SELECT count(DISTINCT g.account_id) AS n FROM role_grants g
            WHERE g.role = 'administrator' AND g.id <> %(grant)s AND {_HELD}""",  # noqa: S608 -- constants only
        {"grant": grant_id, "now": rows.now},
    )
    return int(row["n"]) if row else 0


async def account_history(rows: Rows, account_id: UUID) -> list[dict[str, Any]]:
    """What happened to the account, newest first, from the outbox, which is the audit trail."""
    found = await rows.rows(
        "SELECT recorded_at, actor, type, data FROM outbox WHERE subject = %(id)s ORDER BY version DESC LIMIT 200",
        {"id": account_id},
    )
    sight = _sight(rows.actor)
    own = {str(organisation_id) for organisation_id in sight["own"]}
    return [fact for fact in found if sight["everything"] or fact["data"].get("organisation_id") in own]
