"""Reads about e-mail addresses: of oneself, or of people who hold a role for an organisation one represents."""

from typing import Any
from uuid import UUID

from services.coordination.addresses import rules
from shared.db.work import Rows


async def account(rows: Rows, account_id: UUID) -> dict[str, Any]:
    """The account, for who may keep its addresses. Raises NotFound."""
    found = await rows.row(
        """SELECT a.id, a.subject, a.name,
                  ARRAY(SELECT DISTINCT g.organisation_id FROM role_grants g
                        WHERE g.account_id = a.id AND g.revoked_at IS NULL
                          AND (g.ends_at IS NULL OR g.ends_at > %(now)s)) AS owners
           FROM accounts a WHERE a.id = %(id)s""",
        {"id": account_id, "now": rows.now},
    )
    owners, subject = (set(found["owners"]), found["subject"]) if found else (set[UUID](), None)
    rules.KEEP.require(rows.actor, owners=owners, person=subject, thing="account")
    assert found
    return found


async def addresses(rows: Rows, account_id: UUID) -> list[dict[str, Any]]:
    """What stands in the book now, verified ones first."""
    return await rows.rows(
        """SELECT d.id, d.address, d.source, d.verified, d.added_by, d.added_at
           FROM addresses d JOIN address_books b ON b.id = d.book_id
           WHERE b.account_id = %(id)s AND d.removed_at IS NULL ORDER BY NOT d.verified, d.address""",
        {"id": account_id},
    )


async def own_account_id(rows: Rows) -> UUID | None:
    found = await rows.row("SELECT id FROM accounts WHERE subject = %(subject)s", {"subject": rows.actor.subject})
    return found["id"] if found else None
