"""`hechuan bench`: each measurement with its baseline in the same run, its ratio, and the bar it must meet."""

import json
from types import ModuleType

import uvloop
from rich.console import Console
from rich.table import Table

from infra.bench.result import Result, Say
from infra.embedded.state import StartError
from infra.platform import NotRunning, attach, resolve
from shared.kernel.settings import Settings

BENCHES = ("events", "api", "documents", "assignment", "load", "duplicates")
SERVERLESS = frozenset({"assignment", "load", "duplicates"})
"""Need nothing of the platform's: no server, or their own."""


def measure(settings: Settings, what: str, quick: bool, as_json: bool) -> int:
    """Run one bench or all; 0 when every bar is met. Uses the running platform's servers, else starts its own."""
    if what not in (*BENCHES, "all"):
        raise StartError(f"There is no bench {what}; there are {', '.join(BENCHES)} and all.")
    names = BENCHES if what == "all" else (what,)
    console = Console(highlight=False, stderr=True)
    found = uvloop.run(_measure(settings, names, quick, lambda line: console.print(f"  {line}", markup=False)))
    if as_json:
        shown = {name: result.as_json() for name, result in found.items()}
        print(json.dumps(shown if what == "all" else shown[what], default=str))  # noqa: T201 -- the command's output
    else:
        for name, result in found.items():
            _show(name, result)
    return 0 if all(result.met for result in found.values()) else 1


async def _measure(settings: Settings, names: tuple[str, ...], quick: bool, say: Say) -> dict[str, Result]:
    if SERVERLESS.issuperset(names):
        return await _run(settings, names, quick, say)
    try:
        return await _run(attach(settings), names, quick, say)
    except NotRunning:
        platform = await resolve(settings)
        try:
            return await _run(platform.settings, names, quick, say)
        finally:
            await platform.stop()


async def _run(settings: Settings, names: tuple[str, ...], quick: bool, say: Say) -> dict[str, Result]:
    from infra.bench import api, assignment, documents, duplicates, events, load

    modules: dict[str, ModuleType] = {
        "events": events,
        "api": api,
        "documents": documents,
        "assignment": assignment,
        "load": load,
        "duplicates": duplicates,
    }
    return {name: await modules[name].run(settings, quick, say) for name in names}


def _show(name: str, result: Result) -> None:
    console = Console(highlight=False)
    table = Table("figure", "value", title=f"bench {name}", title_justify="left")
    for part in ("figures", "baseline"):
        for key, value in getattr(result, part).items():
            table.add_row(f"{part[:-1] if part == 'figures' else part}: {key}", str(value))
    console.print(table)
    bars = Table("bar", "measured", "must be", "met", "because")
    for bar in result.bars:
        bars.add_row(bar.name, f"{bar.value:.3g}", f"{bar.sense} {bar.bound:g}", "yes" if bar.met else "NO", bar.reason)
    console.print(bars)
