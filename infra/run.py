"""`hechuan run` and `hechuan serve`: the whole platform in one process, or some services in this one."""

import asyncio
import contextlib
import signal
from collections.abc import Sequence

import psycopg
import structlog
import uvicorn
import uvloop
from rich.console import Console
from rich.table import Table

from infra.embedded.canaille import Person
from infra.embedded.state import StartError
from infra.logs import configure
from infra.platform import attach, check_port, refuse_second, resolve
from seeds.demonstration import load_if_empty
from seeds.personas import PERSONAS
from seeds.reference import ACHIEVEMENT
from shared.kernel.settings import SERVICE_NAMES, Settings

console = Console(stderr=False, highlight=False)
GRACE_SECONDS = 10
KEPT_SECONDS = 75
"""An idle connection stays open for longer than gateways keep theirs, a minute as a rule: who closes one on which a
request is just coming loses it."""


def _say(line: str) -> None:
    # Whoever reads us may be gone (Ctrl-C ends `| tee` as well): that must not keep servers from being stopped.
    with contextlib.suppress(BrokenPipeError):
        console.print(f"  {line}", markup=False)


class Server(uvicorn.Server):
    """uvicorn without its own signal handling: stopping is ours, for the servers behind it must outlive it."""

    @contextlib.contextmanager
    def capture_signals(self):  # type: ignore[no-untyped-def]
        yield


def _load_services(names: Sequence[str]) -> None:
    """Imports the application: three seconds that are spent while the servers start."""
    from infra.host import modules

    modules(names)


def _server(settings: Settings, names: Sequence[str]) -> Server:
    from infra.host import build, host
    from infra.telemetry import traced

    app = traced(host(build(settings, names)), settings)
    return Server(
        uvicorn.Config(
            app,
            host=settings.host,
            port=settings.port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            timeout_keep_alive=KEPT_SECONDS,
            lifespan="on",
        )
    )


async def _serve(server: Server, stop: asyncio.Event) -> asyncio.Task[None]:
    """Start serving; returns when requests are answered. Raises StartError when the services could not start."""
    task = asyncio.create_task(server.serve())
    stopping = asyncio.create_task(stop.wait())
    while not server.started and not task.done() and not stopping.done():
        await asyncio.wait({task, stopping}, timeout=0.05, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if task.done() and not server.started:
        raise StartError("The services did not start. The reason stands above and in the log.")
    return task


def _stop_on_signals(stop: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)


async def _run(settings: Settings, seed: bool) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    console.print("[bold]Hechuan 合川[/bold]")
    refuse_second(settings)
    check_port(settings.host, settings.port)
    resolving = asyncio.create_task(resolve(settings, _say))
    loading_services = asyncio.create_task(asyncio.to_thread(_load_services, SERVICE_NAMES))
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({resolving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if stop.is_set():
        resolving.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await resolving
        return
    platform = await resolving
    try:
        settings = platform.settings
        people = await platform.ensure_people(
            [Person(p.subject, p.given_name, p.family_name, p.email, name=p.name) for p in PERSONAS]
        )
        if people and not settings.administrators:
            settings = settings.model_copy(update={"administrators": (PERSONAS[0].subject,)})
        await loading_services
        await asyncio.to_thread(_migrate, settings)
        _say("Five databases are at their newest schema")
        server = _server(settings, SERVICE_NAMES)
        serving = await _serve(server, stop)
        try:
            if people and seed and not stop.is_set() and not await asyncio.to_thread(_has_demonstration, settings):
                await _load_demonstration(settings, people, stop)
            if not stop.is_set():
                _announce(settings, people)
            await _until(stop, serving)
        finally:
            server.should_exit = True
            await serving
            _say("services stopped")
    finally:
        await platform.stop(_say)
        console.print("Stopped.")


def _migrate(settings: Settings) -> None:
    from infra.migrate import migrate_all

    migrate_all(settings)


def _has_demonstration(settings: Settings) -> bool:
    """Whether the round's last result is there. A look into the table spares every later start a sign-in."""
    with psycopg.connect(settings.migration_url("catalog")) as connection:
        found = connection.execute(
            "SELECT FROM achievements WHERE title = %s AND state = 'released' LIMIT 1", [ACHIEVEMENT["title"]]
        )
        return found.rowcount > 0


async def _load_demonstration(settings: Settings, people: Sequence[Person], stop: asyncio.Event) -> None:
    """A round that cannot be loaded is said and logged; the platform serves all the same."""
    passwords = {person.user_name: person.password for person in people}
    loading = asyncio.create_task(load_if_empty(settings.address, passwords, _say))
    waiting = asyncio.create_task(stop.wait())
    await asyncio.wait({loading, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if not loading.done():
        loading.cancel()
    elif problem := loading.exception():
        structlog.get_logger().error("demonstration_not_loaded", exc_info=problem)
        _say(f"The demonstration round was not loaded completely: {problem or type(problem).__name__}")
        _say("The platform serves what is there. `hechuan seed` beside it loads the rest.")


async def _until(stop: asyncio.Event, serving: asyncio.Task[None]) -> None:
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({stopping, serving}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()


def _announce(settings: Settings, people: Sequence[Person]) -> None:
    if people:
        table = Table(title="Personas of the demonstration round", title_justify="left")
        table.add_column("sign in as", no_wrap=True)
        table.add_column("password", no_wrap=True)
        table.add_column("who", overflow="fold")
        passwords = {person.user_name: person.password for person in people}
        for p in PERSONAS:
            table.add_row(p.subject, passwords.get(p.subject, ""), f"{p.name}, {p.organisation}: {p.shows}")
        console.print(table)
    console.print(f"Hechuan is ready at [bold]{settings.address}[/bold]   (Ctrl-C stops it)")


async def _serve_some(settings: Settings, names: Sequence[str]) -> None:
    stop = asyncio.Event()
    _stop_on_signals(stop)
    check_port(settings.host, settings.port)
    server = _server(settings, names)
    serving = await _serve(server, stop)
    console.print(f"{', '.join(names)} at {settings.address}")
    await _until(stop, serving)
    server.should_exit = True
    await serving


def run(settings: Settings, *, seed: bool = True) -> None:
    """Serve the whole platform until a signal. Raises StartError in words for the person at the terminal."""
    configure(settings.state_dir / "logs" / "platform.log")
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_run(settings, seed))


def serve(settings: Settings, names: Sequence[str]) -> None:
    """Serve some services; servers come from addresses, or from the platform that runs on the state directory."""
    configure(None)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve_some(attach(settings), names))
