import pytest

from tests.kit.platform import Running
from tests.services.ip_registry.scene import Scene


@pytest.fixture
async def scene(ip: Running) -> Scene:
    return Scene(ip)
