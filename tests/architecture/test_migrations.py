"""Migrations on a real PostgreSQL: from empty to head, no difference to the models, and roles that can do no harm."""

import subprocess
import sys
from collections.abc import Iterator

import psycopg
import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError

from infra.embedded.postgres import grant_schema, make_database, run
from infra.migrate import config
from shared.kernel.settings import SERVICE_NAMES
from tests.kit.servers import ROOT, shared_servers, worker_name

ALL = pytest.mark.parametrize("service", SERVICE_NAMES)


def address(service: str, kind: str, database: str) -> str:
    given: str = getattr(shared_servers().settings, f"{service}_{kind}_url")
    return given.rsplit("/", 1)[0] + "/" + database


@pytest.fixture(scope="module")
def migrated() -> Iterator[dict[str, str]]:
    """Service → a database of its own that was empty and went the whole way up."""
    names = {service: f"test_{worker_name()}_migrated_{service}" for service in SERVICE_NAMES}
    shared = shared_servers()
    with shared.admin() as admin:
        for service, name in names.items():
            run(admin, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
            make_database(admin, name, service)
            with shared.admin(name) as inside:
                grant_schema(inside, service)
            command.upgrade(config(service, address(service, "migration", name)), "head")
    yield names
    with shared.admin() as admin:
        for name in names.values():
            run(admin, "DROP DATABASE {} WITH (FORCE)", name)


@ALL
def test_there_is_one_way_up(service: str) -> None:
    scripts = ScriptDirectory.from_config(config(service, "postgresql://nobody@127.0.0.1/nowhere"))
    assert len(scripts.get_heads()) == 1
    assert [one.revision for one in scripts.walk_revisions() if one.is_merge_point or one.is_branch_point] == []


@ALL
def test_the_models_and_the_migrated_database_agree(service: str, migrated: dict[str, str]) -> None:
    try:
        command.check(config(service, address(service, "migration", migrated[service])))
    except CommandError as difference:
        pytest.fail(str(difference))


@ALL
def test_migrating_again_changes_nothing(service: str, migrated: dict[str, str]) -> None:
    def tables() -> list[tuple[str, ...]]:
        with shared_servers().admin(migrated[service]) as inside:
            return inside.execute(
                "SELECT table_name, column_name, data_type FROM information_schema.columns"
                " WHERE table_schema = 'public' ORDER BY 1, 2"
            ).fetchall()

    before = tables()
    command.upgrade(config(service, address(service, "migration", migrated[service])), "head")
    assert tables() == before


def test_two_starting_processes_do_not_migrate_at_once() -> None:
    service, name = "projects", f"test_{worker_name()}_migrated_twice"
    shared = shared_servers()
    with shared.admin() as admin:
        run(admin, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        make_database(admin, name, service)
        with shared.admin(name) as inside:
            grant_schema(inside, service)
        upgrade = (
            "import sys; from alembic import command; from infra.migrate import config;"
            "command.upgrade(config(sys.argv[1], sys.argv[2]), 'head')"
        )
        words = [sys.executable, "-c", upgrade, service, address(service, "migration", name)]
        both = [subprocess.Popen(words, cwd=ROOT, stderr=subprocess.PIPE, text=True) for _ in range(2)]
        told = [one.communicate(timeout=120)[1] for one in both]
        assert [one.returncode for one in both] == [0, 0], told
        run(admin, "DROP DATABASE {} WITH (FORCE)", name)


@ALL
def test_the_application_role_owns_nothing(service: str, migrated: dict[str, str]) -> None:
    with shared_servers().admin(migrated[service]) as inside:
        owned = inside.execute(
            """SELECT relname FROM pg_class WHERE relowner = %(role)s::regrole
               UNION ALL SELECT proname FROM pg_proc WHERE proowner = %(role)s::regrole
               UNION ALL SELECT nspname FROM pg_namespace WHERE nspowner = %(role)s::regrole
               UNION ALL SELECT datname FROM pg_database WHERE datdba = %(role)s::regrole""",
            {"role": f"hechuan_{service}"},
        ).fetchall()
    assert owned == []


@ALL
@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "CREATE SCHEMA mine",
        "ALTER TABLE outbox ADD COLUMN mine int",
        "DROP TABLE outbox",
        "TRUNCATE outbox",
        "DELETE FROM alembic_version; DROP TABLE alembic_version",
        "CREATE EXTENSION dblink",
        "SET ROLE postgres",
    ],
)
def test_the_application_role_cannot_change_the_house(service: str, statement: str, migrated: dict[str, str]) -> None:
    with (
        psycopg.connect(address(service, "database", migrated[service])) as connection,
        pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedFile)),
    ):
        connection.execute(statement.encode())


@ALL
def test_no_role_of_a_service_enters_another_services_database(service: str, migrated: dict[str, str]) -> None:
    for kind in ("database", "migration"):
        for other in SERVICE_NAMES:
            if other != service:
                with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
                    psycopg.connect(address(service, kind, migrated[other])).close()
