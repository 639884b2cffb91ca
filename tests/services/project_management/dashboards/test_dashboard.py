"""The officers' dashboard counts what its reader may know, and nothing else."""

import csv
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from services.project_management.dashboards import rules
from services.project_management.dashboards.rules import Step
from shared.kernel.settings import Settings
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, running, someone
from tests.services.project_management.dashboards.crowd import crowd

pytestmark = pytest.mark.anyio
API = "/projects/api/v1/dashboard"


@dataclass
class Office:
    projects: Running
    li: Someone
    calls: dict[str, str]
    """Title → id."""

    async def told(self, person: Someone, **asked: Any) -> dict[str, Any]:
        async with self.projects.client(person) as http:
            answer = await http.get(API, params=asked)
            assert answer.status_code == 200, answer.text
            return dict(answer.json())


@pytest.fixture(scope="module")
async def office(settings: Settings) -> AsyncIterator[Office]:
    """Five calls: one is still open, one is above the officer's clearance."""
    async with running(settings, "projects") as projects:
        await projects.clear()
        li = someone(Role.PROGRAMME_OFFICER, organisation_name="Office")
        await crowd(projects, li.organisation_id, calls=5, applications=50)
        async with projects.work(li) as work:
            await work.execute(
                "UPDATE calls SET state = 'released', closes_at = now() + interval '1 day' WHERE title = 'Call 1'"
            )
            await work.execute("UPDATE calls SET label = 'confidential' WHERE title = 'Call 2'")
            await work.execute(
                """UPDATE applications SET label = 'confidential'
                   WHERE call_id = (SELECT id FROM calls WHERE title = 'Call 2')"""
            )
        known = await projects.rows("SELECT id, title FROM calls")
        yield Office(projects, li, {one["title"]: str(one["id"]) for one in known})


async def test_the_officer_reads_how_far_the_applications_of_each_call_are(office: Office) -> None:
    found = await office.told(office.li)
    assert [one["call"]["title"] for one in found["calls"]] == ["Call 1", "Call 3", "Call 4", "Call 5"]
    counts = {one["call"]["title"]: one["counts"] for one in found["calls"]}
    assert counts["Call 5"] | {"running": 0} == {
        **{step.value: 0 for step in Step},
        "begun": 10,
        "submitted": 5,
        "checked": 5,
        "reviewed": 0,
    }
    assert counts["Call 4"]["reviewed"] == 5
    assert found["funnel"]["counts"]["submitted"] == 5 + 3 * 10
    assert found["funnel"]["seconds"]["submitted"] == pytest.approx(10 * 86_400, abs=5_000)


async def test_before_the_close_nobody_is_told_what_was_begun_and_only_officers_what_was_submitted(
    office: Office,
) -> None:
    chen = someone(Role.COORDINATOR)
    for person, submitted in ((office.li, 10), (chen, None)):
        found = await office.told(person, call_id=office.calls["Call 1"])
        counts = [one["counts"]["submitted"] for one in found["calls"]]
        assert counts == ([submitted] if submitted else [])
        assert not found["funnel"]["counts"]["begun"]
        assert bool(found["waiting"]) is bool(submitted)


async def test_a_call_above_the_clearance_is_not_counted(office: Office) -> None:
    async with office.projects.client(office.li) as http:
        assert (await http.get(API, params={"call_id": office.calls["Call 2"]})).status_code == 404
        assert (await http.get("/projects/dashboard", params={"call": office.calls["Call 2"]})).status_code == 404
    cleared = someone(Role.AUDITOR, clearance=SecurityLabel.CONFIDENTIAL)
    found = await office.told(cleared, call_id=office.calls["Call 2"])
    assert found["funnel"]["counts"]["submitted"] == 10


async def test_who_applied_learns_nothing_of_that_call(office: Office) -> None:
    [row] = await office.projects.rows(
        "SELECT lead_id FROM applications WHERE call_id = %(id)s AND submitted_at IS NOT NULL LIMIT 1",
        id=office.calls["Call 4"],
    )
    both = someone(Role.PROGRAMME_OFFICER, organisation_id=row["lead_id"])
    found = await office.told(both)
    assert "Call 4" not in [one["call"]["title"] for one in found["calls"]]
    assert found["funnel"]["counts"]["submitted"] == 5 + 2 * 10
    async with office.projects.client(both) as http:
        assert (await http.get(API, params={"call_id": office.calls["Call 4"]})).status_code == 404


async def test_what_waits_is_told_with_what_is_late_and_by_whom(office: Office) -> None:
    found = await office.told(office.li)
    waits = {one["kind"]: one for one in found["waiting"]}
    [open_reviews] = await office.projects.rows(
        """SELECT count(*) AS n FROM reviews r JOIN calls c ON c.id = r.call_id
           WHERE r.state = 'accepted' AND c.title <> 'Call 2'"""
    )
    assert (waits["review"]["n"], waits["review"]["late"]) == (open_reviews["n"], open_reviews["n"])
    assert sum(one["open"] for one in found["experts"]) == open_reviews["n"]
    assert waits["check"]["n"] == waits["check"]["late"] == 5
    assert found["late"] == sorted(found["late"], key=lambda one: one["due"])
    assert {one["kind"] for one in found["late"]} <= set(waits)
    shares = {one["what"]: one for one in found["on_time"]}
    assert 0 < shares["reviews"]["kept"] < shares["reviews"]["due"]
    assert shares["claims"] == {"what": "claims", "kept": 0, "due": 0, "share": None}


async def test_another_office_is_another_sum(office: Office) -> None:
    assert (await office.told(office.li, office_id=office.calls["Call 1"]))["calls"] == []
    assert len((await office.told(office.li, office_id=str(office.li.organisation_id)))["calls"]) == 4


async def test_the_page_says_it_in_both_languages_and_leaves_as_a_file(office: Office) -> None:
    async with office.projects.client(office.li) as http:
        page = await http.get("/projects/dashboard")
        assert page.status_code == 200
        assert "Call 5" in page.text
        assert "Late now" in page.text
        here = f"/projects/dashboard?call={office.calls['Call 4']}"
        assert "Course of “Call 4”" in (await http.get(here)).text
        chinese = await http.get(here, headers={"Accept-Language": "zh-CN"})
        assert "已超期" in chinese.text
        file = await http.get("/projects/dashboard", params={"format": "csv"})
        rows = list(csv.reader(io.StringIO(file.content.decode("utf-8-sig"), newline="")))
        assert [row[0] for row in rows] == ["Call", "Call 1", "Call 3", "Call 4", "Call 5"]
    async with office.projects.client(someone(Role.APPLICANT)) as http:
        assert (await http.get("/projects/dashboard")).status_code == 403


def test_a_share_of_nothing_is_none() -> None:
    assert rules.on_time_share(0, 0) is None
    assert rules.on_time_share(2, 3) == Decimal("0.667")


def test_the_narrowest_step_is_where_the_largest_part_waits() -> None:
    counts = {Step.SUBMITTED: 100, Step.CHECKED: 90, Step.REVIEWED: 30, Step.DECIDED: 20}
    assert rules.narrowest(counts) is Step.REVIEWED
    assert rules.narrowest(counts | {Step.SUBMITTED: 0}) is None
    assert rules.narrowest(dict.fromkeys(counts, 5)) is None
