"""Specimens of projects."""

from tests.kit.specimens.ground import Ground, Maker


async def settle(ground: Ground) -> None:
    return None


MAKERS: dict[str, Maker] = {}
