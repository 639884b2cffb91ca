"""From a call to money and back, as far as each reader may see."""

import re
from dataclasses import dataclass, field
from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from services.coordination.chain.rules import layers, root
from shared.contracts import projects
from shared.contracts.base import Event
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.coordination import facts

pytestmark = pytest.mark.anyio


@dataclass
class Round:
    """One call with two applications, of which the first became a project, a result, a need and a match."""

    lead: Someone = field(default_factory=lambda: someone(Role.APPLICANT))
    rival: Someone = field(default_factory=lambda: someone(Role.APPLICANT))
    bank: Someone = field(default_factory=lambda: someone(Role.FINANCE_PARTNER))
    ids: dict[str, UUID] = field(
        default_factory=lambda: {
            name: new_id()
            for name in ("call", "application", "other", "project", "achievement", "need", "product", "match")
        }
    )

    def facts(self) -> list[Event]:
        lead, bank, ids = self.lead.organisation_id, self.bank.organisation_id, self.ids
        return [
            facts.call_drafted(ids["call"], new_id()),
            facts.call_released(ids["call"]),
            facts.application(ids["application"], ids["call"], lead),
            facts.submitted(ids["application"], ids["call"], lead),
            facts.submitted(ids["other"], ids["call"], self.rival.organisation_id, title="A rival's idea"),
            facts.call_closed(ids["call"]),
            facts.project(ids["project"], ids["application"], lead),
            facts.achievement(ids["achievement"], ids["project"], lead),
            facts.need(ids["need"], ids["project"], lead),
            facts.product(ids["product"], bank),
            facts.match(ids["match"], ids["need"], ids["product"], lead, bank),
        ]


@pytest.fixture
async def told(coordination: Running) -> tuple[Running, Round]:
    story = Round()
    await coordination.hear(*story.facts())
    return coordination, story


async def opened(coordination: Running, who: Someone | None, kind: str, id: UUID) -> Any:
    async with coordination.client(who) as client:
        return await client.get(f"/api/v1/chain/{kind}/{id}")


async def names(coordination: Running, who: Someone | None, kind: str, id: UUID) -> set[str]:
    answer = await opened(coordination, who, kind, id)
    assert answer.status_code == 200, answer.text
    return {thing["id"] for thing in answer.json()["things"]}


def test_layers_count_from_the_farthest_origin_and_survive_a_cycle() -> None:
    a, b, c, d = (("x", new_id()) for _ in range(4))
    found = layers([d, c, b, a], [(a, b), (b, c), (a, c), (c, d)])
    assert [found[node] for node in (a, b, c, d)] == [0, 1, 2, 3]
    assert root(found) == a
    cyclic = layers([a, b, c], [(a, b), (b, c), (c, a)])
    assert cyclic[a] == 0
    assert set(cyclic) == {a, b, c}


def test_the_root_is_no_shared_thing_while_there_is_another() -> None:
    product, call, match = ("product", new_id()), ("call", new_id()), ("match", new_id())
    assert root(layers([product, call, match], [(product, match), (call, match)])) == call


async def test_the_chain_is_the_same_from_either_end_and_from_the_middle(told: tuple[Running, Round]) -> None:
    coordination, story = told
    everything = {str(id) for id in story.ids.values()}
    auditor = someone(Role.AUDITOR)
    for kind in ("call", "application", "project", "achievement", "need", "match"):
        assert await names(coordination, auditor, kind, story.ids[kind]) == everything, kind
    answer = (await opened(coordination, auditor, "match", story.ids["match"])).json()
    assert answer["root"] == {"kind": "call", "id": str(story.ids["call"])}
    assert len(answer["links"]) == 7
    assert answer["truncated"] is False
    layer = {thing["kind"]: thing["layer"] for thing in answer["things"]}
    assert layer["call"] < layer["application"] < layer["project"] < layer["need"] < layer["match"]


async def test_facts_heard_twice_and_backwards_leave_the_same_chain(coordination: Running) -> None:
    story = Round()
    await coordination.hear(*story.facts())
    columns = "kind, id, title, state, version, label"
    first = await coordination.rows(f"SELECT {columns} FROM chain_things ORDER BY id")
    links = await coordination.rows("SELECT * FROM chain_links ORDER BY from_id, to_id")
    await coordination.hear(*story.facts(), times=2)
    assert await coordination.rows(f"SELECT {columns} FROM chain_things ORDER BY id") == first
    await coordination.clear()
    await coordination.hear(*reversed(story.facts()), times=2)
    assert await coordination.rows(f"SELECT {columns} FROM chain_things ORDER BY id") == first
    assert await coordination.rows("SELECT * FROM chain_links ORDER BY from_id, to_id") == links


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_title_and_state_only_move_forward_by_version(coordination: Running, order: tuple[int, ...]) -> None:
    call, owner = new_id(), new_id()
    told = [
        facts.call_drafted(call, owner),
        facts.call_released(call, version=2, title="Released title"),
        projects.CallEdited(id=call, version=3, title="Newest title", changed=("title",)),
    ]
    await coordination.hear(*(told[place] for place in order))
    rows = await coordination.rows("SELECT title, state, version, label FROM chain_things")
    assert rows == [{"title": "Newest title", "state": "released", "version": 3, "label": "public"}]


async def test_tasks_imports_and_accounts_are_no_links(coordination: Running) -> None:
    imported = projects.EarlierProjectsImported(
        id=new_id(), version=1, title="Import", source="x", accepted=1, unchanged=0, refused=0
    )
    await coordination.hear(facts.task(), imported)
    assert await coordination.rows("SELECT kind FROM chain_things") == []


async def test_each_sees_their_own_part_and_nothing_of_the_others(told: tuple[Running, Round]) -> None:
    coordination, story = told
    ids = {name: str(id) for name, id in story.ids.items()}
    whole = set(ids.values())
    assert await names(coordination, story.lead, "call", story.ids["call"]) == whole - {ids["other"]}
    assert await names(coordination, story.rival, "call", story.ids["call"]) == {ids["call"], ids["other"]}
    # Between the released achievement and the call stands what a stranger may not see: nothing joins the two.
    assert await names(coordination, someone(Role.REVIEWER), "achievement", story.ids["achievement"]) == {
        ids["achievement"]
    }
    assert await names(coordination, story.bank, "match", story.ids["match"]) == {ids["match"], ids["product"]}
    assert await names(coordination, None, "call", story.ids["call"]) == {ids["call"]}


async def test_what_may_not_be_seen_is_not_found(told: tuple[Running, Round]) -> None:
    coordination, story = told
    secret = await opened(coordination, story.rival, "application", story.ids["application"])
    nothing = await opened(coordination, story.rival, "application", new_id())
    assert secret.status_code == nothing.status_code == 404
    assert secret.json()["detail"] == nothing.json()["detail"]
    assert (await opened(coordination, None, "product", story.ids["product"])).status_code == 404
    assert (await opened(coordination, story.lead, "Bad-Kind", new_id())).status_code == 422
    async with coordination.client(story.rival) as client:
        assert (await client.get(f"/chain/application/{story.ids['application']}")).status_code == 404


async def test_a_label_above_the_clearance_hides_a_thing_from_everyone_below(coordination: Running) -> None:
    story = Round()
    hidden = facts.need(
        story.ids["need"], story.ids["project"], story.lead.organisation_id, label=SecurityLabel.CONTROLLED
    )
    await coordination.hear(*story.facts()[:7], hidden)
    officer, high = someone(Role.PROGRAMME_OFFICER), someone(Role.AUDITOR, clearance=SecurityLabel.CONTROLLED)
    for reader in (story.lead, officer):
        assert (await opened(coordination, reader, "need", story.ids["need"])).status_code == 404
        assert str(story.ids["need"]) not in await names(coordination, reader, "project", story.ids["project"])
    assert str(story.ids["need"]) in await names(coordination, high, "project", story.ids["project"])


async def test_a_call_that_is_not_released_is_its_office_s_alone(coordination: Running) -> None:
    call, office = new_id(), someone(Role.CREDIT_OFFICER)
    await coordination.hear(facts.call_drafted(call, office.organisation_id))
    assert (await opened(coordination, someone(Role.APPLICANT), "call", call)).status_code == 404
    assert (await opened(coordination, office, "call", call)).status_code == 200
    assert (await opened(coordination, someone(Role.COORDINATOR), "call", call)).status_code == 200


async def test_two_chains_that_share_a_product_do_not_run_into_each_other(coordination: Running) -> None:
    one, two = Round(), Round()
    two.ids["product"] = one.ids["product"]
    await coordination.hear(*one.facts(), *two.facts())
    auditor = someone(Role.AUDITOR)
    assert await names(coordination, auditor, "call", one.ids["call"]) == {str(id) for id in one.ids.values()}
    both = {str(id) for id in (*one.ids.values(), *two.ids.values())}
    assert await names(coordination, auditor, "product", one.ids["product"]) == both


async def test_a_cycle_ends(coordination: Running) -> None:
    a, b, owner = new_id(), new_id(), new_id()
    told = [
        facts.need(a, new_id(), owner, arises_from=(facts.ref("need", b), facts.ref("need", a))),
        facts.need(b, new_id(), owner, arises_from=(facts.ref("need", a),)),
    ]
    await coordination.hear(*told)
    assert await names(coordination, someone(Role.AUDITOR), "need", a) == {str(a), str(b)}


async def test_a_chain_of_more_than_a_hundred_things_is_cut_and_says_so(coordination: Running) -> None:
    call, owner = new_id(), new_id()
    await coordination.hear(
        facts.call_released(call), *(facts.submitted(new_id(), call, owner, title=f"No. {n}") for n in range(120))
    )
    officer = someone(Role.PROGRAMME_OFFICER)
    answer = (await opened(coordination, officer, "call", call)).json()
    assert len(answer["things"]) == 100
    assert len(answer["links"]) == 99
    assert answer["truncated"] is True
    async with coordination.client(officer) as client:
        assert "Only the nearest 100 things" in (await client.get(f"/chain/call/{call}")).text


async def test_the_pages_lead_into_the_chain_and_show_it_as_plot_and_table(told: tuple[Running, Round]) -> None:
    coordination, story = told
    async with coordination.client(story.lead) as client:
        entrance = (await client.get("/chain")).text
        assert f"/chain/project/{story.ids['project']}" in entrance
        assert "A rival" not in entrance
        found = (await client.get("/chain", params={"q": "bearing cages FROM"})).text
        assert "Bearing cages from melts" in found
        assert "Quiet bearings" not in found
        page = await client.get(f"/chain/match/{story.ids['match']}")
        assert page.status_code == 200
        assert 'data-chart="chain-option"' in page.text
        assert "7 things hang together" in page.text
        assert "A rival" not in page.text
        chinese = await client.get(f"/chain/match/{story.ids['match']}", headers={"Accept-Language": "zh-CN"})
        assert 'lang="zh' in chinese.text
        missing = await client.get(f"/chain/match/{new_id()}", headers={"Accept-Language": "zh-CN"})
        assert missing.status_code == 404
        assert "<h1>未找到</h1>" in missing.text
        no_kind = await client.get("/search", params={"q": "x", "kind": "A"}, headers={"Accept-Language": "zh-CN"})
        assert no_kind.status_code == 422
        assert "有些内容需要改正" in no_kind.text
        for refused in (missing, no_kind):
            spoken = re.sub(r"<[^>]+>", " ", refused.text.split("<main")[1].split("</main")[0])
            assert re.findall(r"[A-Za-z]{3,} [a-z]{2,}", spoken) == []
    async with coordination.client(None) as client:
        assert (await client.get("/chain")).status_code == 200
