"""Coming in and leaving: the sign-in provider says who it is, our own session remembers it."""

from urllib.parse import urlencode, urlsplit

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from services.coordination.access import actions
from services.coordination.access.rules import SELF, SIGN_IN
from services.coordination.addresses.actions import claimed
from shared.identity.code_flow import CALLBACK, SIGN_OUT, SIGNED_OUT, START, SignedIn, SignInFailed, local_path
from shared.kernel.actor import Actor
from shared.kernel.errors import Problem, Unavailable
from shared.web.edge import ActorDep, WorkDep, page_room, service_of
from shared.web.forms import read_form
from shared.web.i18n import language
from shared.web.pages import redirect

pages = page_room("sign-in")
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@pages.get(START, allow=SIGN_IN)
async def start(request: Request, actor: ActorDep, next: str | None = None) -> Response:
    """Off to the provider; somebody signed in already goes straight on."""
    service = service_of(request)
    wanted = local_path(next)
    if actor.session_id:
        return redirect(wanted)
    home = urlsplit(service.settings.address)
    if {home.hostname, request.url.hostname} <= LOOPBACK and home.hostname != request.url.hostname:
        # The provider answers to one name of this machine, and cookies of the other would not come along.
        return RedirectResponse(f"{service.settings.address}{START}?{urlencode({'next': wanted})}", status_code=303)
    flow = service.identity.code_flow
    try:
        address, name, value = await flow.begin(wanted, language().replace("_", "-"))
    except Unavailable as problem:
        return _failed(request, problem, wanted)
    response = RedirectResponse(address, status_code=303)
    flow.keep_attempt(response, name, value)
    return response


@pages.get(CALLBACK, allow=SIGN_IN)
async def callback(request: Request, work: WorkDep) -> Response:
    """Back from the provider: a new session, whatever session was there before."""
    identity = service_of(request).identity
    flow = identity.code_flow
    try:
        # A code works once: when the unit of work is run again, the identity found with it is still good.
        signed_in: SignedIn | None = getattr(request.state, "signed_in", None)
        if signed_in is None:
            signed_in = request.state.signed_in = await flow.finish(request)
    except (SignInFailed, Unavailable) as problem:
        await work.rollback()
        response = _failed(request, problem, "/")
        flow.forget_attempt(request, response)
        return response
    earlier = work.actor
    work.actor = Actor(subject=signed_in.subject, name=signed_in.name)
    account = await actions.sign_in(work, signed_in.subject, signed_in.name)
    key = service_of(request).settings.address_key.get_secret_value()
    await claimed(work, account, signed_in.email, signed_in.email_verified, key)
    if earlier.session_id and earlier.subject == signed_in.subject:
        work.emit(account.sign_out(work.now, earlier.session_id))
    identity.sessions.keep(request, identity.sessions.start(signed_in.subject, signed_in.name))
    response = redirect(signed_in.next)
    flow.forget_attempt(request, response)
    flow.remember_id_token(response, signed_in.id_token)
    return response


@pages.post(SIGN_OUT, allow=SIGN_IN)
async def sign_out(request: Request, work: WorkDep) -> Response:
    """The session is void in every service; then out of the provider too, so that the next person starts afresh."""
    identity = service_of(request).identity
    if work.actor.session_id:
        await actions.sign_out(work, work.actor.session_id)
    identity.sessions.drop(request)
    response = RedirectResponse(await identity.code_flow.leave(request), status_code=303)
    identity.code_flow.forget_id_token(response)
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


@pages.get(SIGNED_OUT, allow=SIGN_IN)
async def signed_out(request: Request) -> Response:
    return service_of(request).pages.render(request, "sign_in/signed_out.html")


@pages.post("/acting-for", allow=SELF)
async def act_for(request: Request, actor: ActorDep) -> Response:
    """Choose the organisation to act for among those a role is held for."""
    posted = await read_form(request)
    sessions = service_of(request).identity.sessions
    session = sessions.of(request)
    chosen = next(
        (g.organisation_id for g in actor.grants if str(g.organisation_id) == posted.get("organisation")), None
    )
    if session is not None and actor.session_id == session.id and chosen is not None:
        sessions.keep(request, sessions.acting(session, chosen))
    return redirect(local_path(posted.get("next")))


def _failed(request: Request, problem: Problem, wanted: str) -> Response:
    return service_of(request).pages.render(
        request, "sign_in/failed.html", status=problem.status, problem=problem, wanted=wanted
    )
