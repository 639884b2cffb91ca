"""`hechuan bench`: each measurement with its baseline in the same run, its ratio, and the bar it must meet."""

import json
from typing import Any

import uvloop
from rich.console import Console
from rich.table import Table

from infra.embedded.state import StartError
from infra.platform import NotRunning, attach, resolve
from shared.kernel.settings import Settings

BENCHES = ("events", "api", "documents")


def measure(settings: Settings, what: str, quick: bool, as_json: bool) -> int:
    """Run one bench or all; 0 when every bar is met. Uses the running platform's servers, else starts its own."""
    if what not in (*BENCHES, "all"):
        raise StartError(f"There is no bench {what}; there are {', '.join(BENCHES)} and all.")
    names = BENCHES if what == "all" else (what,)
    found = uvloop.run(_measure(settings, names, quick))
    if as_json:
        print(json.dumps(found[names[0]] if what != "all" else found, default=str))  # noqa: T201 -- output
    else:
        for name, result in found.items():
            _show(name, result)
    return 0 if all(result["met"] for result in found.values()) else 1


async def _measure(settings: Settings, names: tuple[str, ...], quick: bool) -> dict[str, dict[str, Any]]:
    try:
        return await _run(attach(settings), names, quick)
    except NotRunning:
        platform = await resolve(settings)
        try:
            return await _run(platform.settings, names, quick)
        finally:
            await platform.stop()


async def _run(settings: Settings, names: tuple[str, ...], quick: bool) -> dict[str, dict[str, Any]]:
    from infra.bench import api, documents, events

    modules = {"events": events, "api": api, "documents": documents}
    return {name: await modules[name].run(settings, quick) for name in names}


def _show(name: str, result: dict[str, Any]) -> None:
    console = Console(highlight=False)
    table = Table("figure", "value", title=f"bench {name}", title_justify="left")
    for part in ("figures", "baseline", "ratio", "bar"):
        value = result.get(part)
        if isinstance(value, dict):
            for key, one in value.items():
                table.add_row(f"{part}: {key}", str(one))
        else:
            table.add_row(part, str(value))
    console.print(table)
    console.print("[bold green]met[/]" if result["met"] else "[bold red]NOT MET[/]")
