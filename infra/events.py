"""`hechuan events`: what is under way, what was set aside, and sending facts again."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from rich.console import Console
from rich.table import Table

from infra.embedded.state import StartError
from infra.host import build
from infra.platform import attach
from shared.bus import operations
from shared.kernel.errors import Problem
from shared.kernel.settings import SERVICE_NAMES, Settings
from shared.service import Service

console = Console(highlight=False)
T = TypeVar("T")


def _with(settings: Settings, names: tuple[str, ...], do: Callable[[list[Service]], Awaitable[T]]) -> T:
    """Open the services' databases and one bus each, do something, close them. Raises StartError in plain words."""
    if unknown := set(names) - set(SERVICE_NAMES):
        raise StartError(f"There is no service {', '.join(unknown)}; there are {', '.join(SERVICE_NAMES)}.")

    async def opened() -> T:
        services = build(attach(settings), names)
        try:
            for service in services:
                await service.database.open()
                await service.bus.open()
            return await do(services)
        except Problem as problem:
            raise StartError(problem.detail) from None
        finally:
            for service in services:
                await service.bus.close()
                await service.blobs.close()
                await service.identity.close()
                await service.database.close()

    return asyncio.run(opened())


def lag(settings: Settings, as_json: bool) -> None:
    async def look(services: list[Service]) -> list[dict[str, Any]]:
        found = []
        for service in services:
            state = await operations.lag(service.database, service.bus, service.reactions)
            found.append({"service": service.name, **state})
        return found

    states = _with(settings, SERVICE_NAMES, look)
    if as_json:
        print(json.dumps(states, default=str))  # noqa: T201 -- the command's output
        return
    table = Table("service", "unpublished", "unheard", "parked", "slowest reaction", title="Events under way")
    for state in states:
        slowest = max(state["reactions"], key=lambda r: r["pending"], default=None)
        words = f"{slowest['reaction']} ({slowest['pending']})" if slowest and slowest["pending"] else "–"
        unheard = sum(r["pending"] for r in state["reactions"])
        table.add_row(state["service"], str(state["unpublished"]), str(unheard), str(state["parked"]), words)
    console.print(table)


def parked(settings: Settings, as_json: bool) -> None:
    async def look(services: list[Service]) -> list[dict[str, Any]]:
        found = []
        for service in services:
            found += [{"service": service.name, **row} for row in await operations.parked(service.database)]
        return found

    rows = _with(settings, SERVICE_NAMES, look)
    if as_json:
        print(json.dumps(rows, default=str))  # noqa: T201 -- the command's output
        return
    if not rows:
        console.print("Nothing is parked.")
        return
    table = Table("service", "id", "reaction", "event", "state", "tries", "reason", title="Parked events")
    for row in rows:
        table.add_row(
            row["service"],
            str(row["id"]),
            row["reaction"],
            row["type"],
            row["state"],
            str(row["tries"]),
            row["reason"],
        )
    console.print(table)
    console.print("Mend the cause, then: hechuan events retry SERVICE ID (or drop SERVICE ID REASON)")


def retry(settings: Settings, service: str, parked_id: int) -> None:
    async def again(services: list[Service]) -> str:
        (one,) = services
        return str(await operations.replay_parked(one.database, parked_id))

    console.print(_with(settings, (service,), again), markup=False)


def drop(settings: Settings, service: str, parked_id: int, reason: str) -> None:
    async def give_up(services: list[Service]) -> str:
        (one,) = services
        return str(await operations.drop_parked(one.database, parked_id, reason))

    console.print(_with(settings, (service,), give_up), markup=False)


def replay(settings: Settings, service: str, since: str, until: str, type: str, subject: str) -> None:
    async def send(services: list[Service]) -> int:
        (one,) = services
        return await operations.replay_range(
            one.database,
            one.bus,
            since=datetime.fromisoformat(since) if since else None,
            until=datetime.fromisoformat(until) if until else None,
            type=type or None,
            subject=UUID(subject) if subject else None,
        )

    console.print(f"{_with(settings, (service,), send)} events of {service} were sent again.")


def rebuild(settings: Settings, service: str, reaction: str) -> None:
    async def forget(services: list[Service]) -> str:
        (one,) = services
        found = next((r for r in one.reactions if r.name == reaction), None)
        if found is None:
            names = "\n  ".join(sorted(r.name for r in one.reactions))
            raise StartError(f"{service} has no reaction {reaction}. It has:\n  {names}")
        await operations.rebuild(one.database, one.bus, found)
        return f"{reaction} hears everything again from the beginning."

    console.print(_with(settings, (service,), forget), markup=False)
