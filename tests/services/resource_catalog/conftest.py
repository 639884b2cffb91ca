import pytest

from tests.kit.platform import Running
from tests.services.resource_catalog.scene import Scene


@pytest.fixture
async def scene(catalog: Running) -> Scene:
    return Scene(catalog)
