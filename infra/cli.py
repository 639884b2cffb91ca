"""The command `hechuan`."""

import sys
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console

from infra.embedded.state import StartError
from shared.kernel.settings import SERVICE_NAMES, Settings

app = typer.Typer(
    help="Hechuan 合川: collaborative-innovation operations platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
events = typer.Typer(help="Look after events: lag, parked, replay.", no_args_is_help=True)
app.add_typer(events, name="events")
console = Console(highlight=False)

AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON object")]
Address = Annotated[str, typer.Option("--address", help="Where the platform answers; default: the one running here")]


def _fail(message: object) -> NoReturn:
    Console(stderr=True, highlight=False).print(f"hechuan: {message}", markup=False)
    raise typer.Exit(1)


@app.command()
def run(
    seed: Annotated[bool, typer.Option(help="Load the demonstration round when the platform is empty")] = True,
) -> None:
    """Start everything: servers that no address replaces, all five services, the demonstration round."""
    from infra.run import run as run_platform

    run_platform(Settings(), seed=seed)


@app.command()
def serve(services: Annotated[list[str], typer.Argument(help=f"of {', '.join(SERVICE_NAMES)}")]) -> None:
    """Serve one or some services at HECHUAN_HOST:HECHUAN_PORT."""
    from infra.run import serve as serve_some

    unknown = set(services) - set(SERVICE_NAMES)
    if unknown:
        _fail(f"no service {', '.join(sorted(unknown))}; there are {', '.join(SERVICE_NAMES)}")
    serve_some(Settings(), services)


@app.command()
def migrate() -> None:
    """Bring the five databases to their newest schema."""
    from infra.migrate import migrate_all
    from infra.platform import attach

    migrate_all(attach(Settings()))
    console.print("The five databases are at their newest schema.")


@app.command()
def revision(service: str, message: str) -> None:
    """Write a migration from the difference between a service's models and its database (for developers)."""
    from infra.migrate import revise
    from infra.platform import attach

    if service not in SERVICE_NAMES:
        _fail(f"no service {service}; there are {', '.join(SERVICE_NAMES)}")
    revise(attach(Settings()), service, message)


@app.command()
def seed(address: Address = "") -> None:
    """Load the demonstration round into a running platform; repeating it changes nothing."""
    from infra.demonstration import seed as load

    load(Settings(), address)


@app.command()
def token(
    persona: Annotated[str, typer.Argument(help="Empty: the demonstration's own client, without roles")] = "",
) -> None:
    """Print an access token of a persona, for trying the API of the platform that runs here."""
    from infra.demonstration import token as get_token

    get_token(Settings(), persona)


@app.command()
def tour(address: Address = "", as_json: AsJson = False) -> None:
    """Replay a fresh round against a running platform, step by step."""
    from infra.demonstration import tour as walk

    raise typer.Exit(walk(Settings(), address, as_json))


@app.command(name="import")
def import_(
    kind: Annotated[str, typer.Argument(help="projects, patents, organisations or people")],
    file: Annotated[
        Path, typer.Argument(exists=True, dir_okay=False, help="CSV, JSON, JSON lines or ORCID XML; packed too")
    ],
    profile: Annotated[str, typer.Option(help="Name of the column mapping; guessed from the columns if absent")] = "",
    source: Annotated[
        str,
        typer.Option(help="Names the records for good, with their numbers; guessed if absent"),
    ] = "",
    limit: Annotated[int, typer.Option(help="At most so many rows; 0 means all")] = 0,
    address: Address = "",
    report: Annotated[Path | None, typer.Option(help="Write every refused row with its reason to this CSV")] = None,
    as_json: AsJson = False,
) -> None:
    """Load public records through the API; broken rows are listed with their line, the rest loads."""
    from infra.demonstration import import_records

    raise typer.Exit(import_records(Settings(), kind, file, profile, limit, address, report, as_json, source))


@app.command()
def verify(
    traces: Annotated[bool, typer.Option("--traces", help="Run every recorded decision again instead")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare projections with their sources, outboxes with streams, documents with rows."""
    if traces:
        from infra.traces import report as traces_report

        raise typer.Exit(traces_report(Settings(), as_json))
    from infra.verify import report as verify_report

    raise typer.Exit(verify_report(Settings(), as_json))


@events.command("lag")
def events_lag(as_json: AsJson = False) -> None:
    """What has not yet been published, heard, or is parked."""
    from infra.events import lag

    lag(Settings(), as_json)


@events.command("parked")
def events_parked(as_json: AsJson = False) -> None:
    """Events set aside, with their reasons."""
    from infra.events import parked

    parked(Settings(), as_json)


@events.command("retry")
def events_retry(service: str, parked_id: int) -> None:
    """Run a parked event again, and those of its thing that wait behind it."""
    from infra.events import retry

    retry(Settings(), service, parked_id)


@events.command("drop")
def events_drop(service: str, parked_id: int, reason: str) -> None:
    """Give a parked event up, with the reason; those behind it go on."""
    from infra.events import drop

    drop(Settings(), service, parked_id, reason)


@events.command("replay")
def events_replay(
    service: str,
    since: Annotated[str, typer.Option(help="ISO time; facts recorded from then on")] = "",
    until: Annotated[str, typer.Option(help="ISO time; facts recorded before then")] = "",
    type: Annotated[str, typer.Option(help="Only this event type")] = "",
    subject: Annotated[str, typer.Option(help="Only facts about the thing with this id")] = "",
) -> None:
    """Send facts again from a service's outbox; who has handled them does nothing."""
    from infra.events import replay

    replay(Settings(), service, since, until, type, subject)


@events.command("rebuild")
def events_rebuild(service: str, reaction: str) -> None:
    """Let a reaction hear everything again from the beginning."""
    from infra.events import rebuild

    rebuild(Settings(), service, reaction)


@app.command()
def bench(
    what: Annotated[str, typer.Argument(help="events, api, documents, assignment, load, duplicates or all")] = "all",
    quick: Annotated[bool, typer.Option(help="Small sizes: shows that it runs, proves nothing")] = False,
    as_json: AsJson = False,
) -> None:
    """Measure against a baseline in the same run; exit 1 when a bar is missed."""
    from infra.bench import measure

    raise typer.Exit(measure(Settings(), what, quick, as_json))


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Say what is wrong with this machine."""
    from infra.doctor import report

    raise typer.Exit(report(Settings(), as_json))


def main() -> None:
    try:
        app()
    except StartError as problem:
        Console(stderr=True, highlight=False).print(f"hechuan: {problem}", markup=False)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
