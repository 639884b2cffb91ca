"""A sealed paper as anybody checks it: by dropping the file, by its number, and what is told of it."""

from typing import Any

from services.project_management.app import publish_receipt_key
from tests.kit.platform import Running
from tests.services.project_management.world import API

TOLD = {"kind", "number", "sha256", "submitted_at", "newest", "valid", "statement"}


async def checked(projects: Running, file: bytes, kind: str, secrets: tuple[str, ...] = ()) -> dict[str, Any]:
    """What a visitor learns of this paper; nothing of `secrets`."""
    await publish_receipt_key(projects.service)
    async with projects.client() as visitor:
        answer = (await visitor.post(f"{API}/receipts/checks", files={"file": ("p.pdf", file)})).json()
        assert (answer["sealed"], answer["genuine"]) == (True, True)
        (found,) = answer["receipts"]
        assert set(found) == TOLD
        assert (found["kind"], found["valid"]) == (kind, True)
        changed = file.replace(b"/A4", b"/A5").replace(b"obj", b"OBJ", 1)
        false = (await visitor.post(f"{API}/receipts/checks", files={"file": ("p.pdf", changed)})).json()
        assert (false["genuine"], false["receipts"]) == (False, []), "a number is believed only under a seal that holds"
        by_number = await visitor.get(f"/projects/receipts/{found['number']}")
        assert by_number.status_code == 200
        for secret in secrets:
            assert secret not in by_number.text
            assert secret not in str(answer)
    return dict(found)
