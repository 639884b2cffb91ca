"""Every page in both languages, with something on it."""

import re
from datetime import UTC, datetime

import pytest

from shared.contracts.ip import AssetRegistered
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.ip_registry.patents.test_batches import imported, record
from tests.services.ip_registry.scene import Scene, project_started


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_is_whole_in_both_languages(scene: Scene, language: str) -> None:
    everything = someone(*Role)
    scene.officer = everything
    started = project_started(everything)
    await scene.ip.hear(started)
    disclosed = await scene.triaged(everything, project_id=str(started.id))
    filed = await scene.disclosure(everything)
    asset = await scene.asset(
        everything.organisation_id, disclosure_id=disclosed["id"], filed_on=datetime.now(UTC).date().isoformat()
    )
    bare = await scene.asset(new_id(), kind="software_copyright")
    for fact in await scene.ip.said(AssetRegistered):
        await scene.ip.hear(AssetRegistered.model_validate(fact["data"]))
    await imported(scene, record("1"))
    (patent,) = await scene.ip.rows("SELECT id FROM patents")
    for path in (
        "/disclosures",
        "/disclosures/new",
        f"/disclosures/new?project={started.id}",
        f"/disclosures/{filed['id']}",
        f"/disclosures/{disclosed['id']}",
        "/assets",
        "/assets/new",
        f"/assets/new?disclosure={disclosed['id']}",
        f"/assets/{asset['id']}",
        f"/assets/{asset['id']}/deadlines",
        f"/assets/{bare['id']}/deadlines",
        "/patents",
        f"/patents/{patent['id']}",
    ):
        page = await scene.page(everything, path, language=language)
        assert page.status_code == 200, path
        (title,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)
        named = "Pulsed" in title and "的期限" not in title and "Deadlines" not in title
        assert named or bool(re.search(r"[一-鿿]", title)) == (language == "zh"), (path, title)
        assert "&lt;time" not in page.text, path


@pytest.mark.parametrize("path", ["/disclosures", "/assets", "/patents"])
async def test_an_empty_list_says_what_to_do(scene: Scene, path: str) -> None:
    page = await scene.page(someone(Role.APPLICANT), path)
    assert page.status_code == 200
    assert 'class="empty' in page.text


async def test_pages_answer_for_things_that_are_not_there(scene: Scene) -> None:
    for noun in ("disclosures", "assets", "patents"):
        assert (await scene.page(scene.officer, f"/{noun}/{new_id()}")).status_code == 404
        assert (await scene.page(scene.officer, f"/{noun}/nonsense")).status_code in (404, 422)
