"""The test kit's own servers: databases that are fresh and apart, and roles that hold less than their owners."""

import asyncio

import nats
import psycopg
import pytest
from minio import Minio

from tests.kit.servers import Shared, shared_servers, worker_nats


def migrate(service: str, url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("CREATE TABLE things (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, name text)")
        connection.execute("CREATE FUNCTION twice(n int) RETURNS int LANGUAGE sql AS 'SELECT 2 * n'")
        assert service in url


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Shared:
    return shared_servers()


def test_databases_are_fresh_and_their_application_role_owns_nothing(own: Shared) -> None:
    """Against databases of its own names, so that the services' real templates stay untouched."""
    from infra.embedded.postgres import grant_schema, make_database, run

    name = "rights_of_ip"
    with own.admin() as connection:
        run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        make_database(connection, name, "ip")
    with own.admin(name) as inside:
        grant_schema(inside, "ip")
        assert inside.execute("SELECT similarity('合川平台', '合川') > 0.2").fetchone() == (True,)
    migrate("ip", own.settings.ip_migration_url.rsplit("/", 1)[0] + "/" + name)
    with psycopg.connect(own.settings.ip_database_url.rsplit("/", 1)[0] + "/" + name, autocommit=True) as application:
        application.execute("INSERT INTO things (name) VALUES ('a')")
        assert application.execute("SELECT twice(2), name FROM things").fetchone() == (4, "a")
        assert application.execute("SHOW statement_timeout").fetchone() == ("15s",)
        assert application.execute("SHOW lock_timeout").fetchone() == ("3s",)
        for forbidden in (
            "CREATE TABLE mine (a int)",
            "DROP TABLE things",
            "TRUNCATE things",
            "SET ROLE hechuan_ip_owner",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                application.execute(forbidden)
        found = application.execute(
            "SELECT rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb FROM pg_roles WHERE rolname = current_user"
        )
        assert found.fetchone() == (False,)


def test_no_role_enters_another_services_database(own: Shared) -> None:
    for stranger in (own.settings.projects_database_url, own.settings.projects_migration_url):
        for target in ("hechuan_ip", "hechuan_identity", "postgres", "template1"):
            with pytest.raises(psycopg.OperationalError, match=r"permission denied|CONNECT privilege"):
                psycopg.connect(stranger.rsplit("/", 1)[0] + "/" + target)


def test_a_worker_has_its_own_nats_and_reaches_the_store() -> None:
    own, server = shared_servers(), worker_nats()

    async def publish() -> int:
        link = await nats.connect(server.url, token=server.token)
        stream = link.jetstream()
        await stream.add_stream(name="kit", subjects=["kit.>"])
        ack = await stream.publish("kit.word", b"x")
        await stream.delete_stream("kit")
        await link.close()
        return ack.seq

    assert asyncio.run(publish()) == 1
    settings = own.settings
    store = Minio(
        settings.s3_url.removeprefix("http://"),
        access_key=settings.s3_access_key,
        secret_key=settings.s3_secret_key.get_secret_value(),
        secure=False,
    )
    store.make_bucket("kit-test")
    store.remove_bucket("kit-test")
