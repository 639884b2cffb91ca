"""Assets for people."""

import re

from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.ip_registry.scene import Scene, project_started


def form(organisation: object, **changed: str) -> dict[str, str]:
    return {
        "title": "Pulsed cooling",
        "kind": "patent",
        "office": "CN",
        "application_number": "202610012345.1",
        "filed_on": "2026-03-02",
        "label": "internal",
        "shares-0-organisation_id": str(organisation),
        "shares-0-share": "100%",
        "inventors-0-name": "Zhao",
        "inventors-0-share": "1",
    } | changed


async def test_the_form_opened_from_a_disclosure_is_filled_in(scene: Scene) -> None:
    owner = someone(Role.APPLICANT)
    await scene.organisation("Institute of Tests", owner.organisation_id)
    disclosed = await scene.triaged(owner)
    page = (await scene.page(scene.officer, f"/assets/new?disclosure={disclosed['id']}")).text
    assert f'name="disclosure_id" value="{disclosed["id"]}"' in page
    assert 'value="Pulsed cooling of melts"' in page
    assert '<option value="patent" selected>' in page
    assert f'<option value="{owner.organisation_id}" selected>' in page
    assert 'value="Sun Jie"' in page
    assert 'value="2/5"' in page


async def test_an_empty_form_offers_internal_and_no_label_above_the_clearance(scene: Scene) -> None:
    page = (await scene.page(scene.officer, "/assets/new")).text
    assert '<option value="internal" selected>' in page
    assert '<option value="controlled"' not in page


async def test_faults_stand_beside_their_fields_in_the_readers_language(scene: Scene) -> None:
    organisation = await scene.organisation()
    wrong = form(organisation, office="", **{"shares-0-share": "3/5"})
    short = await scene.page(scene.officer, "/assets/new", wrong, "zh")
    assert short.status_code == 422
    assert "尚缺 2/5" in short.text
    missing = await scene.page(scene.officer, "/assets/new", form(organisation, office=""))
    assert missing.status_code == 422
    field = re.search(r'<input[^>]*name="office"[^>]*>', missing.text)
    assert field
    assert "aria-invalid" in field.group()
    assert "two-letter code" in missing.text
    assert 'value="202610012345.1"' in missing.text


async def test_a_registered_asset_shows_holders_dates_and_where_it_comes_from(scene: Scene) -> None:
    lead = someone(Role.APPLICANT)
    organisation = await scene.organisation("Institute of Tests", lead.organisation_id)
    started = project_started(lead)
    await scene.ip.hear(started)
    disclosed = await scene.triaged(lead, project_id=str(started.id))
    made = await scene.page(scene.officer, "/assets/new", form(organisation, disclosure_id=disclosed["id"]))
    assert made.status_code == 303, made.text
    again = await scene.page(scene.officer, "/assets/new", form(organisation))
    assert again.status_code == 409
    assert "has its dossier already" in again.text
    path = made.headers["location"].split("?")[0].removeprefix("/ip")
    shown = (await scene.page(lead, path)).text
    assert "100 %" in shown
    assert "2026-03-02" not in re.sub(r"<time[^>]*>", "", shown)
    assert "Bearing cages" in shown
    assert f"/ip/disclosures/{disclosed['id']}" in shown


async def test_a_holder_outside_the_project_reads_neither_its_title_nor_the_disclosure(scene: Scene) -> None:
    lead, holder = someone(Role.APPLICANT), someone(Role.APPLICANT)
    started = project_started(lead)
    await scene.ip.hear(started)
    disclosed = await scene.triaged(lead, project_id=str(started.id))
    made = await scene.asset(lead.organisation_id, holder.organisation_id, disclosure_id=disclosed["id"])
    shown = await scene.page(holder, f"/assets/{made['id']}")
    assert shown.status_code == 200
    assert "Bearing cages" not in shown.text
    assert disclosed["id"] not in shown.text
