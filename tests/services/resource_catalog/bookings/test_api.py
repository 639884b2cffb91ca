from typing import Any

from icalendar import Calendar

from services.resource_catalog.bookings.rules import terms
from shared.contracts.catalog import BookingCancelled, BookingConfirmed
from shared.kernel.ids import new_id
from shared.kernel.trace import DecisionTrace
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Someone, someone
from tests.services.resource_catalog.scene import FACILITY, Scene, at, ok


async def _ready(scene: Scene, **changes: Any) -> tuple[Someone, Someone, str]:
    keeper = await scene.member(Role.FACILITY_OWNER)
    booker = await scene.member(Role.APPLICANT)
    return keeper, booker, await scene.facility(keeper, **changes)


def _wish(facility: str, first: int = 10, last: int = 12, **more: Any) -> dict[str, Any]:
    return {"facility_id": facility, "starts_at": at(first), "ends_at": at(last), "purpose": "Fatigue test", **more}


async def test_a_booking_for_a_project_is_confirmed_at_once_with_its_reasons_and_its_charge(scene: Scene) -> None:
    keeper, booker, facility = await _ready(scene)
    project = await scene.project(new_id(), booker.organisation_id)
    answer = await scene.call(booker, "POST", "/bookings", json=_wish(facility, project_id=str(project)))
    made = ok(answer, 201)
    assert answer.headers["location"].endswith(made["id"])
    assert made["state"] == "confirmed"
    assert made["charge"] == {"amount": "2400.00", "currency": "CNY"}
    trace = DecisionTrace.model_validate(made["trace"])
    assert trace.result == "yes"
    assert trace.repeats(terms)
    (said,) = await scene.catalog.said(BookingConfirmed)
    assert said["data"]["arises_from"] == [
        {"kind": "project", "id": str(project)},
        {"kind": "facility", "id": facility},
    ]
    assert said["data"]["label"] == "internal"
    assert set(said["data"]["owners"]) == {str(booker.organisation_id), str(keeper.organisation_id)}


async def test_a_taken_time_is_refused_with_free_times_near_it(scene: Scene) -> None:
    _, booker, facility = await _ready(scene)
    ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 201)
    other = await scene.member(Role.APPLICANT)
    refused = ok(await scene.call(other, "POST", "/bookings", json=_wish(facility, 11, 13)), 409)
    assert refused["code"] == "slot-taken"
    assert len(refused["alternatives"]) == 5
    begins = [slot["starts_at"] for slot in refused["alternatives"]]
    assert len(set(begins)) == 5


async def test_a_facility_is_booked_no_farther_ahead_than_its_owner_says(scene: Scene) -> None:
    _, booker, facility = await _ready(scene, horizon_days=30)
    far = {"starts_at": at(10, 200), "ends_at": at(12, 200)}
    refused = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility) | far), 422)
    assert {one["pointer"] for one in refused["errors"]} == {"/starts_at"}
    assert "Book at most 30 days ahead." in {one["detail"] for one in refused["errors"]}
    near = {"starts_at": at(10, 29), "ends_at": at(12, 29)}
    made = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility) | near), 201)
    before = {**made["trace"]["inputs"]["facility"]}
    del before["horizon_days"]
    old = terms({**made["trace"]["inputs"], "facility": before})
    assert (old.version, old.result) == (1, "yes"), "a trace of before is judged as it was"


async def test_an_alternative_can_be_booked_as_offered(scene: Scene) -> None:
    _, booker, facility = await _ready(scene)
    ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 201)
    refused = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 409)
    ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility) | refused["alternatives"][0]), 201)


async def test_each_term_that_is_not_kept_is_named_at_its_entry(scene: Scene) -> None:
    _, booker, facility = await _ready(scene)
    cases = [
        (_wish(facility, 6, 9), "/starts_at", "not open"),
        (_wish(facility, 8, 13), "/ends_at", "longer"),
        (_wish(facility, 12, 10), "/ends_at", "before it begins"),
        (_wish(facility) | {"starts_at": at(10, -2), "ends_at": at(11, -2)}, "/starts_at", "too soon"),
        (_wish(facility, project_id=str(new_id())), "/project_id", "no project"),
    ]
    for wish, pointer, words in cases:
        body = ok(await scene.call(booker, "POST", "/bookings", json=wish), 422)
        assert any(e["pointer"] == pointer and words in e["detail"] for e in body["errors"]), body


async def test_a_project_of_others_and_an_ended_one_are_refused(scene: Scene) -> None:
    _, booker, facility = await _ready(scene)
    foreign = await scene.project(new_id())
    body = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility, project_id=str(foreign))), 422)
    assert "no project with this number" in body["errors"][0]["detail"]


async def test_an_organisation_that_is_not_admitted_cannot_book(scene: Scene) -> None:
    _, _, facility = await _ready(scene)
    stranger = await scene.member(Role.APPLICANT, organisation_id=await scene.organisation(admitted=False))
    body = ok(await scene.call(stranger, "POST", "/bookings", json=_wish(facility)), 409)
    assert "not admitted" in body["detail"]


async def test_a_draft_facility_is_unknown_to_others_and_not_bookable_by_its_own(scene: Scene) -> None:
    organisation = await scene.organisation()
    keeper = someone(Role.FACILITY_OWNER, Role.APPLICANT, organisation_id=organisation)
    other = await scene.member(Role.APPLICANT)
    draft = ok(await scene.call(keeper, "POST", "/facilities", json=FACILITY), 201)["id"]
    ok(await scene.call(other, "POST", "/bookings", json=_wish(draft)), 404)
    body = ok(await scene.call(keeper, "POST", "/bookings", json=_wish(draft)), 409)
    assert "does not take bookings" in body["detail"]


async def test_others_see_that_a_slot_is_taken_and_nothing_more(scene: Scene) -> None:
    keeper, booker, facility = await _ready(scene)
    other = await scene.member(Role.APPLICANT)
    made = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 201)
    day = at(10)[:10]

    async def seen_by(who: Someone) -> list[tuple[str, str | None]]:
        body = ok(await scene.call(who, "GET", f"/facilities/{facility}/slots?day={day}"))
        return [(slot["state"], slot["booking_id"]) for slot in body["slots"]]

    assert (await seen_by(other))[2:4] == [("taken", None)] * 2
    for party in (keeper, booker):
        assert (await seen_by(party))[2:4] == [("taken", made["id"])] * 2
    assert (await seen_by(other))[1][0] == "free"
    ok(await scene.call(other, "GET", f"/bookings/{made['id']}"), 404)
    assert ok(await scene.call(other, "GET", "/bookings"))["items"] == []
    assert [b["id"] for b in ok(await scene.call(keeper, "GET", "/bookings"))["items"]] == [made["id"]]


async def test_a_reader_without_the_clearance_cannot_book_and_is_told_why(scene: Scene) -> None:
    _, _, facility = await _ready(scene)
    low = await scene.member(Role.APPLICANT, clearance=SecurityLabel.PUBLIC)
    body = ok(await scene.call(low, "POST", "/bookings", json=_wish(facility)), 403)
    assert "clearance" in body["detail"]


async def test_anothers_booking_reads_like_one_that_never_was_when_cancelling(scene: Scene) -> None:
    _, booker, facility = await _ready(scene)
    made = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 201)
    other = await scene.member(Role.APPLICANT)
    answers = [
        await scene.call(other, "POST", f"/bookings/{id}/cancellation", json={"reason": "Mine."})
        for id in (made["id"], new_id())
    ]
    assert [answer.status_code for answer in answers] == [404, 404]
    hidden, missing = (answer.json() for answer in answers)
    assert (hidden["title"], hidden["detail"]) == (missing["title"], missing["detail"])


async def test_a_cancelled_time_is_free_again(scene: Scene) -> None:
    keeper, booker, facility = await _ready(scene)
    made = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 201)
    path = f"/bookings/{made['id']}/cancellation"
    other = await scene.member(Role.APPLICANT, Role.FACILITY_OWNER)
    ok(await scene.call(other, "POST", path, json={"reason": "I want it"}), 404)
    ok(await scene.call(keeper, "POST", path, json={"reason": "x"}, headers={"If-Match": '"9"'}), 412)
    gone = ok(await scene.call(keeper, "POST", path, json={"reason": "The table is broken."}))
    assert (gone["state"], gone["state_reason"]) == ("cancelled", "The table is broken.")
    ok(await scene.call(booker, "POST", path, json={"reason": "again"}), 409)
    (said,) = await scene.catalog.said(BookingCancelled)
    assert said["version"] == 2
    ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 201)


async def test_the_owner_alone_reads_the_calendar_and_it_is_icalendar(scene: Scene) -> None:
    keeper, booker, facility = await _ready(scene)
    made = ok(await scene.call(booker, "POST", "/bookings", json=_wish(facility)), 201)
    ok(await scene.call(booker, "GET", f"/facilities/{facility}/calendar.ics"), 403)
    stranger = await scene.member(Role.FACILITY_OWNER)
    ok(await scene.call(stranger, "GET", f"/facilities/{facility}/calendar.ics"), 404)
    answer = await scene.call(keeper, "GET", f"/facilities/{facility}/calendar.ics")
    assert answer.headers["content-type"].startswith("text/calendar")
    (event,) = Calendar.from_ical(answer.text).walk("VEVENT")
    assert str(event["UID"]).startswith(made["id"])
    assert event.decoded("DTSTART").isoformat() == made["starts_at"].replace("Z", "+00:00")
