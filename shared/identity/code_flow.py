"""Sign-in of a person: OpenID Connect code flow with PKCE, state and nonce.

Between the two halves everything we must remember is in a signed cookie of that one attempt, so that several tabs can
sign in at once and no server keeps a half-done sign-in.
"""

import hmac
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from itsdangerous import BadData, URLSafeTimedSerializer
from starlette.requests import Request
from starlette.responses import Response

from shared.identity.provider import Provider
from shared.identity.sessions import signer_options
from shared.identity.tokens import BadToken, TokenChecker
from shared.kernel.errors import Problem, Unavailable
from shared.kernel.marks import N_
from shared.kernel.settings import Settings

ATTEMPT_SECONDS = 600
MAX_ID_TOKEN = 3_000
START, CALLBACK, SIGN_OUT, SIGNED_OUT = "/sign-in", "/sign-in/callback", "/sign-out", "/signed-out"


class SignInFailed(Problem):
    """The person is not signed in; `detail` says what to do."""

    status = 400
    title = N_("You are not signed in")


class SignInDenied(SignInFailed):
    status = 403
    title = N_("The sign-in was refused")


@dataclass(frozen=True, slots=True)
class SignedIn:
    """Who came back from the provider, and where they wanted to go."""

    subject: str
    name: str
    next: str
    id_token: str
    email: str = ""
    email_verified: bool = False


def local_path(address: str | None) -> str:
    """The address when it is a path of this platform (and not the sign-in itself), else the home page."""
    if not address or len(address) > 2000 or not address.isprintable() or "\\" in address:
        return "/"
    parts = urlsplit(address)
    if parts.scheme or parts.netloc or not address.startswith("/") or address.startswith("//"):
        return "/"
    return "/" if parts.path in (START, CALLBACK, SIGN_OUT, SIGNED_OUT) else address


class CodeFlow:
    """Both halves of a sign-in, and leaving the provider again."""

    def __init__(self, settings: Settings, provider: Provider, tokens: TokenChecker) -> None:
        self._settings = settings
        self._provider = provider
        self._tokens = tokens
        secret = settings.session_secret.get_secret_value()
        self._signer = URLSafeTimedSerializer(secret, salt="hechuan-sign-in-1", signer_kwargs=signer_options())
        self._secure = settings.address.startswith("https://")
        self._prefix = "__Secure-" if self._secure else ""
        self._id_token_cookie = f"{self._prefix}hechuan_id_token"
        self.redirect_uri = settings.address + CALLBACK

    async def begin(self, wanted: str | None, language: str = "") -> tuple[str, str, str]:
        """The provider's address to go to, and name and value of the cookie to come back with. Raises Unavailable."""
        endpoint = await self._provider.endpoint("authorization_endpoint")
        if endpoint is None:
            raise Unavailable(N_("The sign-in provider offers no sign-in for people."))
        state, nonce, verifier = generate_token(32), generate_token(32), generate_token(64)
        address = prepare_grant_uri(
            endpoint,
            client_id=self._settings.oidc_client_id,
            response_type="code",
            redirect_uri=self.redirect_uri,
            scope="openid profile email",
            state=state,
            nonce=nonce,
            code_challenge=create_s256_code_challenge(verifier),
            code_challenge_method="S256",
            ui_locales=language or None,
        )
        return address, self._attempt_cookie(state), self._signer.dumps([state, nonce, verifier, local_path(wanted)])

    def keep_attempt(self, response: Response, name: str, value: str) -> None:
        self._set(response, name, value, START, ATTEMPT_SECONDS)

    async def finish(self, request: Request) -> SignedIn:
        """Exchange the code for an identity. Raises SignInFailed, SignInDenied, Unavailable."""
        query = request.query_params
        state = query.get("state", "")
        attempt = self._attempt(request, state)
        if attempt is None:
            raise SignInFailed(N_("This sign-in was started too long ago, or in another browser. Sign in again."))
        nonce, verifier, wanted = attempt
        if "error" in query:
            raise SignInDenied(N_("The sign-in provider did not let you in. Sign in again, or ask your administrator."))
        issuer = query.get("iss", self._settings.oidc_issuer)
        if issuer != self._settings.oidc_issuer or not query.get("code"):
            raise SignInFailed(N_("The answer did not come from our sign-in provider. Sign in again."))  # RFC 9207
        answer = await self._provider.post(
            "token_endpoint",
            {
                "grant_type": "authorization_code",
                "code": query["code"],
                "redirect_uri": self.redirect_uri,
                "code_verifier": verifier,
            },
        )
        try:
            id_token = answer.json()["id_token"] if answer.status_code == 200 else None
        except (ValueError, KeyError, TypeError):
            id_token = None
        if not isinstance(id_token, str):
            raise SignInFailed(N_("The sign-in provider did not accept the sign-in. Sign in again."))
        try:
            claims = await self._tokens.check_id_token(id_token, nonce)
            subject = self._tokens.subject_of(claims)
        except BadToken as problem:
            raise SignInFailed(N_("The sign-in provider's answer does not hold. Sign in again.")) from problem
        name = claims.get("name") or claims.get("preferred_username") or subject
        email, verified = str(claims.get("email") or ""), claims.get("email_verified") is True
        return SignedIn(subject, str(name)[:200], wanted, id_token, email, verified)

    def forget_attempt(self, request: Request, response: Response) -> None:
        self._set(response, self._attempt_cookie(request.query_params.get("state", "")), "", START, 0)

    def remember_id_token(self, response: Response, id_token: str) -> None:
        """Kept by the browser for the sign-out alone: the provider asks for it before it ends its own session."""
        if len(id_token) <= MAX_ID_TOKEN:
            self._set(response, self._id_token_cookie, id_token, SIGN_OUT, None)

    async def leave(self, request: Request) -> str:
        """Where to go after our session has ended: through the provider's own sign-out when it has one."""
        try:
            endpoint = await self._provider.endpoint("end_session_endpoint")
        except Unavailable:
            endpoint = None  # ours has ended; the provider's will end by itself
        if endpoint is None:
            return SIGNED_OUT
        asked = {
            "client_id": self._settings.oidc_client_id,
            "post_logout_redirect_uri": self._settings.address + SIGNED_OUT,
        }
        hint = request.cookies.get(self._id_token_cookie)
        if hint:
            asked["id_token_hint"] = hint
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(asked)}"

    def forget_id_token(self, response: Response) -> None:
        self._set(response, self._id_token_cookie, "", SIGN_OUT, 0)

    def _attempt_cookie(self, state: str) -> str:
        return f"{self._prefix}hechuan_sign_in_{''.join(c for c in state[:12] if c.isascii() and c.isalnum())}"

    def _attempt(self, request: Request, state: str) -> tuple[str, str, str] | None:
        cookie = request.cookies.get(self._attempt_cookie(state))
        if not state or not cookie:
            return None
        try:
            known, nonce, verifier, wanted = self._signer.loads(cookie, max_age=ATTEMPT_SECONDS)
        except (BadData, ValueError, TypeError):
            return None
        return (nonce, verifier, local_path(wanted)) if hmac.compare_digest(known.encode(), state.encode()) else None

    def _set(self, response: Response, name: str, value: str, path: str, max_age: int | None) -> None:
        response.set_cookie(name, value, path=path, max_age=max_age, secure=self._secure, httponly=True, samesite="lax")
