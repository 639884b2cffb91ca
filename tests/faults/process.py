"""A service process as `hechuan serve` makes it, forked from a server that has imported everything already.

Importing takes seconds, and a fault run starts hundreds of processes. Everything else is as in the real one: its own
pid, its own event loop, HTTP on a port, signals, SIGKILL at a crash point.
"""

import ctypes
import importlib
import multiprocessing
import os
import signal
import time
from contextlib import suppress
from multiprocessing import forkserver
from multiprocessing.context import ForkServerProcess
from pathlib import Path

import httpx

from infra.migrate import PACKAGES
from infra.run import serve
from shared.bus import parked
from shared.kernel import faults
from shared.kernel.settings import SERVICE_NAMES, Settings

START_SECONDS = 90.0
PR_SET_PDEATHSIG = 1
_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload([__name__, *(f"services.{package}.app" for package in PACKAGES.values())])


def _serve(settings: Settings, fault: str, log: str, pauses: tuple[float, ...]) -> None:
    # When the test run itself is killed, the fork server ends (once nobody else holds this pipe), and we with it.
    os.close(forkserver._forkserver._forkserver_alive_fd)  # type: ignore[attr-defined]
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ["HECHUAN_FAULT"] = fault
    importlib.reload(faults)  # it reads the variable when it is imported
    if pauses:
        parked.PAUSES = pauses  # type: ignore[assignment]
    serve(settings, SERVICE_NAMES)


class ServiceProcess:
    """All five services in one process at `settings.address`."""

    def __init__(self, settings: Settings, log: Path, *, fault: str = "", pauses: tuple[float, ...] = ()) -> None:
        self.settings, self.fault, self.pauses, self.log = settings, fault, pauses, log
        # A daemon ends with the test run.
        self._process: ForkServerProcess = _context.Process(
            target=_serve, args=(settings, fault, str(log), pauses), daemon=True
        )
        self._process.start()
        assert self._process.pid
        self.pid: int = self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.is_alive()

    @property
    def exit_code(self) -> int | None:
        return self._process.exitcode

    def wait_ready(self) -> bool:
        """Blocks until requests are answered; False when it died before, as a crash point may make it."""
        deadline = time.monotonic() + START_SECONDS
        while self.alive:
            with suppress(httpx.TransportError):
                if httpx.get(f"{self.settings.address}/readyz", timeout=5, trust_env=False).status_code == 200:
                    return True
            assert time.monotonic() < deadline, f"the services are not ready; see {self.log}"
            time.sleep(0.05)
        return False

    def signal(self, number: int) -> None:
        os.kill(self.pid, number)

    def kill(self) -> None:
        with suppress(ProcessLookupError):
            self.signal(signal.SIGKILL)
        self.wait(20)

    def wait(self, seconds: float) -> int | None:
        self._process.join(seconds)
        return self.exit_code
