"""Canaille, the OpenID Connect provider of embedded runs: for trying the platform out, not for production.

What it gives, seen on version 0.3.6:
- Discovery at `{issuer}/.well-known/openid-configuration`; PKCE (S256) and a nonce are required of the code flow.
- The access token of a person (code, refresh or password grant) is a JWT, RS256, with iss, aud, sub, exp, iat and the
  claims of the asked scopes. That of `client_credentials` is opaque: ask the introspection endpoint (HTTP Basic as a
  client in the token's audience), which answers active, client_id, scope, aud, iss, exp, iat, and sub for people.
- Introspected exp and iat are fractions of seconds, not whole ones. A token lasts ten days unless told otherwise.
- `sub` is the user name. With scope `openid profile email`: name, given_name, family_name, preferred_username, email.
- `aud` is a list of client ids, empty unless the client has an audience; ours is always `hechuan`.
- There is a password grant; only `hechuan-program` may use it, so that the demonstration round and tests can act as a
  persona without a browser.
- Sign-in sessions are signed cookies, so they live through a restart with the same SECRET_KEY. Cookies ignore ports:
  its cookie has a name of its own, or it would overwrite another program's `session` cookie on the same host.
"""

import json
import queue
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from urllib.parse import urlsplit

from joserfc.jwk import RSAKey

from infra.embedded.server import Server
from infra.embedded.state import StartError, State, read_json, write_private

GRANTS = ("authorization_code", "client_credentials", "password", "refresh_token")
TOKEN_SECONDS = 3600  # the default is ten days
CLIENT = "hechuan"
PROGRAM = "hechuan-program"
HOST_SCRIPT = Path(__file__).with_name("canaille_host.py")
MARK = Path(__file__).resolve().parents[2] / "shared/web/static/mark.svg"


@dataclass(frozen=True)
class Person:
    """Somebody who may sign in. An empty password means: make one and keep it in `personas.json`."""

    user_name: str
    given_name: str
    family_name: str
    email: str
    password: str = ""
    name: str = ""
    """As written on screens, where it is not given name, then family name."""


class Canaille(Server):
    """`address` is where people reach the platform: sign-in returns there. `database_url` is its own database."""

    name = "canaille"
    start_timeout = 120.0

    def __init__(self, state: State, ports: dict[str, int], database_url: str, address: str) -> None:
        super().__init__(state, ports)
        self.port = ports["canaille"]
        self.database_url = database_url
        self.address = address
        self._answers: queue.Queue[str] = queue.Queue()
        self._asking = threading.Lock()

    @property
    def issuer(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def client_secret(self) -> str:
        return self.state.secret(f"client {CLIENT}")

    @property
    def program_secret(self) -> str:
        return self.state.secret(f"client {PROGRAM}")

    def make_secrets(self) -> None:
        for name in ("canaille", f"client {CLIENT}", f"client {PROGRAM}"):
            self.state.secret(name)

    def version(self) -> str:
        return f"Canaille {version('canaille')}"

    def signing_key(self) -> dict[str, str]:
        """One RSA key for the life of the state directory; a new one would void every token."""
        path = self.directory / "signing-key.json"
        key = read_json(path)
        if not key:
            key = dict(RSAKey.generate_key(2048, auto_kid=True).as_dict(private=True))
            write_private(path, json.dumps(key))
        return {name: str(value) for name, value in key.items()}

    def prepare(self) -> None:
        ours = {"127.0.0.1", "localhost", urlsplit(self.address).hostname or "127.0.0.1"}
        # Its pages may load pictures from nowhere but itself, so the mark travels in the address.
        mark = "data:image/svg+xml;base64," + b64encode(MARK.read_bytes()).decode()
        configuration = {
            "SECRET_KEY": self.state.secret("canaille"),
            "SERVER_NAME": f"127.0.0.1:{self.port}",
            "PREFERRED_URL_SCHEME": "http",
            "SESSION_COOKIE_NAME": "hechuan_sign_in",
            "SESSION_COOKIE_SAMESITE": "Lax",
            "OAUTH2_TOKEN_EXPIRES_IN": dict.fromkeys(GRANTS, TOKEN_SECONDS),
            "CANAILLE": {
                "NAME": "Hechuan 合川",
                "DATABASE": "sql",
                "LOGO": mark,
                "FAVICON": mark,
                "TIMEZONE": "UTC",
                "SMTP": None,
                "HTMX": False,
                "ENABLE_PASSWORD_RECOVERY": False,
                "ENABLE_REGISTRATION": False,
                "ACL": {
                    "DEFAULT": {
                        "PERMISSIONS": ["use_oidc", "edit_self"],
                        "READ": ["user_name", "given_name", "family_name", "emails"],
                        "WRITE": ["preferred_language"],
                    }
                },
            },
            "CANAILLE_SQL": {
                "DATABASE_URI": self.database_url.replace("postgresql://", "postgresql+psycopg://", 1),
                "POOL_PRE_PING": True,
            },
            "CANAILLE_OIDC": {
                "ACTIVE_JWKS": [self.signing_key()],
                # Our own client asks for no consent page.
                "TRUSTED_DOMAINS": sorted(ours),
            },
        }
        back = [f"{self.address}/sign-in/callback"]
        left = [f"{self.address}/", self.address, f"{self.address}/signed-out"]
        if urlsplit(self.address).hostname == "127.0.0.1":
            twin = self.address.replace("127.0.0.1", "localhost", 1)
            back.append(f"{twin}/sign-in/callback")
            left += [f"{twin}/", twin, f"{twin}/signed-out"]
        known = {
            "client_uri": self.address,
            "audience": CLIENT,
            "scope": ["openid", "profile", "email"],
            # Left out, it signs with RS512, which our fixed list of algorithms refuses.
            "id_token_signed_response_alg": "RS256",
        }
        clients = [
            {
                **known,
                "client_id": CLIENT,
                "client_name": "Hechuan 合川",
                "client_secret": self.client_secret,
                "redirect_uris": back,
                "post_logout_redirect_uris": left,
                "grant_types": ["authorization_code", "refresh_token"],
                "response_types": ["code"],
            },
            {
                **known,
                "client_id": PROGRAM,
                "client_name": "Hechuan programs",
                "client_secret": self.program_secret,
                "redirect_uris": [],
                "post_logout_redirect_uris": [],
                "grant_types": ["client_credentials", "password", "refresh_token"],
                "response_types": [],
            },
        ]
        self.provisioned = {"configuration": configuration, "clients": clients, "port": self.port}
        write_private(self.directory / "canaille.json", json.dumps(self.provisioned, ensure_ascii=False))

    def command(self) -> list[str]:
        # Isolated: the folder of the script has modules named `canaille` and `nats` of our own.
        return [sys.executable, "-I", str(HOST_SCRIPT), str(self.directory / "canaille.json")]

    def _fork(self, log: int) -> subprocess.Popen[bytes]:
        started = subprocess.Popen(  # noqa: S603 - our own script
            [*self.launcher(), *self.command()],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            cwd=self.directory,
            env=self.environment(),
            start_new_session=True,
        )
        self._answers = queue.Queue()
        threading.Thread(target=self._listen, args=(started, self._answers), daemon=True).start()
        return started

    @staticmethod
    def _listen(started: "subprocess.Popen[bytes]", answers: "queue.Queue[str]") -> None:
        if started.stdout:
            with started.stdout:
                for line in started.stdout:
                    answers.put(line.decode())
        answers.put("")

    def answers(self) -> bool:
        """The host says `ready` on our pipe once its port is open: no stranger on the port is taken for it."""
        try:
            word = self._answers.get_nowait()
        except queue.Empty:
            return False
        return word.strip() == "ready" and self._discovered()

    def _discovered(self) -> bool:
        with urllib.request.urlopen(f"{self.issuer}/.well-known/openid-configuration", timeout=10) as answer:  # noqa: S310
            return bool(json.load(answer)["issuer"] == self.issuer)

    def ensure_people(self, people: Sequence[Person]) -> None:
        """Makes or updates accounts, with the password given. Raises StartError when the provider refuses one."""
        process = self._process
        if not process or not process.stdin:
            raise StartError("canaille is not running.")
        with self._asking:
            process.stdin.write(json.dumps([asdict(person) for person in people]).encode() + b"\n")
            process.stdin.flush()
            deadline = time.monotonic() + 60
            try:
                answer = self._answers.get(timeout=deadline - time.monotonic()).strip()
            except queue.Empty:
                answer = "no answer within 60 s"
        if answer != "done":
            raise StartError(self.failure(f"Accounts could not be made: {answer or 'canaille stopped'}"))


def with_passwords(state: State, people: Sequence[Person]) -> list[Person]:
    """People without a password get one, made once and kept in `personas.json` (readable by us alone)."""
    path = state.directory / "personas.json"
    known = read_json(path)
    missing = [person.user_name for person in people if not person.password and person.user_name not in known]
    if missing:
        known |= {name: secrets.token_urlsafe(9) for name in missing}
        write_private(path, json.dumps(known, indent=1))
    return [person if person.password else replace(person, password=str(known[person.user_name])) for person in people]
