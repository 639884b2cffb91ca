"""A real store and a real database for documents."""

from collections.abc import AsyncIterator
from uuid import UUID

import psycopg
import pytest

from infra.embedded.postgres import grant_schema, make_database, run
from shared.blobs.documents import Documents
from shared.blobs.store import BlobStore
from shared.db.engine import Database
from shared.db.schema import kernel_1
from shared.kernel.actor import Actor, Grant
from shared.kernel.ids import new_id
from shared.kernel.settings import Settings
from shared.kernel.types import Role, SecurityLabel
from tests.kit.servers import shared_servers, worker_name

SERVICE = "projects"
LIMIT = 24 * 2**20


def person(organisation_id: UUID | None = None, clearance: SecurityLabel = SecurityLabel.CONTROLLED) -> Actor:
    """An applicant of one organisation."""
    organisation_id = organisation_id or new_id()
    return Actor(
        subject=f"person-{organisation_id}", grants=(Grant(Role.APPLICANT, organisation_id),), clearance=clearance
    )


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def settings() -> Settings:
    """The run's store with buckets of our own, and a fresh database with the kernel's tables."""
    shared, worker = shared_servers(), worker_name()
    name = f"test_{worker}_documents"
    with shared.admin() as connection:
        run(connection, "DROP DATABASE IF EXISTS {} WITH (FORCE)", name)
        make_database(connection, name, SERVICE)
    fields = {
        f"{SERVICE}_{kind}_url": getattr(shared.settings, f"{SERVICE}_{kind}_url").rsplit("/", 1)[0] + "/" + name
        for kind in ("database", "migration")
    }
    with shared.admin(name) as connection:
        grant_schema(connection, SERVICE)
    with psycopg.connect(fields[f"{SERVICE}_migration_url"]) as connection:
        connection.execute(kernel_1().encode())
    return shared.settings.model_copy(
        update={**fields, "s3_bucket_prefix": f"documents-{worker}", "upload_limit_bytes": LIMIT}
    )


@pytest.fixture
async def store(settings: Settings) -> AsyncIterator[BlobStore]:
    store = BlobStore(settings)
    await store.open()
    yield store
    await store.close()


@pytest.fixture
async def database(settings: Settings) -> AsyncIterator[Database]:
    database = Database(SERVICE, settings.database_url(SERVICE), pool_size=3)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
def documents(store: BlobStore, database: Database, settings: Settings) -> Documents:
    return Documents(SERVICE, store, database, settings)
