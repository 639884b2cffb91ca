"""Disclosures for people."""

from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.ip_registry.scene import Scene

FORM = {
    "title": "Pulsed cooling",
    "abstract": "A jet.",
    "label": "internal",
    "inventors-0-name": "Zhao",
    "inventors-0-share": "1/1",
}


async def test_the_form_keeps_what_was_typed_and_says_what_is_wrong(scene: Scene) -> None:
    form = FORM | {"title": "Kept title", "abstract": "", "inventors-0-share": "3/5"}
    page = await scene.page(someone(Role.APPLICANT), "/disclosures/new", form)
    assert page.status_code == 422
    assert "Kept title" in page.text
    assert "aria-invalid" in page.text
    assert "2/5 is missing" in page.text
    chinese = await scene.page(someone(Role.APPLICANT), "/disclosures/new", form, "zh")
    assert "尚缺 2/5" in chinese.text


async def test_the_form_offers_no_label_that_would_be_refused(scene: Scene) -> None:
    page = (await scene.page(someone(Role.APPLICANT), "/disclosures/new")).text
    assert '<option value="internal" selected>' in page
    assert '<option value="public"' not in page
    assert '<option value="controlled"' not in page


async def test_the_pages_lead_from_filing_to_triage(scene: Scene) -> None:
    applicant = someone(Role.APPLICANT)
    made = await scene.page(applicant, "/disclosures/new", FORM)
    assert made.status_code == 303, made.text
    path = made.headers["location"].split("?")[0].removeprefix("/ip")
    assert "Pulsed cooling" in (await scene.page(applicant, path)).text
    assert "Pulsed cooling" in (await scene.page(applicant, "/disclosures")).text
    assert 'name="outcome"' not in (await scene.page(applicant, path)).text
    assert 'name="outcome"' in (await scene.page(scene.officer, path)).text
    missing = await scene.page(scene.officer, f"{path}/triage", {"outcome": "publish", "reason": "", "version": "1"})
    assert missing.status_code == 422
    done = await scene.page(scene.officer, f"{path}/triage", {"outcome": "protect", "reason": "New.", "version": "1"})
    assert done.status_code == 303, done.text
    assert "/ip/assets/new?disclosure=" in (await scene.page(scene.officer, path)).text


async def test_an_asset_is_registered_where_the_triage_says_so_and_offered_once(scene: Scene) -> None:
    owner = someone(Role.APPLICANT)
    organisation = await scene.organisation("Institute of Tests", owner.organisation_id)
    published = await scene.triaged(owner, "publish")
    page = (await scene.page(scene.officer, f"/disclosures/{published['id']}")).text
    assert "/ip/assets/new?disclosure=" not in page
    led_back = await scene.page(scene.officer, f"/assets/new?disclosure={published['id']}")
    assert (led_back.status_code, led_back.headers["location"]) == (303, f"/ip/disclosures/{published['id']}")
    made = await scene.triaged(owner)
    await scene.asset(organisation, disclosure_id=made["id"], title="Pulsed jet")
    page = (await scene.page(scene.officer, f"/disclosures/{made['id']}")).text
    assert "Register the asset" not in page
    assert "Register another asset" in page
    assert "Pulsed jet" in page
    assert "Register another asset" not in (await scene.page(owner, f"/disclosures/{made['id']}")).text


async def test_a_stale_triage_shows_both_decisions_and_offers_no_way_to_overwrite(scene: Scene) -> None:
    made = await scene.triaged(someone(Role.APPLICANT))
    path = f"/disclosures/{made['id']}/triage"
    mine = {"outcome": "publish", "reason": "No market.", "version": "1"}
    stale = await scene.page(scene.officer, path, mine)
    assert stale.status_code == 412
    assert "No market." in stale.text
    assert "Novel." in stale.text
    assert "Save my version" not in stale.text
    late = await scene.page(scene.officer, path, mine | {"version": "2"})
    assert late.status_code == 409
    assert "It has been decided already" in late.text
    chinese = await scene.page(scene.officer, path, mine | {"version": "2"}, "zh")
    assert "该披露已作出决定" in chinese.text
