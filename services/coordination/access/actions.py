"""Writes about accounts, roles, clearance and sign-ins. Each says its fact; every service hears it."""

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from services.coordination.access import queries, rules
from services.coordination.access.model import Account, RoleGrant
from services.coordination.access.rules import PLATFORM_NAME, PLATFORM_ORGANISATION, OrganisationState
from services.coordination.access.schemas import (
    ClearanceUpdate,
    GrantFields,
    RevocationCreate,
    SubjectGrantCreate,
)
from shared.db.work import Work
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.ids import new_id
from shared.kernel.marks import N_
from shared.kernel.types import Role, SecurityLabel

FIRST_SIGN_IN = N_("First sign-in")
ROLE_BEFORE_SIGN_IN = N_("Known by a role granted before the first sign-in")


async def sign_in(work: Work, subject: str, name: str) -> Account:
    """Record that somebody has signed in: the first time makes the account, a new name is taken over."""
    account = await _account(work, subject, name, FIRST_SIGN_IN)
    if name and account.name != name:
        work.emit(account.rename(name, N_("Name taken over from the sign-in provider")))
    return account


async def sign_out(work: Work, session_id: str) -> None:
    """End one sign-in of the actor everywhere."""
    account = await _account(work, work.actor.subject, work.actor.name, FIRST_SIGN_IN)
    work.emit(account.sign_out(work.now, session_id))


async def grant_role(work: Work, account_id: UUID, fields: GrantFields) -> RoleGrant:
    """Grant a role to an account for an organisation.

    Raises NotFound, Forbidden, OwnRights, AlreadyGranted, Invalid.
    """
    await queries.account(work, account_id)
    return await _grant(work, await work.get(Account, account_id), fields)


async def grant_role_to_subject(work: Work, fields: SubjectGrantCreate) -> RoleGrant:
    """Grant a role to somebody by their name at the sign-in provider; who has not signed in yet must be invited.

    Raises Forbidden, OwnRights, AlreadyGranted, Invalid.
    """
    rules.check_grant(work.actor, fields.subject, fields.role, fields.organisation_id)
    if not fields.invite and not await work.row(
        "SELECT 1 FROM accounts WHERE subject = %(subject)s", {"subject": fields.subject}
    ):
        raise Invalid.field(
            "/subject",
            N_(
                "Nobody has signed in under this name yet. Check how it is written; "
                "or say that it is an invitation, and the role waits for the first sign-in."
            ),
        )
    account = await _account(work, fields.subject, fields.name, ROLE_BEFORE_SIGN_IN)
    return await _grant(work, account, fields)


async def _grant(work: Work, account: Account, fields: GrantFields) -> RoleGrant:
    rules.check_grant(work.actor, account.subject, fields.role, fields.organisation_id)
    state, organisation_name = await queries.organisation(work, fields.organisation_id)
    rules.check_organisation(state)
    period = rules.period(work.now, fields.starts_at, fields.ends_at)
    return await _add_grant(
        work, account, fields.role, fields.organisation_id, organisation_name, period, fields.reason
    )


async def _add_grant(
    work: Work,
    account: Account,
    role: Role,
    organisation_id: UUID,
    organisation_name: str,
    period: rules.Period,
    reason: str,
) -> RoleGrant:
    # The account is locked, so that two grants of one role cannot pass this check side by side.
    others = await work.session.scalars(
        select(RoleGrant).where(
            RoleGrant.account_id == account.id,  # type: ignore[arg-type]
            RoleGrant.role == role.value,  # type: ignore[arg-type]
            RoleGrant.organisation_id == organisation_id,  # type: ignore[arg-type]
            RoleGrant.revoked_at.is_(None),  # type: ignore[union-attr]
        )
    )
    if any(other.period.overlaps(period) for other in others):
        raise rules.AlreadyGranted(N_("This role is held for this organisation in that time already."))
    grant = RoleGrant.model_validate(
        {
            "id": new_id(),
            "account_id": account.id,
            "role": role.value,
            "organisation_id": organisation_id,
            "organisation_name": organisation_name,
            "starts_at": period.starts_at,
            "ends_at": period.ends_at,
            "reason": reason,
            "granted_by": work.actor.subject,
            "granted_at": work.now,
        }
    )
    work.add(grant)
    work.emit(account.grant(grant))
    return grant


async def revoke_role(work: Work, grant_id: UUID, fields: RevocationCreate) -> RoleGrant:
    """Take a role back. Revoking a revoked grant changes nothing.

    Raises NotFound, LastAdministrator.
    """
    # Always account first, then grant: two orders would deadlock.
    owner = await work.row("SELECT account_id FROM role_grants WHERE id = %(id)s", {"id": grant_id})
    if owner is None:
        raise NotFound(N_("There is no such grant that you may revoke."))
    if await work.row(
        "SELECT 1 AS one FROM role_grants WHERE id = %(id)s AND role = 'administrator'", {"id": grant_id}
    ):
        # Two administrators revoking each other at once must not both succeed.
        await work.row("SELECT pg_advisory_xact_lock(hashtext('last_administrator'))")
    account = await work.get(Account, owner["account_id"])
    grant = await work.get(RoleGrant, grant_id)
    left = await queries.administrators_without(work, grant_id)
    rules.check_revocation(work.actor, account.subject, Role(grant.role), grant.organisation_id, left)
    if grant.revoked_at is None:
        work.emit(account.revoke(grant, work.actor.subject, work.now, fields.reason))
    return grant


async def set_clearance(work: Work, account_id: UUID, fields: ClearanceUpdate, version: int | None) -> Account:
    """Say up to which label a person may read. Raises NotFound, Forbidden, OwnRights, Stale."""
    rules.ADMINISTER.require(work.actor)
    account = await work.get(Account, account_id)
    rules.check_clearance(work.actor, account.subject)
    work.must_match(account, version)
    if account.clearance != fields.clearance.value:
        work.emit(account.clear(fields.clearance, fields.reason))
    return account


async def revoke_sessions(work: Work, account_id: UUID) -> Account:
    """End every sign-in and token of a person; administrators for everybody, everybody for themself.

    Raises NotFound.
    """
    account = await work.session.get(Account, account_id, with_for_update=True, populate_existing=True)
    if account is None or not (work.actor.has(Role.ADMINISTRATOR) or account.subject == work.actor.subject):
        raise NotFound(N_("There is no such account here that you may see."))
    work.emit(account.sign_out(work.now, None))
    return account


async def ensure_administrators(
    work: Work, subjects: tuple[str, ...], organisation: str = PLATFORM_NAME
) -> list[Account]:
    """Give the first administrators their role and full clearance, for the platform's own organisation.

    What was done once is not done again: a role taken back later stays taken back.
    """
    await work.execute(
        """INSERT INTO organisations (id, version, name, name_zh, kind, sector, region, state)
           VALUES (%(id)s, 1, %(name)s, '', '', '', '', %(state)s) ON CONFLICT (id) DO NOTHING""",
        {"id": PLATFORM_ORGANISATION, "name": organisation, "state": OrganisationState.BUILT_IN.value},
    )
    made = []
    for subject in dict.fromkeys(subjects):
        account = await _account(work, subject, "", N_("Administrator from the first start"))
        known = await work.row(
            """SELECT 1 AS one FROM role_grants WHERE account_id = %(account)s AND role = 'administrator'""",
            {"account": account.id},
        )
        if known:
            continue
        await _add_grant(
            work,
            account,
            Role.ADMINISTRATOR,
            PLATFORM_ORGANISATION,
            organisation,
            rules.Period(work.now),
            N_("Named in the platform's settings"),
        )
        work.emit(account.clear(SecurityLabel.CONFIDENTIAL, N_("Named in the platform's settings")))
        made.append(account)
    return made


async def _account(work: Work, subject: str, name: str, reason: str) -> Account:
    """The account of a subject, locked; made when there is none, also when two sign-ins make it at once."""
    fresh = Account.model_validate(
        {"id": new_id(), "subject": subject, "name": name or subject, "created_at": work.now}
    )
    await work.session.execute(
        insert(Account).values(**fresh.model_dump()).on_conflict_do_nothing(index_elements=["subject"])
    )
    found = await work.session.scalars(
        select(Account)
        .where(Account.subject == subject)  # type: ignore[arg-type]
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    account = found.one()
    if account.id == fresh.id:
        work.emit(account.opened(reason))
    return account
