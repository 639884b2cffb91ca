"""Settings to platform: PostgreSQL, NATS, S3 and OpenID Connect by address where one is given, else embedded."""

import asyncio
import contextlib
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import TracebackType

import psutil
from pydantic import SecretStr

from infra.embedded.canaille import Person
from infra.embedded.group import Embedded, missing_parts
from infra.embedded.state import AlreadyRunning, StartError, State, read_json
from shared.kernel.settings import Settings

Progress = Callable[[str], None]


class NotRunning(StartError):
    def __init__(self, state: State) -> None:
        super().__init__(f"No platform runs on {state.directory}. Start one with `make run`, or give the addresses.")


@dataclass
class Platform:
    """A platform's complete settings, and the servers that were started for it (None when every address was given)."""

    settings: Settings
    embedded: Embedded | None

    async def ensure_people(self, people: Sequence[Person]) -> list[Person]:
        """Accounts at the embedded provider, with their passwords; nothing when the provider is somebody else's."""
        if self.embedded is None or "canaille" not in self.embedded.servers:
            return []
        return await asyncio.to_thread(self.embedded.ensure_people, people)

    async def stop(self, progress: Progress = lambda line: None) -> None:
        if self.embedded:
            await asyncio.to_thread(self.embedded.stop, progress)

    async def __aenter__(self) -> "Platform":
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()


async def resolve(settings: Settings, progress: Progress = lambda line: None) -> Platform:
    """Starts what is missing and fills every field that services read.

    Raises StartError with words for the person at the terminal. A cancelled start stops what it had started.
    """
    if not missing_parts(settings):
        if not settings.session_secret.get_secret_value():
            settings = settings.model_copy(
                update={"session_secret": SecretStr(State(settings.state_dir).secret("session", 32))}
            )
        for name in ("receipt_key", "address_key"):
            if not getattr(settings, name).get_secret_value():
                made = SecretStr(State(settings.state_dir).secret(name, 32))
                settings = settings.model_copy(update={name: made})
        return Platform(settings, None)
    embedded = Embedded(settings)
    starting = asyncio.create_task(asyncio.to_thread(embedded.start, progress))
    try:
        return Platform(await asyncio.shield(starting), embedded)
    except asyncio.CancelledError:
        embedded.cancel()
        with contextlib.suppress(StartError):
            await starting
        await asyncio.to_thread(embedded.stop)
        raise


def attach(settings: Settings) -> Settings:
    """The settings of the platform that runs on this state directory, for commands started beside it.

    Settings that name every address are returned as they are. Host and port stay the caller's own where they were
    given. Raises NotRunning.
    """
    if not missing_parts(settings):
        return settings
    state = State(settings.state_dir)
    found = read_json(state.directory / "running.json") if state.owner() else {}
    if not found:
        raise NotRunning(state)
    own = {name: getattr(settings, name) for name in ("host", "port") if name in settings.model_fields_set}
    return Settings.model_validate(found | own)


def refuse_second(settings: Settings) -> None:
    """Raises AlreadyRunning when a platform runs on this state directory. Asked first, it gives the better message."""
    state = State(settings.state_dir)
    if owner := state.owner():
        raise AlreadyRunning(state.directory, owner)


def check_port(host: str, port: int) -> None:
    """Raises StartError when somebody listens there already, with the program's name when it may be known."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except PermissionError:
            raise StartError(
                f"Port {port} is reserved for the system. Choose one above 1024 with HECHUAN_PORT."
            ) from None
        except OSError as problem:
            raise StartError(
                f"{host}:{port} cannot be used: {_listener(port) or problem.strerror}. "
                f"Stop that program, or choose another port: HECHUAN_PORT={port + 1} make run"
            ) from None


def _listener(port: int) -> str:
    with contextlib.suppress(psutil.Error, OSError):
        for link in psutil.net_connections("tcp"):
            if link.status == psutil.CONN_LISTEN and link.laddr and link.laddr.port == port:
                if link.pid:
                    return f"{psutil.Process(link.pid).name()} (pid {link.pid}) listens there"
                return "a program of another user listens there"
    return ""
