"""Makes `.venv` from requirements.lock. Runs on whatever Python the machine has, on the standard library alone.

Written in old syntax on purpose: an old Python must be able to read this file to say that it is too old. pip does the
work, as shipped with Python, because it alone honours every way to configure an index or a proxy. Nothing is fetched,
and nothing asks the network, when the environment already matches the lock.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from typing import NoReturn

LOWEST = (3, 11)
NEEDED_BYTES = 3 * 1024**3
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
VENV = os.path.join(ROOT, ".venv")
PYTHON = os.path.join(VENV, "bin", "python")
STAMP = os.path.join(VENV, "hechuan-stamp")
LOCK = os.path.join(ROOT, "requirements.lock")


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def give_up(text: str) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.write("\n" + text + "\n")
    sys.exit(1)


def fingerprint() -> str:
    """What the environment was made from: the lock and the project's own metadata."""
    known = hashlib.sha256()
    for name in ("requirements.lock", "pyproject.toml"):
        with open(os.path.join(ROOT, name), "rb") as file:
            known.update(file.read())
    return known.hexdigest() + "\n" + VENV


def stamped() -> str:
    try:
        with open(STAMP) as file:
            return file.read()
    except OSError:
        return ""


def check_python() -> None:
    if sys.version_info[:2] < LOWEST:
        lowest, found = ".".join(map(str, LOWEST)), ".".join(map(str, sys.version_info[:2]))
        give_up(
            f"Hechuan needs Python {lowest} or newer; {sys.executable} is Python {found}.\n"
            "Install a newer one (for example python3.12), or name one: make setup HECHUAN_PYTHON=/path/to/python3.12"
        )


def check_disk() -> None:
    free = shutil.disk_usage(ROOT).free
    if free < NEEDED_BYTES:
        give_up(
            f"Only {free // 1024**2} MB are free on the disk that holds {ROOT}; setting up needs "
            f"{NEEDED_BYTES // 1024**2} MB. Free some space and run `make setup` again."
        )


def make_environment() -> None:
    try:
        import ensurepip  # noqa: F401
        import venv  # noqa: F401
    except ImportError:
        give_up(
            "This Python cannot make virtual environments: its venv and ensurepip modules are missing.\n"
            "On Debian and Ubuntu: apt-get install python{}.{}-venv".format(*sys.version_info[:2])
        )
    say("Making .venv with Python {}.{}.{}".format(*sys.version_info[:3]))
    made = subprocess.run(  # noqa: S603 - this Python itself
        [sys.executable, "-m", "venv", "--clear", VENV], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    if made.returncode != 0:
        explain(made.stdout, "The virtual environment could not be made")


def explain(output: str, what: str) -> NoReturn:
    """Ends with the likely cause first; the tool's own last words after it."""
    tail = "\n".join(output.strip().splitlines()[-12:])
    if "No space left on device" in output or "Disk quota exceeded" in output:
        hint = "The disk is full. Free some space and run `make setup` again."
    elif re.search(r"Permission denied|Errno 13|EACCES", output):
        hint = "A file belongs to another user. Remove .venv, or run as the user who made it."
    elif re.search(r"HASHES|hash(es)? .*do(es)? not match|EINTEGRITY", output, re.I):
        hint = "A package is not the one that was pinned. Do not go on: find out where it came from."
    elif re.search(
        r"NewConnectionError|ConnectTimeout|ProxyError|name resolution|Network is unreachable|ReadTimeout"
        r"|SELF_SIGNED_CERT|CERTIFICATE_VERIFY_FAILED"
        r"|ENOTFOUND|ECONNREFUSED|ETIMEDOUT|EAI_AGAIN|No matching distribution|from versions: none",
        output,
    ):
        hint = "The package index was not reached. Check the network, the proxy, and pip's and npm's configuration."
    else:
        hint = "The cause stands in the lines below."
    give_up(f"{what}. {hint}\n{tail}")


def pip(arguments: list[str], what: str, total: int = 0) -> None:
    """Runs pip, counting packages on one line of a terminal, or on a line now and then elsewhere."""
    words = [
        PYTHON,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--no-input",
        "install",
        "--retries",
        "3",
        "--timeout",
        "30",
    ]
    environment = dict(os.environ, PIP_ROOT_USER_ACTION="ignore", PYTHONUNBUFFERED="1")
    running = subprocess.Popen(  # noqa: S603 - our own pip
        words + arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=ROOT, env=environment
    )
    lines: list[str] = []
    seen, shown = 0, time.time()
    for line in running.stdout or ():
        lines.append(line)
        if total and line.startswith("Collecting "):
            seen += 1
            name = re.split(r"[=<>\s;\[]", line.split()[1])[0]
            if sys.stdout.isatty():
                sys.stdout.write(f"\r  [{min(seen, total):3}/{total}] {name[:40]:<40}")
                sys.stdout.flush()
            elif time.time() - shown > 5:
                shown = time.time()
                say(f"  [{min(seen, total):3}/{total}] {name}")
        elif total and line.startswith("Installing collected packages"):
            if sys.stdout.isatty():
                sys.stdout.write("\r" + " " * 60 + "\r")
            say(f"  unpacking {seen} packages")
    if running.wait() != 0:
        explain("".join(lines), what)


def wanted() -> int:
    """How many packages the lock asks of this machine, about: markers for other systems are left out."""
    with open(LOCK) as file:
        return sum(1 for line in file if re.match(r"[a-z0-9].*==", line) and "win32" not in line)


def main() -> None:
    mark = fingerprint()
    if stamped() == mark and os.path.exists(PYTHON):
        return
    check_python()
    check_disk()
    begun = time.time()
    if not usable():
        make_environment()
    if os.path.exists(STAMP):
        os.remove(STAMP)
    say("Installing the pinned packages (hashes are checked)")
    # The lock names every package: nothing is left to resolve. Byte code is made at first use.
    pip(
        [
            "--require-hashes",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--no-compile",
            "--progress-bar",
            "off",
            "-r",
            LOCK,
        ],
        "The packages could not be installed",
        wanted(),
    )
    pip(["--no-deps", "--no-build-isolation", "--quiet", "-e", ROOT], "The project itself could not be installed")
    with open(STAMP, "w") as file:
        file.write(mark)
    say(f"Packages are ready ({time.time() - begun:.0f} s)")


def usable() -> bool:
    """Whether what is there can be brought up to date: a new enough Python with pip, made in this very place."""
    asked = f"import pip, sys; sys.exit(sys.version_info[:2] < {LOWEST!r})"
    moved = stamped() and stamped().splitlines()[-1] != VENV
    if moved or not os.path.exists(PYTHON):
        return False
    return subprocess.run([PYTHON, "-c", asked], stderr=subprocess.DEVNULL).returncode == 0  # noqa: S603


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        give_up("Stopped. Run `make setup` again to go on.")
    except OSError as problem:
        explain(str(problem), "Setting up failed")
