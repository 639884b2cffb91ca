"""`hechuan seed`, `tour` and `import`: programs that use a running platform as anybody else would, over HTTP."""

import asyncio
import json
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from infra.embedded.canaille import PROGRAM
from infra.embedded.state import StartError, State, read_json
from infra.platform import attach
from seeds.demonstration import load_if_empty
from seeds.participants import Step
from seeds.tour import Hop, Journey, play
from seeds.visitor import Refused
from shared.kernel.settings import Settings

console = Console(highlight=False)
TOUR_BAR = "every fact reaches every reaction that listens for it in 30 s: at-least-once delivery knows no exception"


def whereabouts(settings: Settings, address: str) -> tuple[str, dict[str, str]]:
    """The platform's address and the personas' passwords. Raises StartError when they are not known here."""
    found = attach(settings)
    kept = read_json(Path(found.state_dir) / "personas.json")
    if not kept:
        raise StartError(
            "The personas' passwords are not known here (personas.json in the state directory). "
            "Run this on the machine that started the platform, with the same HECHUAN_STATE_DIR."
        )
    return address.rstrip("/") or found.address, {name: str(password) for name, password in kept.items()}


def token(settings: Settings, name: str) -> None:
    """Print an access token of one of the personas, or of the demonstration's own client for no name."""
    _, passwords = whereabouts(settings, "")
    if name and name not in passwords:
        raise StartError(f"No persona is called {name}. There are {', '.join(sorted(passwords))}.")
    found = attach(settings)
    grant = {"grant_type": "client_credentials"}
    if name:
        grant = {"grant_type": "password", "username": name, "password": passwords[name], "scope": "openid"}
    try:
        answer = httpx.post(
            f"{found.oidc_issuer}/oauth/token",
            data=grant,
            auth=(PROGRAM, State(found.state_dir).secret(f"client {PROGRAM}")),
            timeout=30,
        )
    except httpx.HTTPError as problem:
        raise StartError(f"The sign-in provider does not answer: {problem}") from None
    if answer.status_code != 200:
        raise StartError(f"The sign-in provider refused: {answer.text[:200]}")
    console.print(answer.json()["access_token"], markup=False, soft_wrap=True)


def seed(settings: Settings, address: str) -> None:
    where, passwords = whereabouts(settings, address)
    try:
        loaded = asyncio.run(load_if_empty(where, passwords, lambda line: console.print(line, markup=False)))
    except Refused as refusal:
        raise StartError(str(refusal)) from None
    if not loaded:
        console.print("The demonstration round is there already; nothing was changed.")


def tour(settings: Settings, address: str, as_json: bool) -> int:
    """Play a fresh round; 0 when every fact reached every hearer."""
    where, passwords = whereabouts(settings, address)
    suffix = datetime.now(UTC).strftime(" %m%d-%H%M%S")
    quiet = (lambda line: None) if as_json else (lambda line: console.print(line, markup=False))

    def tell(step: Step) -> None:
        if not as_json:
            result = f"  [{step.result}]" if step.result else ""
            console.print(f"{step.seconds * 1000:7.0f} ms  {step.who:17} {step.what}{result}", markup=False)

    try:
        journey = play(where, passwords, suffix, quiet, tell)
    except (Refused, TimeoutError, AssertionError) as problem:
        if as_json:
            print(json.dumps({"met": False, "error": str(problem), "bar": TOUR_BAR}))  # noqa: T201 -- output
            return 1
        raise StartError(f"The tour stopped: {problem}") from None
    if as_json:
        print(json.dumps(_figures(journey), ensure_ascii=False))  # noqa: T201 -- the command's output
    else:
        _show(journey)
    return 0 if not journey.missing else 1


def _figures(journey: Journey) -> dict[str, Any]:
    slowest = journey.slowest
    return {
        "figures": {
            "steps": len(journey.steps),
            "seconds": round(journey.seconds, 2),
            "facts": journey.facts,
            "hops": len(journey.hops),
            "arrived": len(journey.hops) - len(journey.missing),
            "slowest_hop_ms": round((slowest.seconds or 0) * 1000, 1) if slowest else None,
            "slowest_hop": f"{slowest.type} → {slowest.heard_by}: {slowest.reaction}" if slowest else None,
        },
        "baseline": {"arrived": len(journey.hops)},
        "ratio": (len(journey.hops) - len(journey.missing)) / max(1, len(journey.hops)),
        "bar": TOUR_BAR,
        "met": not journey.missing,
        "steps": [asdict(step) for step in journey.steps],
    }


def _show(journey: Journey) -> None:
    table = Table("fact", "hearers", "slowest", title="Where the facts arrived")
    kinds: dict[str, list[Hop]] = {}
    for hop in journey.hops:
        kinds.setdefault(hop.type, []).append(hop)
    for kind, hops in sorted(kinds.items()):
        places = ", ".join(sorted({f"{h.heard_by} ({h.reaction.split('.')[0]})" for h in hops}))
        late = [h for h in hops if h.seconds is None]
        worst = max((h.seconds or 0 for h in hops), default=0)
        short = kind.removeprefix("hechuan.").rsplit(".", 1)[0]
        table.add_row(short, places, "NOT ARRIVED" if late else f"{worst * 1000:.0f} ms")
    console.print(table)
    slowest = journey.slowest
    if slowest and slowest.seconds is not None:
        console.print(
            f"Slowest hop: {slowest.seconds * 1000:.0f} ms, {slowest.type} to {slowest.heard_by} ({slowest.reaction})",
            markup=False,
        )
    console.print(
        f"{len(journey.steps)} steps in {journey.seconds:.1f} s; {journey.facts} facts; "
        f"{len(journey.hops) - len(journey.missing)} of {len(journey.hops)} hops arrived",
        markup=False,
    )


def import_records(
    settings: Settings,
    kind: str,
    file: Path,
    profile: str,
    limit: int,
    address: str,
    report: Path | None,
    as_json: bool,
    source: str,
) -> int:
    """Load public records through the API; 0 when every row was read, refused rows included."""
    from infra.importing import load

    where, passwords = whereabouts(settings, address)
    return load(where, passwords, kind, file, profile, limit, report, as_json, source)
