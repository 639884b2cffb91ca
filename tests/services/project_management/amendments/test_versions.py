"""What changed in a call, told exactly to whoever began for an earlier version of it."""

from datetime import timedelta

import pytest

from services.project_management.amendments.words import shown
from services.project_management.differences import MOST_WORDS, compared, differences, single_differences
from services.project_management.receipts.paper import Grid
from services.project_management.rights.words import both_papers, told
from tests.kit.platform import Running
from tests.services.project_management.outages.test_actions import HOURS, NOW, away
from tests.services.project_management.ready import (
    OTHER,
    ZHAO,
    draft_application,
    draft_call,
    know_everybody,
    released_call,
)


def test_texts_are_compared_word_by_word_in_both_languages() -> None:
    assert list(compared("The old alloy fails.", "The new alloy fails.")) == [
        ("same", "The "),
        ("removed", "old"),
        ("added", "new"),
        ("same", " alloy fails."),
    ]
    assert list(compared("镁合金座椅", "铝合金座椅")) == [("removed", "镁"), ("added", "铝"), ("same", "合金座椅")]


def test_a_time_and_a_number_are_one_word() -> None:
    before, after = (
        "Until 2026-11-22T12:34:20.810549+00:00 for 3,000.50",
        "Until 2026-11-23T13:00:00+00:00 for 3,100.50",
    )
    found = differences({"closes_at": before}, {"closes_at": after})
    assert [kind for kind, _text in found[0].parts] == ["same", "removed", "added", "same", "removed", "added"]
    (one,) = shown(found)
    assert ("removed", "22 Nov 2026, 20:34:20") in one["parts"]
    assert ("added", "23 Nov 2026, 21:00:00") in one["parts"]


def test_money_is_shown_as_elsewhere_and_old_and_new_stand_apart() -> None:
    amounts = [{"budget": {"amount": amount, "currency": "CNY"}} for amount in ("3600000.00", "4000000.00")]
    (one,) = shown(differences(*amounts))
    assert [text.replace("\xa0", " ") for _kind, text in one["parts"]] == ["CNY 3,600,000", " ", "CNY 4,000,000"]
    (text,) = shown(differences({"summary": "old"}, {"summary": "new"}))
    assert text["parts"] == [("removed", "old"), ("same", " "), ("added", "new")]


def test_both_texts_can_be_read_from_the_parts_however_long_they_are() -> None:
    before = "One sentence stands here. " * MOST_WORDS + "The end."
    after = before.replace("The end.", "Another end.")
    parts = list(compared(before, after))
    assert "".join(text for kind, text in parts if kind != "added") == before
    assert "".join(text for kind, text in parts if kind != "removed") == after


def test_fields_that_are_equal_missing_or_lists() -> None:
    before = {"title": "A", "regions": ["Chengdu"], "budget": {"amount": "5.00", "currency": "CNY"}, "gone": "x"}
    after = {"title": "A", "regions": ["Chengdu", "Chongqing"], "budget": {"amount": "6.00", "currency": "CNY"}}
    found = {one.field: (one.before, one.after) for one in differences(before, after)}
    assert found == {
        "regions": ("Chengdu", "Chengdu\nChongqing"),
        "budget": ("5.00 CNY", "6.00 CNY"),
        "gone": ("x", ""),
    }


@pytest.mark.anyio
async def test_a_lead_reads_what_changed_and_says_so(projects: Running) -> None:
    await know_everybody(projects)
    call = await released_call(projects, closes_at=(NOW + 3 * HOURS).isoformat())
    mine = await draft_application(projects, call.id, ZHAO)
    await away(projects, NOW, NOW + 2 * HOURS)
    api, page = f"/projects/api/v1/applications/{mine.id}", f"/projects/applications/{mine.id}"
    async with projects.client(ZHAO) as zhao:
        news = (await zhao.get(f"{api}/call-changes")).json()
        assert (news["since"], news["until"]) == (1, 2)
        (change,) = news["changes"]
        assert change["field"] == "closes_at"
        assert change["after"] == (NOW + 26 * HOURS).isoformat()
        assert "The call has changed since you began" in (await zhao.get(page)).text
        shown = await zhao.get(f"{page}/call-changes")
        assert "<ins>" in shown.text
        assert "<del>" in shown.text
        done = await zhao.post(f"{page}/acknowledgement", data={"call_version": "2"})
        assert done.status_code == 303
        assert "The call has changed since you began" not in (await zhao.get(page)).text
        assert (await zhao.get(f"{api}/call-changes")).json()["changes"] == []
        assert (await zhao.post(f"{api}/acknowledgement", json={"call_version": 3})).status_code == 422
    async with projects.client(OTHER) as other:
        assert (await other.get(f"{api}/call-changes")).status_code == 404
        assert (await other.post(f"{api}/acknowledgement", json={"call_version": 2})).status_code == 404


@pytest.mark.anyio
async def test_versions_of_a_call_are_compared_by_anyone_who_may_read_it(projects: Running) -> None:
    call = await released_call(projects, closes_at=(NOW + 3 * HOURS).isoformat())
    hidden = await draft_call(projects)
    internal = await released_call(projects, label="internal", closes_at=(NOW + timedelta(days=9)).isoformat())
    await away(projects, NOW, NOW + 2 * HOURS)
    root = "/projects/api/v1/calls"
    async with projects.client() as visitor:
        listed = (await visitor.get(f"{root}/{call.id}/versions")).json()["items"]
        assert [one["number"] for one in listed] == [2, 1]
        found = (await visitor.get(f"{root}/{call.id}/versions/2/differences")).json()
        assert [one["field"] for one in found["changes"]] == ["closes_at"]
        assert (await visitor.get(f"{root}/{call.id}/versions/1/differences")).json()["changes"] == []
        assert (await visitor.get(f"{root}/{call.id}/versions/7/differences")).status_code == 404
        for secret in (hidden, internal):
            assert (await visitor.get(f"{root}/{secret.id}/versions")).status_code == 404
            assert (await visitor.get(f"{root}/{secret.id}/versions/1/differences")).status_code == 404
        page = await visitor.get(f"/projects/calls/{call.id}/versions?since=abc&until=99999")
        assert page.status_code == 200
        assert "Version 1 compared with version 2" in page.text
        first = (await visitor.get(f"/projects/calls/{call.id}/versions/1")).text
        known = (await visitor.get(f"{root}/{call.id}/versions/1")).headers["ETag"].strip('"')
        assert known in first
        assert "Version 2 holds now." in first
        newest = (await visitor.get(f"/projects/calls/{call.id}/versions/2", headers={"Accept-Language": "zh"})).text
        assert known not in newest
        assert "第 2 版（共 2 版）" in newest
        assert "本版本的缘由" in newest
        assert f'href="/projects/calls/{call.id}/versions/2"' in (await visitor.get(f"/projects/calls/{call.id}")).text
        for secret in (hidden, internal):
            assert (await visitor.get(f"/projects/calls/{secret.id}/versions/1")).status_code == 404


def test_rows_are_told_apart_by_what_names_them() -> None:
    before = {"number": 1, "milestones": [{"number": 1, "due_on": "2027-01-31"}, {"number": 2, "due_on": "2027-06-30"}]}
    after = {"number": 1, "milestones": [{"number": 2, "due_on": "2027-09-30"}], "people": [{"name": "Dr. Wu"}]}
    assert [one.row for one in single_differences(before, after)] == [
        {"what": "milestones.2.due_on", "before": "2027-06-30", "after": "2027-09-30"},
        {"what": "people.Dr· Wu.name", "before": "", "after": "Dr. Wu"},
        {"what": "milestones.1.number", "before": "1", "after": ""},
        {"what": "milestones.1.due_on", "before": "2027-01-31", "after": ""},
    ]


def test_namesakes_stay_two_people() -> None:
    inventor = {"name": "Li Na", "organisation_id": "o", "share": "1/2"}
    content = {
        "title": "Alloys",
        "call": "Call",
        "inventor_floor": "1/2",
        "organisations": [{"id": "o", "name": "Institute"}],
        "terms": {
            "parties": [],
            "inventors": [inventor, {**inventor, "share": "1/4"}, {**inventor, "name": "Sun Jie", "share": "1/4"}],
            "inventor_share": "1/2",
            "disposal": "joint",
            "exploitation": "all",
            "exploitation_terms": "",
            "publication_days": 30,
            "publication_terms": "",
        },
    }
    assert list(told(content)["inventors"]) == ["Li Na", "Li Na (2)", "Sun Jie"]
    shown = {"content": content, "number": 1, "sha256": "", "paper": "R-1", "agreed_at": NOW, "signatures": []}
    for paper in both_papers(shown, {}, "https://x", "k"):
        (grid,) = paper.sections[1][1]
        assert isinstance(grid, Grid)
        assert [row[0] for row in grid.rows] == ["Li Na", "Li Na", "Sun Jie"]
    people = [{"name": "Li Na", "part": "leads"}, {"name": "Li Na", "part": "tests"}]
    (found,) = single_differences({"people": people}, {"people": [people[0], people[1] | {"part": "writes"}]})
    assert found.path == ("people", "Li Na (2)", "part")
