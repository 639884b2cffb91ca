"""The state directory: its lock, secrets, ports, and what is known of servers started from it."""

import contextlib
import errno
import fcntl
import json
import os
import random
import secrets
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import psutil

MINIMUM_FREE_BYTES = 1024**3
# Below the range that Linux gives to outgoing connections (32768 and up): such a port is still free after a restart.
PORT_RANGE = (20000, 32700)


class StartError(Exception):
    """The platform cannot start; the text says why and what to do, in words for the person at the terminal."""


class AlreadyRunning(StartError):
    def __init__(self, state_dir: Path, owner: dict[str, object]) -> None:
        self.owner = owner
        super().__init__(
            f"The platform already runs on {state_dir} (pid {owner.get('pid', 'unknown')}, "
            f"{owner.get('address', 'address unknown')}). Use that one, stop it, "
            "or give HECHUAN_STATE_DIR another directory for a second platform."
        )


def write_private(path: Path, text: str) -> None:
    """Writes a file that only we can read; a reader sees the old text or the new, never half of it."""
    fresh = path.with_name(f".{path.name}.new")
    with contextlib.suppress(FileNotFoundError):
        fresh.unlink()
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)


def read_json(path: Path) -> dict[str, object]:
    """The object in a file; an absent or torn file is an empty one."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def port_is_free(port: int, host: str = "127.0.0.1") -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def explained(state_dir: Path) -> Iterator[None]:
    """Turns the two common failures of a file system into words."""
    try:
        yield
    except OSError as problem:
        if problem.errno in (errno.ENOSPC, errno.EDQUOT):
            raise StartError(f"The disk that holds {state_dir} is full. Free some space and start again.") from problem
        if isinstance(problem, PermissionError):
            raise StartError(
                f"{problem.filename or state_dir} cannot be used by this user. It was probably made by another user: "
                "start as that user, or give HECHUAN_STATE_DIR a directory of your own."
            ) from problem
        raise


class State:
    """One state directory, held by at most one running platform (a lock that the kernel frees when we die)."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.logs = self.directory / "logs"
        self._lock: IO[str] | None = None

    def acquire(self, address: str, minimum_free: int = MINIMUM_FREE_BYTES) -> None:
        """Takes the directory; raises AlreadyRunning or StartError."""
        with explained(self.directory):
            for path in (self.directory, self.logs, self.directory / "run"):
                path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.directory.chmod(0o700)
            free = shutil.disk_usage(self.directory).free
            if free < minimum_free:
                raise StartError(
                    f"Only {free // 1024**2} MB are free on the disk that holds {self.directory}; "
                    f"{minimum_free // 1024**2} MB are needed. Free some space and start again."
                )
            lock = (self.directory / "lock").open("a+", encoding="utf-8")
            (self.directory / "lock").chmod(0o600)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                lock.close()
                raise AlreadyRunning(self.directory, read_json(self.directory / "owner.json")) from None
            self._lock = lock
            write_private(self.directory / "owner.json", json.dumps({"pid": os.getpid(), "address": address}))

    def release(self) -> None:
        if self._lock:
            (self.directory / "owner.json").unlink(missing_ok=True)
            (self.directory / "running.json").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def owner(self) -> dict[str, object] | None:
        """Who runs on this directory now; None when nobody does."""
        try:
            with (self.directory / "lock").open("r", encoding="utf-8") as lock:
                fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except (FileNotFoundError, PermissionError):
            return None
        except BlockingIOError:
            return read_json(self.directory / "owner.json") or {"pid": "unknown"}
        return None

    def secret(self, name: str, size: int = 24) -> str:
        """A secret made once and kept."""
        path = self.directory / "secrets.json"
        known = read_json(path)
        if name not in known:
            known[name] = secrets.token_hex(size)
            self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(path, json.dumps(known, indent=1))
        return str(known[name])

    def ports(self, names: list[str]) -> dict[str, int]:
        """Ports of the last start where they are still free, else new ones; kept for the next start.

        A name that ends in `+10000` gets the port of the name before the `+` plus 10000 (see seaweedfs.py).
        """
        path = self.directory / "ports.json"
        known = {name: port for name, port in read_json(path).items() if isinstance(port, int)}
        taken = {port for name, port in known.items() if name not in names}
        for name in (name for name in names if not name.endswith("+10000")):
            twin = f"{name}+10000" in names
            candidates = [known[name]] if name in known else []
            low, high = PORT_RANGE
            candidates += random.sample(range(low, high - 10000 if twin else high), 200)
            for port in candidates:
                wanted = {port, port + 10000} if twin else {port}
                if not wanted & taken and all(port_is_free(one) for one in wanted):
                    known[name] = port
                    if twin:
                        known[f"{name}+10000"] = port + 10000
                    taken |= wanted
                    break
            else:
                raise StartError(f"No free port was found on 127.0.0.1 between {low} and {high}.")
        write_private(path, json.dumps(known, indent=1))
        return {name: known[name] for name in names}

    def remember(self, name: str, pid: int) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            record = {"pid": pid, "created": psutil.Process(pid).create_time()}
            write_private(self.directory / "run" / f"{name}.json", json.dumps(record))

    def forget(self, name: str) -> None:
        (self.directory / "run" / f"{name}.json").unlink(missing_ok=True)

    def leftovers(self) -> list[tuple[str, psutil.Process]]:
        """Servers that outlived a killed platform: found by pid and birth time, so a recycled pid is never hit."""
        found = []
        for path in sorted((self.directory / "run").glob("*.json")):
            record = read_json(path)
            with contextlib.suppress(psutil.NoSuchProcess, KeyError):
                process = psutil.Process(int(str(record["pid"])))
                if abs(process.create_time() - float(str(record["created"]))) < 0.05:
                    found.append((path.stem, process))
        return found

    def stop_leftovers(self) -> list[str]:
        """Stops them; returns their names."""
        names = []
        for name, process in self.leftovers():
            with contextlib.suppress(psutil.NoSuchProcess):
                family = [process, *process.children(recursive=True)]
                process.terminate() if name != "postgres" else process.send_signal(2)
                _, alive = psutil.wait_procs(family, timeout=8)
                for survivor in alive:
                    survivor.kill()
                psutil.wait_procs(alive, timeout=5)
            names.append(name)
        for path in (self.directory / "run").glob("*.json"):
            path.unlink(missing_ok=True)
        return names
