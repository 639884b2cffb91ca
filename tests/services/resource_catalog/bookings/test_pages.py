import re

from shared.kernel.types import Role
from tests.services.resource_catalog.scene import Scene, at, ok


async def test_the_loser_of_a_slot_gets_alternatives_as_buttons_and_keeps_what_was_typed(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    booker = await scene.member(Role.APPLICANT)
    facility = await scene.facility(keeper)
    project = await scene.project(booker.organisation_id)
    wish = {"facility_id": facility, "starts_at": at(10), "ends_at": at(12), "purpose": "First"}
    ok(await scene.call(booker, "POST", "/bookings", json=wish), 201)

    form = {
        "facility_id": facility,
        "starts_at": at(10)[:16],
        "ends_at": at(12)[:16],
        "project_id": str(project),
        "purpose": "Second <test>",
    }
    page = await scene.page(booker, "/bookings/new", form)
    assert page.status_code == 409
    assert "Second &lt;test&gt;" in page.text
    offers = re.findall(r'<form class="small-form".*?</form>', page.text, re.S)
    assert len(offers) == 5
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', offers[0]))
    assert fields["purpose"] == "Second &lt;test&gt;"
    assert fields["project_id"] == str(project)

    taken = await scene.page(booker, "/bookings/new", fields | {"purpose": "Second"})
    assert taken.status_code == 303
    shown = await scene.page(booker, taken.headers["location"].removeprefix("/catalog"))
    assert "Confirmed" in shown.text
    assert "Light alloys for drones" in shown.text


async def test_a_booking_form_says_what_is_wrong_beside_the_field(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    booker = await scene.member(Role.APPLICANT)
    facility = await scene.facility(keeper)
    empty = await scene.page(booker, f"/bookings/new?facility_id={facility}")
    assert empty.status_code == 200
    missing = await scene.page(booker, "/bookings/new", {"facility_id": facility, "purpose": "Kept words"})
    assert missing.status_code == 422
    assert "Kept words" in missing.text
    assert "Fill this in." in missing.text
    early = {"facility_id": facility, "starts_at": at(6)[:16], "ends_at": at(9)[:16], "purpose": "x"}
    refused = await scene.page(booker, "/bookings/new", early)
    assert refused.status_code == 422
    assert "The facility is not open throughout this time." in refused.text
    assert "It opens at 08:00 and closes at 20:00, Beijing time." in refused.text
    chinese = await scene.page(booker, "/bookings/new", early, "zh")
    assert "开放时间为 08:00 至 20:00（北京时间）。" in chinese.text
    assert "It opens at" not in chinese.text


async def test_a_booking_can_be_cancelled_on_its_page(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    booker = await scene.member(Role.APPLICANT)
    facility = await scene.facility(keeper)
    wish = {"facility_id": facility, "starts_at": at(10), "ends_at": at(12), "purpose": "First"}
    made = ok(await scene.call(booker, "POST", "/bookings", json=wish), 201)
    lists = await scene.page(keeper, f"/bookings?facility={facility}")
    assert made["id"] in lists.text
    without = await scene.page(keeper, f"/bookings/{made['id']}/cancellation", {"version": "1", "reason": ""})
    assert without.status_code == 422
    gone = await scene.page(keeper, f"/bookings/{made['id']}/cancellation", {"version": "1", "reason": "Broken"})
    assert gone.status_code == 303
    assert "Cancelled" in (await scene.page(booker, f"/bookings/{made['id']}")).text
