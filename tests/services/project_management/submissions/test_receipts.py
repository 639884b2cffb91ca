"""Whoever hands in gets a receipt that anybody can check, and that tells nobody else what was handed in."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from services.project_management.app import publish_receipt_key
from services.project_management.applications import actions
from services.project_management.receipts.keys import unsealed
from services.project_management.snapshots import canonical
from tests.kit.platform import Running
from tests.services.project_management.ready import (
    LI,
    OTHER,
    ZHAO,
    know_everybody,
    released_call,
    submitted_application,
)

pytestmark = pytest.mark.anyio
API = "/projects/api/v1"
ALL_THAT_IS_TOLD = {"kind", "number", "sha256", "submitted_at", "newest", "valid", "statement", "key_id", "signature"}


@pytest.fixture
async def ready(projects: Running) -> Running:
    await know_everybody(projects)
    await publish_receipt_key(projects.service)
    return projects


async def number_of(projects: Running) -> str:
    (row,) = await projects.rows("SELECT number FROM receipts")
    return str(row["number"])


async def test_a_submission_gives_a_receipt_that_anybody_checks(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id)
    number = await number_of(ready)
    async with ready.client() as visitor:
        found = (await visitor.get(f"{API}/receipts/{number.lower()}")).json()
        assert (found["number"], found["sha256"], found["valid"]) == (number, mine.sha256, True)
        assert set(found) == ALL_THAT_IS_TOLD
        assert (found["kind"], found["newest"]) == ("receipt", True)
        (key,) = (await visitor.get(f"{API}/receipts/keys")).json()["items"]
        public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key["public_key"]))
        public.verify(base64.b64decode(found["signature"]), canonical(found["statement"])[0].encode())
        page = await visitor.get(f"/projects/receipts/{number}")
        assert page.status_code == 200
        for secret in (mine.title, mine.abstract, mine.lead_name, str(mine.id), ZHAO.subject, call.title):
            assert secret not in page.text
            assert secret not in json.dumps(found)
        for pasted in (number.replace("-", ""), str(mine.sha256).upper()):
            shown = await visitor.get("/projects/receipts", params={"about": pasted})
            assert number in shown.text
        assert (
            "neither the number of a paper" in (await visitor.get("/projects/receipts", params={"about": "what?"})).text
        )
        assert "Nothing with this hash" in (await visitor.get("/projects/receipts", params={"about": "0" * 64})).text
        for unknown in ("HC-0000-0000-0000", "nothing", "%00", "x" * 500):
            assert (await visitor.get(f"{API}/receipts/{unknown}")).status_code == 404
            assert (await visitor.get(f"/projects/receipts/{unknown}")).status_code == 404


async def test_what_was_changed_in_the_database_is_no_longer_valid(ready: Running) -> None:
    call = await released_call(ready)
    await submitted_application(ready, call.id)
    number = await number_of(ready)
    async with ready.work(LI) as work:
        await work.execute("UPDATE application_versions SET content = replace(content, 'Magnesium', 'Aluminium')")
    async with ready.client() as visitor:
        assert (await visitor.get(f"{API}/receipts/{number}")).json()["valid"] is False
        assert "not valid" in (await visitor.get(f"/projects/receipts/{number}")).text


async def test_the_pdf_is_its_partys_alone_and_its_seal_holds(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id, title="镁合金座椅骨架")
    path = f"{API}/applications/{mine.id}/versions/1/receipt"
    async with ready.client(ZHAO) as zhao:
        english = await zhao.get(path)
        chinese = await zhao.get(path, headers={"Accept-Language": "zh-CN"})
        assert english.headers["content-type"] == "application/pdf"
        assert english.content != chinese.content
        assert (await zhao.get(path.replace("/1/", "/2/"))).status_code == 404
        assert "Receipt as PDF, signed" in (await zhao.get(f"/projects/applications/{mine.id}")).text
        snapshot = (await zhao.get(f"{API}/applications/{mine.id}/versions/1")).content
    async with ready.client(OTHER) as other:
        assert (await other.get(path)).status_code == 404
        assert (await other.get(f"{API}/applications/{mine.id}/versions")).status_code == 404
        assert (await other.get(f"/projects/applications/{mine.id}/versions")).status_code == 404
    async with ready.client() as visitor:
        for file, genuine in (
            (chinese.content, True),
            (chinese.content.replace(b"/A4", b"/A5").replace(b"obj", b"OBJ", 1), False),
        ):
            answer = (await visitor.post(f"{API}/receipts/checks", files={"file": ("r.pdf", file)})).json()
            assert (answer["sealed"], answer["genuine"]) == (True, genuine)
            assert [one["number"] for one in answer["receipts"]] == ([await number_of(ready)] if genuine else [])
        whole = (await visitor.post(f"{API}/receipts/checks", files={"file": ("s.json", snapshot)})).json()
        assert whole["sha256"] == mine.sha256 == hashlib.sha256(snapshot).hexdigest()
        assert [one["number"] for one in whole["receipts"]] == [await number_of(ready)]
        page = await visitor.post("/projects/receipts/checks", files={"file": ("r.pdf", chinese.content)})
        assert "issued by this platform and has not been changed" in page.text
        changed = await visitor.post("/projects/receipts/checks", files={"file": ("r.pdf", b"x" + chinese.content)})
        assert "was changed after it was issued" in changed.text
        assert (
            "Exactly this content"
            in (await visitor.post("/projects/receipts/checks", files={"file": ("s.json", snapshot)})).text
        )
        nothing = await visitor.post("/projects/receipts/checks", files={"file": ("n.txt", b"nothing")})
        assert "neither a paper" in nothing.text
        large = await visitor.post(f"{API}/receipts/checks", files={"file": ("l.pdf", b"x" * (4 * 1024 * 1024 + 1))})
        assert large.status_code == 413
        assert (await visitor.post(f"{API}/receipts/checks", data={"file": "no file"})).status_code == 422
        assert (await visitor.post("/projects/receipts/checks", files={})).status_code in (400, 422)
    seal = unsealed(chinese.content)
    assert seal is not None


async def test_a_submission_that_fails_gives_no_receipt(ready: Running) -> None:
    call = await released_call(ready)
    mine = await submitted_application(ready, call.id)
    with pytest.raises(Exception, match="submitted"):
        async with ready.work(ZHAO) as work:
            await actions.submit_application(work, mine.id, None)
    assert len(await ready.rows("SELECT 1 FROM receipts")) == 1
