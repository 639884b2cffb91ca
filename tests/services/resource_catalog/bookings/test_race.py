"""Many people press the same button at once."""

import asyncio
from datetime import UTC, datetime

import psycopg
import pytest

from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.kit.tokens import headers_for
from tests.services.resource_catalog.scene import API, Scene, at, ok


async def test_of_fifty_requests_for_one_slot_exactly_one_wins_and_the_others_get_alternatives(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    facility = await scene.facility(keeper)
    bookers = [await scene.member(Role.APPLICANT) for _ in range(5)]
    wish = {"facility_id": facility, "starts_at": at(10), "ends_at": at(12), "purpose": "Fatigue test"}
    for booker in bookers:
        await scene.catalog.know(booker)

    async with scene.catalog.client() as client:
        answers = await asyncio.gather(
            *(
                client.post(f"{API}/bookings", json=wish, headers=headers_for(bookers[number % 5].subject))
                for number in range(50)
            )
        )

    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [201] + [409] * 49
    for answer in answers:
        if answer.status_code == 409:
            body = answer.json()
            assert body["code"] == "slot-taken"
            assert len(body["alternatives"]) == 5
            assert body["alternatives"][0] == {
                "starts_at": _utc(at(8)),
                "ends_at": _utc(at(10)),
            }
    rows = await scene.catalog.rows("SELECT count(*) AS n FROM bookings")
    assert rows == [{"n": 1}]
    said = await scene.catalog.rows("SELECT count(*) AS n FROM outbox WHERE type LIKE '%%booking.confirmed%%'")
    assert said == [{"n": 1}]


async def test_neighbouring_slots_booked_at_once_all_succeed(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    facility = await scene.facility(keeper)
    booker = await scene.member(Role.REPRESENTATIVE)
    await scene.catalog.know(booker)

    async def book(hour: int) -> int:
        wish = {"facility_id": facility, "starts_at": at(hour), "ends_at": at(hour + 1), "purpose": "Test"}
        return (await scene.call(booker, "POST", "/bookings", json=wish)).status_code

    assert await asyncio.gather(*(book(hour) for hour in range(8, 20))) == [201] * 12


async def test_the_database_itself_refuses_two_confirmed_bookings_of_one_time(scene: Scene) -> None:
    keeper = await scene.member(Role.FACILITY_OWNER)
    facility = await scene.facility(keeper)
    booker = await scene.member(Role.APPLICANT)
    wish = {"facility_id": facility, "starts_at": at(10), "ends_at": at(12), "purpose": "Test"}
    made = ok(await scene.call(booker, "POST", "/bookings", json=wish), 201)

    copy = """INSERT INTO bookings (id, version, created_at, facility_id, organisation_id, project_title, starts_at,
                                    ends_at, purpose, label, charge_amount, charge_currency, state, state_reason,
                                    booked_by, trace)
              SELECT gen_random_uuid(), 1, now(), facility_id, organisation_id, '', starts_at + interval '1 hour',
                     ends_at, purpose, label, 0, 'CNY', %(state)s, '', 'x', '{}' FROM bookings WHERE id = %(id)s"""
    auditor = someone(Role.AUDITOR, clearance=SecurityLabel.CONFIDENTIAL)
    with pytest.raises(psycopg.errors.ExclusionViolation):
        async with scene.catalog.work(auditor) as work:
            await work.execute(copy, {"id": made["id"], "state": "confirmed"})
    async with scene.catalog.work(auditor) as work:
        assert await work.execute(copy, {"id": made["id"], "state": "cancelled"}) == 1


def _utc(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()
