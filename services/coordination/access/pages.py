"""People and roles, for people."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.coordination.access import actions, queries
from services.coordination.access.rules import (
    ADMINISTER,
    BY_REPRESENTATIVES,
    GRANT,
    READ,
    REVOKE,
    REVOKE_SESSIONS,
    SELF,
    GrantState,
    LastAdministrator,
    may_decide,
)
from services.coordination.access.schemas import (
    ClearanceUpdate,
    GrantFields,
    RevocationCreate,
    SubjectGrantCreate,
)
from shared.db.work import Row, Rows
from shared.kernel.errors import NotFound, Problem, Stale
from shared.kernel.types import Role, SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import N_, _, lazy
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord, label_word, role_word

pages = page_room("access")

GRANT_STATES = {
    GrantState.COMING: StateWord(lazy("Not yet"), "info"),
    GrantState.HELD: StateWord(lazy("Held"), "success"),
    GrantState.ENDED: StateWord(lazy("Ended"), "neutral"),
    GrantState.REVOKED: StateWord(lazy("Taken back"), "danger"),
}


@pages.get("/access", allow=READ)
async def account_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("name", _("Person")),
            Column("roles", _("Roles now")),
            Column("clearance", _("May read up to")),
        ],
        facets=[Facet("role", _("Role"), [Option(role.value, role_word(role)) for role in Role])],
        default_sort="name",
    )
    chosen = list(view.chosen("role"))
    page = await queries.accounts(read, search=view.q, roles=chosen, cursor=view.cursor, limit=25)
    total = await queries.count_accounts(read, search=view.q, roles=chosen)
    return service_of(request).pages.render(
        request,
        "access/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        may_grant=_may_grant(read),
    )


@pages.get("/access/grants/new", allow=GRANT)
async def new_grant(request: Request, read: ReadDep) -> Response:
    return await _grant_form(request, read, FormState(), None)


@pages.post("/access/grants/new", allow=GRANT)
async def grant_role_to_subject(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(SubjectGrantCreate, posted)
    if isinstance(fields, FormState):
        return await _grant_form(request, work, fields, None, status=422)
    try:
        grant = await actions.grant_role_to_subject(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _grant_form(request, work, FormState.refused(posted, problem), None, status=problem.status)
    return redirect(f"/access/{grant.account_id}", notice=_("The role is granted. It counts within seconds."))


@pages.get("/access/{account_id}/grants/new", allow=GRANT)
async def new_grant_for(request: Request, read: ReadDep, account_id: UUID) -> Response:
    return await _grant_form(request, read, FormState(), await queries.account(read, account_id))


@pages.post("/access/{account_id}/grants/new", allow=GRANT)
async def grant_role(request: Request, work: WorkDep, account_id: UUID) -> Response:
    account = await queries.account(work, account_id)
    posted = await read_form(request)
    fields = parse(GrantFields, posted)
    if isinstance(fields, FormState):
        return await _grant_form(request, work, fields, account, status=422)
    try:
        await actions.grant_role(work, account_id, fields)
    except Problem as problem:
        await work.rollback()
        return await _grant_form(request, work, FormState.refused(posted, problem), account, status=problem.status)
    return redirect(f"/access/{account_id}", notice=_("The role is granted. It counts within seconds."))


@pages.get("/access/grants/{grant_id}/revocation", allow=REVOKE)
async def new_revocation(request: Request, read: ReadDep, grant_id: UUID) -> Response:
    return await _revocation_form(request, read, grant_id, FormState())


@pages.post("/access/grants/{grant_id}/revocation", allow=REVOKE)
async def revoke_role(request: Request, work: WorkDep, grant_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(RevocationCreate, posted)
    if isinstance(fields, FormState):
        return await _revocation_form(request, work, grant_id, fields, status=422)
    try:
        grant = await actions.revoke_role(work, grant_id, fields)
    except LastAdministrator as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _revocation_form(request, work, grant_id, state, status=problem.status)
    back = f"/access/{grant.account_id}" if READ.allows(work.actor, owners={grant.organisation_id}) else "/me"
    return redirect(back, notice=_("The role is taken back. It stops counting within seconds."))


@pages.get("/access/{account_id}/clearance", allow=ADMINISTER)
async def new_clearance(request: Request, read: ReadDep, account_id: UUID) -> Response:
    account = await queries.account(read, account_id)
    state = FormState.of({"clearance": account["clearance"]}, version=account["version"])
    return _clearance_form(request, account, state)


@pages.post("/access/{account_id}/clearance", allow=ADMINISTER)
async def set_clearance(request: Request, work: WorkDep, account_id: UUID) -> Response:
    account = await queries.account(work, account_id)
    posted = await read_form(request)
    fields = parse(ClearanceUpdate, posted)
    if isinstance(fields, FormState):
        return _clearance_form(request, account, fields, status=422)
    try:
        await actions.set_clearance(work, account_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        page = stale_page(
            posted,
            {"clearance": account["clearance"], "reason": ""},
            {"clearance": _("May read up to"), "reason": _("Reason")},
            version=stale.extra["current_version"],
            view_url=f"/access/{account_id}",
            action_url=f"/access/{account_id}/clearance",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        return _clearance_form(request, account, FormState.refused(posted, problem), status=problem.status)
    return redirect(f"/access/{account_id}", notice=_("The clearance is set. It counts within seconds."))


@pages.get("/access/{account_id}", allow=READ)
async def account_detail(request: Request, read: ReadDep, account_id: UUID) -> Response:
    account = await queries.account(read, account_id)
    own = account["subject"] == read.actor.subject
    administrator = read.actor.has(Role.ADMINISTRATOR)
    return service_of(request).pages.render(
        request,
        "access/detail.html",
        account=account,
        history=_timeline(await queries.account_history(read, account_id)),
        revocable={grant["id"] for grant in account["grants"] if _revocable(read, account["subject"], grant)},
        may_grant=_may_grant(read) and not own,
        may_clear=administrator and not own,
        may_sign_out=own or administrator,
        GRANT_STATES=GRANT_STATES,
    )


@pages.post("/access/{account_id}/session-revocation", allow=REVOKE_SESSIONS)
async def revoke_sessions(request: Request, work: WorkDep, account_id: UUID) -> Response:
    account = await actions.revoke_sessions(work, account_id)
    if account.subject == work.actor.subject:
        service_of(request).identity.sessions.drop(request)
        return redirect("/signed-out")
    return redirect(f"/access/{account_id}", notice=_("Every sign-in of this person ends within seconds."))


@pages.get("/me", allow=SELF)
async def me(request: Request, read: ReadDep) -> Response:
    account = await queries.own_account(read)
    return service_of(request).pages.render(
        request,
        "access/me.html",
        account=account,
        revocable={grant["id"] for grant in account["grants"] if _revocable(read, read.actor.subject, grant)},
        GRANT_STATES=GRANT_STATES,
    )


def _may_grant(rows: Rows) -> bool:
    return rows.actor.has(Role.ADMINISTRATOR, Role.REPRESENTATIVE)


def _revocable(rows: Rows, subject: str, grant: Row) -> bool:
    counts = grant["state"] in (GrantState.HELD, GrantState.COMING)
    own = subject == rows.actor.subject
    return counts and (own or may_decide(rows.actor, Role(grant["role"]), grant["organisation_id"]))


async def _grant_form(
    request: Request, rows: Rows, state: FormState, account: Row | None, status: int = 200
) -> Response:
    """`account` None: for somebody named by their subject."""
    grantable = list(Role) if rows.actor.has(Role.ADMINISTRATOR) else sorted(BY_REPRESENTATIVES)
    organisations = await queries.grantable_organisations(rows)
    return service_of(request).pages.render(
        request,
        "access/form.html",
        status=status,
        form=state,
        account=account,
        roles=[(role.value, role_word(role)) for role in grantable],
        organisations=[(str(row["id"]), f"{row['name']} {row['name_zh']}".strip()) for row in organisations],
    )


async def _revocation_form(
    request: Request, rows: Rows, grant_id: UUID, state: FormState, status: int = 200
) -> Response:
    grant = await queries.grant(rows, grant_id)
    if not _revocable(rows, grant["subject"], grant):
        raise NotFound(N_("There is no such grant that you may revoke."))
    own = grant["subject"] == rows.actor.subject
    return service_of(request).pages.render(
        request,
        "access/revocation.html",
        status=status,
        form=state,
        grant=grant,
        back="/me" if own else f"/access/{grant['account_id']}",
    )


def _clearance_form(request: Request, account: Row, state: FormState, status: int = 200) -> Response:
    return service_of(request).pages.render(
        request,
        "access/clearance.html",
        status=status,
        form=state,
        account=account,
        clearances=[(label.value, str(label_word(label).label)) for label in SecurityLabel],
    )


def _timeline(history: list[Row]) -> list[dict[str, Any]]:
    shown = entries(history)
    for entry, fact in zip(shown, history, strict=True):
        if role := fact["data"].get("role"):
            entry["what"] = f"{entry['what']}: {role_word(role)}"
    return shown
