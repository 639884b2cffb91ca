from datetime import datetime

from shared.contracts.catalog import FacilityPublished
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.resource_catalog.scene import FACILITY, Scene, at, ok


async def test_a_facility_is_a_draft_of_its_owner_until_it_is_published(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    reader = someone(Role.APPLICANT)
    answer = await scene.call(keeper, "POST", "/facilities", json=FACILITY)
    made = ok(answer, 201)
    assert made["price"] == FACILITY["price"]
    path = f"/facilities/{made['id']}"
    ok(await scene.call(reader, "GET", path), 404)
    assert ok(await scene.call(reader, "GET", "/facilities"))["items"] == []
    stranger = await scene.member(Role.FACILITY_OWNER)
    ok(await scene.call(stranger, "POST", f"{path}/publication"), 404)
    ok(await scene.call(keeper, "POST", f"{path}/publication"))
    ok(await scene.call(keeper, "POST", f"{path}/publication"), 409)
    assert [row["id"] for row in ok(await scene.call(reader, "GET", "/facilities"))["items"]] == [made["id"]]
    (said,) = await scene.catalog.said(FacilityPublished)
    assert said["data"]["owner"]["name"] == "Institute of Light Alloys"


async def test_only_the_owners_organisation_enters_facilities(scene: Scene) -> None:
    organisation = await scene.organisation()
    for who in (someone(Role.APPLICANT, organisation_id=organisation), scene.coordinator):
        ok(await scene.call(who, "POST", "/facilities", json=FACILITY), 403)
    keeper = await scene.member(Role.FACILITY_OWNER, organisation_id=organisation)
    other = {"organisation_id": str(await scene.organisation("Other"))}
    ok(await scene.call(keeper, "POST", "/facilities", json=FACILITY | other), 404)
    body = ok(await scene.call(keeper, "POST", "/facilities", json=FACILITY | {"label": "confidential"}), 422)
    assert body["errors"][0]["pointer"] == "/label"


async def test_a_draft_is_corrected_and_what_is_published_is_not(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    made = ok(await scene.call(keeper, "POST", "/facilities", json=FACILITY), 201)
    path = f"/facilities/{made['id']}"
    change = {"closes_at": "18:00", "region": "Chengdu", "price": {"amount": "900.00", "currency": "CNY"}}
    changed = ok(await scene.call(keeper, "PATCH", path, json=change, headers={"If-Match": '"1"'}))
    assert (changed["version"], changed["region"], changed["name"]) == (2, "Chengdu", made["name"])
    assert changed["closes_at"].startswith("18:00")
    assert changed["price"]["amount"] == "900.00"
    stale = await scene.call(keeper, "PATCH", path, json={"region": "Ya'an"}, headers={"If-Match": '"1"'})
    assert ok(stale, 412)["current_version"] == 2
    for wrong, pointer in (({"opens_at": "19:00"}, "/closes_at"), ({"slot_minutes": 180}, "/slot_minutes")):
        refused = ok(await scene.call(keeper, "PATCH", path, json=wrong), 422)
        assert refused["errors"][0]["pointer"] == pointer
        assert refused["errors"][0]["detail"].endswith(".")
    ok(await scene.call(await scene.member(Role.FACILITY_OWNER), "PATCH", path, json=change), 404)
    ok(await scene.call(keeper, "POST", f"{path}/publication"))
    ok(await scene.call(keeper, "PATCH", path, json={"region": "Mianyang"}), 409)


async def test_the_form_of_a_draft_keeps_what_is_there_and_shows_both_versions(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    made = ok(await scene.call(keeper, "POST", "/facilities", json=FACILITY), 201)
    path = f"/facilities/{made['id']}"
    assert f"{path}/edit" in (await scene.page(keeper, path)).text
    form = (await scene.page(keeper, f"{path}/edit")).text
    assert 'value="Large vibration table"' in form
    assert 'value="20:00"' in form
    typed = {name: value for name, value in FACILITY.items() if name != "price"}
    typed |= {"label": "public", "lead_minutes": "60", "price-amount": "1,300", "price-currency": "CNY"}
    typed |= {"horizon_days": "30"}
    assert (await scene.page(keeper, f"{path}/edit", typed | {"version": "1"})).status_code == 303
    assert "CNY 1,300" in (await scene.page(keeper, path)).text
    stale = await scene.page(keeper, f"{path}/edit", typed | {"name": "Other table", "version": "1"})
    assert stale.status_code == 412
    assert "Other table" in stale.text
    ok(await scene.call(keeper, "POST", f"{path}/publication"))
    assert (await scene.page(keeper, f"{path}/edit")).status_code == 303
    assert f"{path}/edit" not in (await scene.page(keeper, path)).text


async def test_a_labelled_facility_does_not_exist_for_lower_clearances(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER, clearance=SecurityLabel.CONTROLLED)
    facility = await scene.facility(keeper, label="controlled")
    for clearance in SecurityLabel:
        reader = someone(Role.APPLICANT, clearance=clearance)
        visible = SecurityLabel.CONTROLLED.readable_with(clearance)
        ok(await scene.call(reader, "GET", f"/facilities/{facility}"), 200 if visible else 404)
        ok(await scene.call(reader, "GET", f"/facilities/{facility}/slots?day=2026-12-01"), 200 if visible else 404)
        assert len(ok(await scene.call(reader, "GET", "/facilities?search=vibration"))["items"]) == visible


async def test_hours_that_do_not_fit_are_refused(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    for change, pointer in (
        ({"opens_at": "20:00", "closes_at": "08:00"}, "/closes_at"),
        ({"slot_minutes": 50}, "/slot_minutes"),
        ({"slot_minutes": 180, "max_hours": 2}, "/max_hours"),
        ({"opens_at": "08:00:30"}, "/opens_at"),
        ({"price": {"amount": "-1.00"}}, "/price"),
        ({"price": {"amount": 1.5}}, "/price/amount"),
        ({"slot_minutes": 10**30}, "/slot_minutes"),
    ):
        body = ok(await scene.call(keeper, "POST", "/facilities", json=FACILITY | change), 422)
        assert pointer in [error["pointer"] for error in body["errors"]]


async def test_a_day_shows_every_slot_in_the_facilitys_zone(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    facility = await scene.facility(keeper)
    body = ok(await scene.call(keeper, "GET", f"/facilities/{facility}/slots?day={at(8, 30)[:10]}"))
    assert len(body["slots"]) == 12
    assert datetime.fromisoformat(body["slots"][0]["starts_at"]) == datetime.fromisoformat(at(8, 30))
    assert {slot["state"] for slot in body["slots"]} == {"free"}
    past = ok(await scene.call(keeper, "GET", f"/facilities/{facility}/slots?day=2020-12-01"))
    assert {slot["state"] for slot in past["slots"]} == {"past"}
    later = ok(await scene.call(keeper, "GET", f"/facilities/{facility}/slots?day=2036-12-01"))
    assert {slot["state"] for slot in later["slots"]} == {"later"}
    for day in ("0001-01-01", "9999-12-31", "today"):
        ok(await scene.call(keeper, "GET", f"/facilities/{facility}/slots?day={day}"), 422)


async def test_pages_lead_from_the_form_to_the_calendar_and_to_booking(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    booker = await scene.member(Role.APPLICANT)
    assert (await scene.page(keeper, "/facilities/new")).status_code == 200
    form = {name: value for name, value in FACILITY.items() if name != "price"}
    form |= {"label": "public", "lead_minutes": "60", "price-amount": "1,200", "price-currency": "CNY"}
    bad = await scene.page(keeper, "/facilities/new", form | {"region": "", "name": "Kept name"})
    assert bad.status_code == 422
    assert "Kept name" in bad.text
    made = await scene.page(keeper, "/facilities/new", form)
    assert made.status_code == 303
    path = made.headers["location"].removeprefix("/catalog")
    assert "Publish" in (await scene.page(keeper, path)).text
    assert (await scene.page(keeper, f"{path}/publication", {"version": "1"})).status_code == 303
    day = at(10)[:10]
    shown = await scene.page(booker, f"{path}?day={day}")
    assert shown.text.count("Book from here") == 12
    assert "CNY 1,200" in shown.text
    assert (await scene.page(booker, f"{path}?day=9999-12-31")).status_code == 200
    assert "Large vibration table" in (await scene.page(booker, "/facilities?kind=test_centre")).text
    assert (
        await scene.page(booker, f"/bookings/new?facility_id={path.rsplit('/', 1)[1]}&day={day}")
    ).status_code == 200
