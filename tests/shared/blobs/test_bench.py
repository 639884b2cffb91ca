"""The measurement itself, at small size: it must run, clean up after itself, and stay within the memory bar."""

from infra.bench import documents as bench
from infra.bench.documents_service import SUBJECT
from shared.blobs.store import BlobStore
from shared.db.engine import Database
from shared.kernel.settings import Settings
from tests.shared.blobs.conftest import person


async def test_the_measurement_runs_and_leaves_nothing(
    settings: Settings, store: BlobStore, database: Database
) -> None:
    result = await bench.run(settings, quick=True)
    assert result.figures["memory_growth_mb"] < bench.MEMORY_BAR_MB
    assert result.ratio["up"] > 0
    assert result.ratio["down"] > 0
    async with database.read(person()) as read:
        assert not await read.rows("SELECT id FROM documents WHERE uploaded_by = %(by)s", {"by": SUBJECT})
