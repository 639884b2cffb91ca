"""`hechuan run` as a person starts it: another process, a state directory of its own, free ports."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from tests.kit.servers import ROOT

START_SECONDS = 120
UPLOAD_LIMIT = 1_000_000
"""Low, so that a test of it sends little."""
HECHUAN = str(Path(sys.executable).with_name("hechuan"))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Platform:
    def __init__(self, directory: Path) -> None:
        self.state = directory / "state"
        self.output = directory / "output.txt"
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def passwords(self) -> dict[str, str]:
        found: dict[str, str] = json.loads((self.state / "personas.json").read_text("utf-8"))
        return found

    def environment(self, **changes: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HECHUAN_")}
        ours = {"HECHUAN_STATE_DIR": str(self.state), "HECHUAN_PORT": str(self.port), "COLUMNS": "400"}
        ours["HECHUAN_UPLOAD_LIMIT_BYTES"] = str(UPLOAD_LIMIT)
        return kept | ours | changes

    def command(self, *words: str, **changes: str) -> subprocess.CompletedProcess[str]:
        """One `hechuan …` beside the platform, to its end."""
        return subprocess.run(
            [HECHUAN, *words],
            cwd=ROOT,
            env=self.environment(**changes),
            capture_output=True,
            text=True,
            timeout=START_SECONDS,
            check=False,
        )

    def start(self) -> float:
        """Returns the seconds until it says that it is ready."""
        begun = time.monotonic()
        with self.output.open("ab") as output:
            output.truncate(0)
            self.process = subprocess.Popen(
                [HECHUAN, "run", "--no-seed"],
                cwd=ROOT,
                env=self.environment(),
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        while "Hechuan is ready" not in self.said:
            if self.process.poll() is not None or time.monotonic() - begun > START_SECONDS:
                self.stop()
                raise RuntimeError("The platform did not start:\n" + self.said)
            time.sleep(0.05)
        return time.monotonic() - begun

    @property
    def said(self) -> str:
        return self.output.read_text("utf-8", "replace")

    def stop(self) -> int:
        """SIGTERM, as a service manager does; returns the exit code."""
        if self.process is None:
            return 0
        self.process.send_signal(signal.SIGTERM)
        try:
            code = self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            code = self.process.wait()
        self.process = None
        return code
