"""`make test-containers`: the integration tests against PostgreSQL, NATS and an S3 store in containers.

Run as a program. It starts the three through testcontainers, prepares roles and databases as production does, and runs
the tests that need servers against them. Without a container engine it says so and exits with 2: nothing was proven.
"""

import json
import os
import secrets
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import psycopg
from testcontainers.core.container import DockerContainer
from testcontainers.core.waiting_utils import wait_for_logs

from infra.doctor import containers as engine_findings
from infra.embedded.postgres import EXTENSIONS, ROLE_LIMITS, grant_schema, make_database, make_role, run
from shared.kernel.settings import SERVICE_NAMES
from tests.kit.servers import GIVEN

POSTGRES, NATS, S3 = "postgres:18", "nats:2.12", "chrislusf/seaweedfs:4.05"
WANTED = ["tests/services", "tests/shared/bus", "tests/shared/blobs", "tests/shared/identity", "tests/architecture"]


def prepare_databases(admin_url: str) -> dict[str, str]:
    """Roles and empty databases as an operator would make them. Returns the settings' addresses."""
    fields: dict[str, str] = {}
    at = admin_url.split("@", 1)[1].rsplit("/", 1)[0]
    with psycopg.connect(admin_url, autocommit=True) as connection:
        for service in SERVICE_NAMES:
            password = secrets.token_urlsafe(24)
            role = f"hechuan_{service}"
            for name in (f"{role}_owner", role):
                make_role(connection, name, password)
            for limit, value in ROLE_LIMITS.items():
                run(connection, f"ALTER ROLE {{}} SET {limit} = '{value}'", role)
            run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", role)
            make_database(connection, role, service)
            _open_schema(admin_url, role, service)
            fields[f"{service}_database_url"] = f"postgresql://{role}:{password}@{at}/{role}"
            fields[f"{service}_migration_url"] = f"postgresql://{role}_owner:{password}@{at}/{role}"
    return fields


def _open_schema(admin_url: str, database: str, service: str) -> None:
    with psycopg.connect(admin_url.rsplit("/", 1)[0] + "/" + database, autocommit=True) as inside:
        for extension in EXTENSIONS:
            known = inside.execute("SELECT 1 FROM pg_available_extensions WHERE name = %s", [extension]).fetchone()
            if known:
                run(inside, "CREATE EXTENSION IF NOT EXISTS {}", extension)
        grant_schema(inside, service)


def run_tests(settings: dict[str, Any], admin_url: str, wanted: list[str]) -> int:
    """The tests in one worker, against the servers given. Returns pytest's exit code."""
    with tempfile.TemporaryDirectory() as folder:
        given = Path(folder) / "given.json"
        given.write_text(json.dumps({"settings": settings, "admin_url": admin_url}))
        given.chmod(0o600)
        command = ["-m", "pytest", "-q", "-m", "not faults and not browser", *wanted]
        return subprocess.run([sys.executable, *command], env={**os.environ, GIVEN: str(given)}, check=False).returncode


def main() -> int:
    found = list(engine_findings())
    if any(finding.level != "ok" for finding in found):
        print("No container engine (Docker or Podman socket) answers here, so nothing was tested against containers.")
        print("The same tests run against the embedded servers with `make test`, which never needs an engine.")
        return 2
    admin, token, key, secret = (secrets.token_urlsafe(18) for _ in range(4))
    postgres = DockerContainer(POSTGRES).with_env("POSTGRES_PASSWORD", admin).with_exposed_ports(5432)
    postgres = postgres.with_command("postgres -c max_connections=300 -c fsync=off")
    nats = DockerContainer(NATS).with_command(f"-js --auth {token}").with_exposed_ports(4222)
    identities = {
        "identities": [
            {
                "name": "tests",
                "credentials": [{"accessKey": key, "secretKey": secret}],
                "actions": ["Admin", "Read", "List", "Tagging", "Write"],
            }
        ]
    }
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "s3.json").write_text(json.dumps(identities))
        store = DockerContainer(S3).with_command("server -s3 -s3.config=/config/s3.json").with_exposed_ports(8333)
        store = store.with_volume_mapping(folder, "/config")
        with postgres, nats, store:
            wait_for_logs(postgres, "database system is ready to accept connections", timeout=120)
            wait_for_logs(nats, "Server is ready", timeout=60)
            wait_for_logs(store, "Start Seaweed S3 API Server", timeout=60)
            host = postgres.get_container_host_ip()
            admin_url = f"postgresql://postgres:{admin}@{host}:{postgres.get_exposed_port(5432)}/postgres"
            settings = {
                **prepare_databases(admin_url),
                "nats_url": f"nats://{host}:{nats.get_exposed_port(4222)}",
                "nats_token": token,
                "s3_url": f"http://{host}:{store.get_exposed_port(8333)}",
                "s3_access_key": key,
                "s3_secret_key": secret,
                "s3_bucket_prefix": "tests",
                "session_secret": secrets.token_urlsafe(32),
                "receipt_key": secrets.token_hex(32),
                "address_key": secrets.token_hex(32),
            }
            return run_tests(settings, admin_url, WANTED)


if __name__ == "__main__":
    sys.exit(main())
