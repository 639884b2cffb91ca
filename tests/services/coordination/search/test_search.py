"""One box across the services; nobody finds, or counts, what they may not see."""

from typing import Any

import pytest

from shared.contracts.catalog import OrganisationRegistered
from shared.kernel.ids import new_id
from shared.kernel.types import Role, Sector, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.coordination import facts

pytestmark = pytest.mark.anyio


async def search(coordination: Running, who: Someone | None, q: str, **params: str) -> Any:
    async with coordination.client(who) as client:
        answer = await client.get("/api/v1/search", params={"q": q, **params})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_things_are_found_by_a_part_of_their_title_and_grouped_by_kind(coordination: Running) -> None:
    me, call = someone(Role.APPLICANT), new_id()
    await coordination.hear(
        facts.call_released(call),
        facts.application(new_id(), call, me.organisation_id, title="Bearings, 100 % quiet_er"),
        facts.achievement(new_id(), new_id(), me.organisation_id),
    )
    found = await search(coordination, me, "BEARING")
    assert {(group["kind"], group["count"]) for group in found["groups"]} == {
        ("call", 1),
        ("application", 1),
        ("achievement", 1),
    }
    assert found["total"] == 3
    assert found["groups"][0]["items"][0]["url"].startswith("/")
    assert (await search(coordination, me, "100 %"))["total"] == 1
    assert (await search(coordination, me, "quiet_"))["total"] == 1
    assert (await search(coordination, me, "qui_t"))["total"] == 0
    assert (await search(coordination, me, "   "))["groups"] == []


async def test_both_titles_are_found_and_the_newest_chinese_one_counts(coordination: Running) -> None:
    me, call, place = someone(Role.APPLICANT), new_id(), new_id()
    chinese = "航空轻合金轴承"
    await coordination.hear(
        facts.call_drafted(new_id(), new_id()),
        facts.call_released(call, title_zh=chinese),
        facts.call_closed(call),  # says nothing of it
        OrganisationRegistered(
            id=place,
            version=1,
            title="Jialing University",
            name="Jialing University",
            name_zh="嘉陵大学",
            kind="university",
            sector=Sector.CIVIL,
            region="Chongqing",
        ),
    )
    for words, title in (("轻合金", "Light alloys"), ("alloys", "Light alloys"), ("嘉陵", "Jialing")):
        (group,) = (await search(coordination, me, words))["groups"]
        assert group["items"][0]["title"].startswith(title), words
    await coordination.hear(
        facts.call_released(call, 10, title_zh="轴承"), facts.call_released(call, 6, title_zh="旧名")
    )
    assert [(await search(coordination, me, words))["total"] for words in ("轻合金", "旧名", "轴承")] == [0, 0, 1]
    async with coordination.client(me) as client:
        shown = (await client.get("/search", params={"q": "轴承"}, headers={"Accept-Language": "zh-CN"})).text
    assert ("轴承</a>" in shown, "Light alloys for bearings" in shown) == (True, True)


async def test_nobody_finds_or_counts_what_they_may_not_see(coordination: Running) -> None:
    owner, call = someone(Role.APPLICANT), new_id()
    await coordination.hear(
        facts.call_drafted(new_id(), new_id()),
        facts.application(new_id(), call, owner.organisation_id, title="Light idea"),
        facts.achievement(
            new_id(), new_id(), owner.organisation_id, title="Light result", label=SecurityLabel.CONTROLLED
        ),
        facts.product(new_id(), new_id()),
    )
    assert (await search(coordination, owner, "light"))["total"] == 1
    assert (await search(coordination, someone(Role.APPLICANT), "light"))["total"] == 0
    assert (await search(coordination, None, "light"))["total"] == 0
    assert (await search(coordination, None, "loan"))["total"] == 0
    assert (await search(coordination, someone(Role.COORDINATOR), "light"))["total"] == 1
    everything = someone(Role.AUDITOR, clearance=SecurityLabel.CONFIDENTIAL)
    assert (await search(coordination, everything, "light"))["total"] == 2


async def test_many_of_a_kind_are_counted_and_the_best_shown(coordination: Running) -> None:
    call, owner = new_id(), new_id()
    await coordination.hear(*(facts.submitted(new_id(), call, owner, title=f"Melt {n}") for n in range(12)))
    officer = someone(Role.PROGRAMME_OFFICER)
    (group,) = (await search(coordination, officer, "melt"))["groups"]
    assert (group["count"], len(group["items"])) == (12, 8)
    (group,) = (await search(coordination, officer, "melt", kind="application"))["groups"]
    assert len(group["items"]) == 12
    async with coordination.client(officer) as client:
        page = (await client.get("/search", params={"q": "melt"})).text
        assert "12 things have “melt”" in page
        assert "kind=application" in page
        assert "Nothing has this in its title" in (await client.get("/search?q=zzz")).text
        assert "What are you looking for?" in (await client.get("/search")).text
        assert (await client.get("/search", params={"q": "\x00" + "a" * 500})).status_code == 200
        script = (await client.get("/search", params={"q": "<script>alert(1)</script>"})).text
        assert "<script>alert" not in script
