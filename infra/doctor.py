"""Says what is wrong with this machine or this state directory, and what to do about it."""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import psutil
from rich.console import Console

from infra.embedded.group import missing_parts
from infra.embedded.postgres import install_directory
from infra.embedded.server import binary, version_of
from infra.embedded.state import MINIMUM_FREE_BYTES, StartError, State, read_json
from infra.platform import check_port
from infra.setup import assets, bootstrap
from shared.kernel.settings import Settings

Level = Literal["ok", "note", "problem"]
GIB = 1024**3
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


@dataclass(frozen=True)
class Finding:
    """One thing looked at. `problem` stops the platform or loses work; `note` limits something."""

    level: Level
    subject: str
    text: str
    advice: str = ""


def diagnose(settings: Settings) -> list[Finding]:
    """Looks, changes nothing, and does not need the platform to run."""
    state = State(settings.state_dir)
    return [
        finding
        for look in (python, packages, front_end, binaries, disk, memory, clock, rights, browser, containers)
        for finding in look()
    ] + [finding for look in (ports, stale_state) for finding in look(settings, state)]


def python() -> Iterator[Finding]:
    words = f"Python {sys.version.split()[0]} at {sys.executable}"
    if sys.version_info[:2] < bootstrap.LOWEST:
        yield Finding("problem", "python", words, "Install Python 3.11 or newer, remove .venv, run `make setup`.")
    else:
        yield Finding("ok", "python", words)


def packages() -> Iterator[Finding]:
    if bootstrap.stamped() == bootstrap.fingerprint():
        yield Finding("ok", "packages", "match requirements.lock")
    else:
        yield Finding("problem", "packages", "were not installed from this requirements.lock", "Run `make setup`.")


def front_end() -> Iterator[Finding]:
    if absent := assets.missing():
        yield Finding(
            "problem", "front-end assets", f"missing or out of date: {', '.join(absent)}", "Run `make setup`."
        )
    else:
        yield Finding("ok", "front-end assets", "match package-lock.json")


def binaries() -> Iterator[Finding]:
    programs: dict[str, Callable[[], list[str]]] = {
        "postgres": lambda: [str(install_directory() / "bin" / "postgres"), "--version"],
        "nats-server": lambda: [str(binary("nats-server")), "--version"],
        "weed": lambda: [str(binary("weed")), "version"],
        "node": lambda: [assets.npm_command()[0], "--version"],
    }
    for name, command in programs.items():
        try:
            yield Finding("ok", name, version_of(command()))
        except (StartError, OSError, subprocess.SubprocessError) as reason:
            yield Finding("problem", name, f"does not run: {reason}", "Remove .venv and run `make setup`.")


def disk() -> Iterator[Finding]:
    free = shutil.disk_usage(bootstrap.ROOT).free
    level: Level = "ok" if free > 5 * GIB else "note" if free > MINIMUM_FREE_BYTES else "problem"
    yield Finding(level, "disk", f"{free / GIB:.1f} GB free", "" if level == "ok" else "Free some space.")


def memory() -> Iterator[Finding]:
    free = psutil.virtual_memory().available
    level: Level = "ok" if free > 2 * GIB else "note"
    yield Finding(level, "memory", f"{free / GIB:.1f} GB free", "" if level == "ok" else "About 2 GB are used.")


def clock() -> Iterator[Finding]:
    """Tokens and due dates need a true clock. Without a time source at hand, our own files are a lower bound."""
    newest = Path(bootstrap.LOCK).stat().st_mtime
    if time.time() < newest - 300:
        yield Finding("problem", "clock", "is behind the project's own files", "Set the clock; sign-in checks times.")
    else:
        yield Finding("ok", "clock", time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))


def rights() -> Iterator[Finding]:
    if os.geteuid() != 0:
        yield Finding("ok", "user", f"uid {os.geteuid()}")
        return
    held = 0
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            held = int(line.split()[1], 16)
    needed = {"CHOWN": 0, "DAC_OVERRIDE": 1, "SETGID": 6, "SETUID": 7, "SETPCAP": 8}
    if absent := [name for name, bit in needed.items() if not held >> bit & 1]:
        yield Finding(
            "problem",
            "user",
            f"root without the capabilities {', '.join(absent)}: PostgreSQL, which refuses to run as root, cannot "
            "become another user",
            "Run as an ordinary user.",
        )
    else:
        yield Finding("ok", "user", "root; PostgreSQL runs as another user")


def browser() -> Iterator[Finding]:
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    if found:
        yield Finding("ok", "chromium", found)
    else:
        yield Finding(
            "note", "chromium", "absent: browser tests are skipped", "apt-get install chromium fonts-noto-cjk"
        )


def containers() -> Iterator[Finding]:
    paths = ["/var/run/docker.sock", f"/run/user/{os.getuid()}/podman/podman.sock", "/run/podman/podman.sock"]
    for path in paths:
        with socket.socket(socket.AF_UNIX) as link:
            link.settimeout(2)
            try:
                link.connect(path)
            except OSError:
                continue
            yield Finding("ok", "container engine", f"answers at {path}")
            return
    yield Finding("note", "container engine", "none answers: `make test-containers` has nothing to run on")


def ports(settings: Settings, state: State) -> Iterator[Finding]:
    if owner := state.owner():
        yield Finding("ok", "port", f"the platform runs: pid {owner.get('pid')}, {owner.get('address')}")
        return
    try:
        check_port(settings.host, settings.port)
        yield Finding("ok", "port", f"{settings.host}:{settings.port} is free")
    except StartError as problem:
        yield Finding("problem", "port", str(problem))


def stale_state(settings: Settings, state: State) -> Iterator[Finding]:
    if not state.directory.exists():
        yield Finding("ok", "state", f"{state.directory} will be made at the first start")
        return
    if not os.access(state.directory, os.R_OK | os.W_OK | os.X_OK):
        advice = "Start as the user who made it, or set HECHUAN_STATE_DIR."
        yield Finding("problem", "state", f"{state.directory} belongs to another user", advice)
        return
    if not state.owner():
        names = [name for name, _ in state.leftovers()]
        if names:
            advice = "The next start stops them."
            yield Finding("note", "state", f"a killed platform left running: {', '.join(names)}", advice)
    kept = state.directory / "postgres" / "files"
    if (
        kept.parent.exists()
        and "postgres" in missing_parts(settings)
        and not read_json(state.directory / "secrets.json")
    ):
        advice = "Put the file back; the databases cannot be opened without it."
        yield Finding("problem", "state", f"{state.directory / 'secrets.json'} is missing or broken", advice)
    else:
        yield Finding("ok", "state", str(state.directory))


def report(settings: Settings, as_json: bool) -> int:
    """Print the findings; 1 when one of them is a problem."""
    findings = diagnose(settings)
    if as_json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))  # noqa: T201 -- output
    else:
        console = Console(highlight=False)
        marks = {"ok": "[green]ok     [/]", "note": "[yellow]note   [/]", "problem": "[bold red]problem[/]"}
        for finding in findings:
            console.print(f"{marks[finding.level]} {finding.subject}: {finding.text}")
            if finding.advice:
                console.print(f"        → {finding.advice}")
    return 1 if any(finding.level == "problem" for finding in findings) else 0
