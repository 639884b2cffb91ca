"""Calls and awards as the CommonGrants protocol words them; public things for everybody, the rest by label."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from common_grants_sdk.schemas.pydantic import (
    AwardResponse,
    AwardsListResponse,
    OpportunitiesListResponse,
    OpportunitiesSearchResponse,
    OpportunityResponse,
)

from shared.kernel.settings import Settings
from tests.kit.platform import Running, running
from tests.services.project_management.ready import LI, draft_call, know_everybody, released_call
from tests.services.project_management.world import API, World

HERE = f"{API}/common-grants"


@dataclass
class Scene:
    projects: Running
    world: World
    open: UUID
    inside: UUID
    draft: UUID


@pytest.fixture(scope="module")
async def scene(settings: Settings) -> AsyncIterator[Scene]:
    async with running(settings, "projects") as projects:
        await projects.clear()
        await know_everybody(projects)
        world = await World(projects).open()
        await world.decided()
        async with projects.work(world.officer) as work:
            before = {"a": work.now - timedelta(days=9), "b": work.now - timedelta(days=1)}
            await work.execute(
                "UPDATE decisions SET state = 'final', notice_from = %(a)s, notice_until = %(b)s, final_at = %(b)s",
                before,
            )
        yield Scene(
            projects,
            world,
            (await released_call(projects, title="Alloy sheet", title_zh="合金板材")).id,
            (await released_call(projects, title="Inside", label="internal")).id,
            (await draft_call(projects, title="Draft")).id,
        )


async def got(scene: Scene, path: str, person: Any = None, **params: Any) -> dict[str, Any]:
    async with scene.projects.client(person) as http:
        answer = await http.get(f"{HERE}/{path}", params=params)
        assert answer.status_code == 200, answer.text
        return dict(answer.json())


async def test_visitors_read_released_public_calls_and_nothing_else(scene: Scene) -> None:
    content = await got(scene, "opportunities")
    listed = OpportunitiesListResponse.model_validate(content)
    assert {one.id for one in listed.items} == {scene.open, scene.world.call_id}
    assert listed.pagination_info.total_items == 2
    inside = await got(scene, "opportunities", LI)
    assert {UUID(one["id"]) for one in inside["items"]} == {scene.open, scene.inside, scene.world.call_id}
    async with scene.projects.client(None) as http:
        for hidden in (scene.inside, scene.draft):
            assert (await http.get(f"{HERE}/opportunities/{hidden}")).status_code == 404
    async with scene.projects.client(LI) as http:
        assert (await http.get(f"{HERE}/opportunities/{scene.draft}")).status_code == 404


async def test_a_call_keeps_its_money_and_its_closing_in_the_protocols_words(scene: Scene) -> None:
    async with scene.projects.client(None) as http:
        call = (await http.get(f"{API}/calls/{scene.open}")).json()
    one = OpportunityResponse.model_validate(await got(scene, f"opportunities/{scene.open}")).data
    assert (one.title, one.status.value.value) == ("Alloy sheet", "open")
    assert one.funding
    assert one.funding.max_award_amount
    assert one.funding.max_award_amount.amount == call["ceiling"]["amount"]
    assert one.custom_fields
    assert (await got(scene, f"opportunities/{scene.open}"))["data"]["customFields"]["titleZh"]["value"] == "合金板材"
    assert str(one.source).endswith(f"/projects/calls/{scene.open}")
    assert (await got(scene, f"opportunities/{scene.world.call_id}"))["data"]["status"] == {"value": "closed"}


async def test_pages_are_counted_and_nothing_comes_twice(scene: Scene) -> None:
    seen = [await got(scene, "opportunities", page=page, pageSize=1) for page in (1, 2, 3)]
    assert [len(one["items"]) for one in seen] == [1, 1, 0]
    assert len({one["items"][0]["id"] for one in seen[:2]}) == 2
    assert seen[0]["paginationInfo"] == {"page": 1, "pageSize": 1, "totalItems": 2, "totalPages": 2}


@pytest.mark.parametrize(
    ("asked", "titles"),
    [
        ({"search": "alloy s"}, ["Alloy sheet"]),
        ({"search": "合金"}, ["Alloy sheet"]),
        ({"filters": {"status": {"operator": "in", "value": ["closed"]}}}, ["Light alloys"]),
        ({"filters": {"status": {"operator": "notIn", "value": ["closed"]}}}, ["Alloy sheet"]),
        ({"sorting": {"sortBy": "title", "sortOrder": "asc"}}, ["Alloy sheet", "Light alloys"]),
        ({"sorting": {"sortBy": "title", "sortOrder": "desc"}}, ["Light alloys", "Alloy sheet"]),
        (
            {
                "filters": {
                    "totalFundingAvailableRange": {
                        "operator": "between",
                        "value": {
                            "min": {"amount": "1.00", "currency": "EUR"},
                            "max": {"amount": "9999999999.00", "currency": "EUR"},
                        },
                    }
                }
            },
            [],
        ),
        (
            {
                "filters": {
                    "closeDateRange": {"operator": "outside", "value": {"min": "2000-01-01", "max": "2000-01-02"}}
                },
                "sorting": {"sortBy": "title", "sortOrder": "asc"},
            },
            ["Alloy sheet", "Light alloys"],
        ),
    ],
)
async def test_a_search_narrows_and_orders(scene: Scene, asked: dict[str, Any], titles: list[str]) -> None:
    async with scene.projects.client(None) as http:
        answer = await http.post(f"{HERE}/opportunities/search", json=asked)
    assert answer.status_code == 200, answer.text
    found = OpportunitiesSearchResponse.model_validate(answer.json())
    assert [one.title for one in found.items] == titles


async def test_what_is_not_supported_is_said(scene: Scene) -> None:
    asked = {
        "filters": {"customFilters": {"trl": {"operator": "eq", "value": 4}}},
        "sorting": {"sortBy": "funding.minAwardAmount"},
    }
    async with scene.projects.client(None) as http:
        content = (await http.post(f"{HERE}/opportunities/search", json=asked)).json()
        assert content["sortInfo"]["errors"]
        assert content["filterInfo"]["errors"]
        wrong = {"sorting": {"sortBy": "nonsense"}}
        assert (await http.post(f"{HERE}/opportunities/search", json=wrong)).status_code == 422
        assert (await http.get(f"{HERE}/opportunities", params={"pageSize": 0})).status_code == 422


async def test_awards_are_those_a_public_notice_named_once_final(scene: Scene) -> None:
    listed = AwardsListResponse.model_validate(await got(scene, "awards"))
    (award,) = listed.items
    assert award.title == "First"
    assert award.opportunity
    assert award.opportunity.id == scene.world.call_id
    one = AwardResponse.model_validate(await got(scene, f"awards/{award.id}")).data
    assert one.recipient_organizations
    assert one.recipient_organizations.primary.name == "Institute"
    assert "Second" not in str(await got(scene, "awards", LI)), "who was not funded is nobody's business"
    async with scene.projects.work(scene.world.officer) as work:
        await work.execute("UPDATE applications SET label = 'confidential' WHERE title = 'First'")
    assert (await got(scene, "awards", LI))["items"] == [], "what the notice left unnamed stays unnamed"
    async with scene.projects.work(scene.world.officer) as work:
        await work.execute("UPDATE applications SET label = 'internal'")
        await work.execute("UPDATE decisions SET state = 'in_notice'")
    assert (await got(scene, "awards"))["paginationInfo"]["totalItems"] == 0, "objections may still change it"


async def test_awards_of_a_call_without_public_notice_are_public_once_final(scene: Scene) -> None:
    async with scene.projects.work(scene.world.officer) as work:
        await work.execute("UPDATE decisions SET state = 'final', notice_from = NULL, notice_until = NULL")
        await work.execute("""UPDATE calls SET award_terms = award_terms || '{"notice_days": 7}'""")
    assert (await got(scene, "awards"))["items"] == [], "the call asks for a notice, and there was none"
    async with scene.projects.work(scene.world.officer) as work:
        await work.execute("""UPDATE calls SET award_terms = award_terms || '{"notice_days": 0}'""")
    (award,) = (await got(scene, "awards"))["items"]
    assert award["source"].endswith(f"/projects/calls/{scene.world.call_id}"), "there is no notice to lead to"


async def test_people_find_the_feeds(scene: Scene) -> None:
    async with scene.projects.client(None) as http:
        calls = (await http.get("/projects/calls")).text
        feeds = (await http.get("/projects/calendars")).text
    assert f'<link rel="alternate" type="application/json" title="Calls as CommonGrants JSON" href="{HERE}' in calls
    for what in ("opportunities", "awards"):
        assert f"{HERE}/{what}" in feeds
