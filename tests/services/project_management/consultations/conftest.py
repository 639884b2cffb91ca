"""The scene of every test about requirements."""

import pytest

from tests.kit.platform import Running
from tests.services.project_management.requirements.scene import Scene, scene_of


@pytest.fixture
async def scene(projects: Running) -> Scene:
    return await scene_of(projects)
