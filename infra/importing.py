"""`hechuan import` on the screen: progress, the summary, and the figures as JSON."""

import json
from contextlib import ExitStack, nullcontext
from pathlib import Path
from typing import Any

import httpx
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from infra.embedded.state import StartError
from seeds.importing.files import FileUnreadable
from seeds.importing.loading import Account, Watchers
from seeds.importing.loading import load as load_file
from seeds.importing.profiles import KINDS, PATHS, LayoutUnknown
from seeds.importing.report import Report
from seeds.importing.sending import Sender
from seeds.sign_in import SignInRefused, sign_in

console = Console(highlight=False)
ACTS_AS = {
    "projects": "li.officer",
    "patents": "he.ip",
    "organisations": "chen.coordinator",
    "people": "chen.coordinator",
}
"""The persona whose role brings in each kind."""
BAR = "every row read is accepted, unchanged or refused with its line: a row that is lost silently is a wrong register"
SHOWN = 12
INTERRUPTED = 130


def load(
    address: str,
    passwords: dict[str, str],
    kind: str,
    file: Path,
    profile: str,
    limit: int,
    report: Path | None,
    as_json: bool,
    source: str = "",
) -> int:
    """Import a file as the persona for its kind; 0 when every row was read, refused rows included."""
    if kind not in KINDS:
        raise StartError(f"There is no kind {kind!r}. Import one of: {', '.join(KINDS)}.")
    with ExitStack() as stack:

        def signed_in() -> httpx.Client:
            client = sign_in(address, ACTS_AS[kind], passwords[ACTS_AS[kind]], timeout=120.0)
            return stack.enter_context(client)

        def sender_for(source: str) -> Sender:
            return Sender(signed_in(), PATHS[kind], source, renew=signed_in)

        try:
            listed = stack.enter_context(Report(report))
            bar = _bar()
            with nullcontext() if as_json else bar:
                task = bar.add_task(file.name, refused=0, speed=0.0, rows=0)

                def progress(account: Account, position: int, size: int) -> None:
                    elapsed = bar.tasks[0].elapsed or 0.0
                    speed = account.read / elapsed if elapsed else 0.0
                    bar.update(
                        task,
                        completed=position,
                        total=size,
                        refused=account.refused,
                        speed=speed,
                        rows=account.read,
                    )

                watch = Watchers(listed.refused, listed.left_out, progress)
                account = load_file(kind, file, profile, limit, sender_for, watch, source)
        except (LayoutUnknown, FileUnreadable, SignInRefused, OSError, httpx.TransportError) as problem:
            raise StartError(str(problem)) from None
    if as_json:
        print(json.dumps(figures(account), ensure_ascii=False))  # noqa: T201 -- the command's output
    else:
        _show(account, report)
    if account.stopped:
        return INTERRUPTED if "Ctrl-C" in account.stopped else 1
    return 0 if account.accounted == account.read else 1


def _bar() -> Progress:
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[rows]} rows, {task.fields[speed]:.0f}/s, {task.fields[refused]} refused"),
        TimeElapsedColumn(),
        console=Console(stderr=True, highlight=False),
    )


def figures(account: Account) -> dict[str, Any]:
    """The run in numbers, against its bar."""
    return {
        "figures": {
            "read": account.read,
            "accepted": account.accepted,
            "unchanged": account.unchanged,
            "refused": account.refused,
            "seconds": round(account.seconds, 2),
            "rows_per_second": round(account.rows_per_second, 1),
        },
        "errors_by_reason": dict(account.errors.most_common()),
        "left_out_by_reason": dict(account.left_out.most_common()),
        "profile": account.profile,
        "source": account.source,
        "encoding": account.encoding,
        "done_to_line": account.done_to_line,
        "stopped": account.stopped or None,
        "baseline": {"rows": account.read},
        "ratio": account.accounted / max(1, account.read),
        "bar": BAR,
        "met": account.accounted == account.read and not account.stopped,
    }


def _show(account: Account, report: Path | None) -> None:
    console.print(f"Layout {account.profile}, source “{account.source}”, read as {account.encoding}", markup=False)
    table = Table("rows read", "accepted", "unchanged", "refused", "seconds", "rows/s")
    counts = (account.read, account.accepted, account.unchanged, account.refused)
    table.add_row(*(f"{n:,}" for n in counts), f"{account.seconds:.1f}", f"{account.rows_per_second:,.0f}")
    console.print(table)
    for title, found in (("Refused, by reason", account.errors), ("Loaded without a value", account.left_out)):
        if found:
            reasons = Table("rows", "reason", title=title)
            for reason, count in found.most_common(SHOWN):
                reasons.add_row(f"{count:,}", reason)
            if len(found) > SHOWN:
                reasons.add_row(
                    f"{sum(found.values()) - sum(n for _, n in found.most_common(SHOWN)):,}", "other reasons"
                )
            console.print(reasons)
    if account.stopped:
        console.print(
            f"{account.stopped} Everything up to line {account.done_to_line} is in or refused. "
            "Run the same command again: nothing is taken in twice.",
            markup=False,
        )
    if account.refused or account.left_out:
        where = f"Every such row is listed in {report}." if report else "Use --report FILE.csv to list every such row."
        console.print(where, markup=False)
