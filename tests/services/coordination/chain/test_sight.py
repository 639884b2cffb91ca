"""Who may know of a thing: drafts are their organisations' alone, and who competes is told after the close."""

from itertools import permutations
from typing import Any
from uuid import UUID

import pytest

from services.coordination.chain.rules import LEFT_OUT, SIGHTS, makes_known
from shared.contracts import EVENTS, Event, finance, projects
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from shared.web.links import OPENED_BY
from tests.kit.platform import Running, Someone, someone
from tests.services.coordination import facts

pytestmark = pytest.mark.anyio
OFFICER, COORDINATOR, AUDITOR, ADMINISTRATOR, IP_OFFICER = OVERSEEING = tuple(
    someone(role, clearance=SecurityLabel.CONFIDENTIAL)
    for role in (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR, Role.ADMINISTRATOR, Role.IP_OFFICER)
)


async def sees(coordination: Running, who: Someone | None, kind: str, id: UUID) -> bool:
    """Whether chain, search and home tell of the thing; they must agree."""
    async with coordination.client(who) as client:
        opened = (await client.get(f"/api/v1/chain/{kind}/{id}")).status_code == 200
        hits = (await client.get("/api/v1/search", params={"q": "e", "kind": kind})).json()
        home = (await client.get("/")).text
    found = str(id) in {item["id"] for group in hits["groups"] for item in group["items"]}
    assert found == opened
    assert hits["total"] == sum(len(group["items"]) for group in hits["groups"])
    if not opened:
        assert str(id) not in home
    return opened


async def who_sees(coordination: Running, kind: str, id: UUID) -> set[Role]:
    return {one.grants[0].role for one in OVERSEEING if await sees(coordination, one, kind, id)}


def withdrawn(id: UUID, call: UUID, owner: UUID, version: int) -> projects.ApplicationWithdrawn:
    told: dict[str, Any] = facts.submitted(id, call, owner, version).model_dump(
        include={"id", "version", "title", "label", "owners", "arises_from", "call_id"}
    )
    return projects.ApplicationWithdrawn(**told, reason="No staff.")


def test_every_kind_of_every_contract_says_who_may_know_of_it() -> None:
    assert {event.thing for event in EVENTS.values()} - set(SIGHTS) - set(LEFT_OUT) == set()


def test_a_draft_makes_nothing_known() -> None:
    drafts = {event.thing for event in EVENTS.values() if event.state == "draft"}
    assert [kind for kind in drafts if makes_known(kind, "draft") or makes_known(kind, "")] == []


def test_whoever_a_page_is_open_to_by_office_may_know_of_the_thing_and_few_others() -> None:
    for kind, roles in OPENED_BY.items():
        offices = roles & {Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR}
        assert offices <= SIGHTS[kind].overseers, kind
    assert not any(Role.ADMINISTRATOR in one.overseers | one.drafts for one in SIGHTS.values())


async def test_an_application_is_its_organisations_then_the_offices_and_after_the_close_the_overseers(
    coordination: Running,
) -> None:
    owner, call, id = someone(Role.APPLICANT), new_id(), new_id()
    await coordination.hear(facts.call_released(call), facts.application(id, call, owner.organisation_id))
    assert await who_sees(coordination, "application", id) == set()
    assert await sees(coordination, owner, "application", id)
    await coordination.hear(facts.submitted(id, call, owner.organisation_id))
    assert await who_sees(coordination, "application", id) == {Role.PROGRAMME_OFFICER}
    await coordination.hear(facts.call_closed(call))
    assert await who_sees(coordination, "application", id) == {
        Role.PROGRAMME_OFFICER,
        Role.COORDINATOR,
        Role.AUDITOR,
    }


async def test_home_counts_no_application_before_the_close(coordination: Running) -> None:
    owner, call = new_id(), new_id()
    await coordination.hear(
        facts.call_released(call),
        *(facts.application(new_id(), call, owner, title="A secret draft") for _ in range(3)),
        *(facts.submitted(new_id(), call, owner, title="A secret competitor") for _ in range(4)),
    )
    for reader, told in ((COORDINATOR, 1), (AUDITOR, 1), (OFFICER, 5)):
        async with coordination.client(reader) as client:
            page = (await client.get("/")).text
        assert f"{told} thing" in page
        assert "A secret draft" not in page
        assert ("A secret competitor" in page) == (told > 1)


@pytest.mark.parametrize("order", list(permutations(range(3))))
async def test_what_was_handed_in_and_taken_back_stays_known_in_whatever_order_it_is_heard(
    coordination: Running, order: tuple[int, ...]
) -> None:
    owner, call, id = new_id(), new_id(), new_id()
    told = [
        facts.application(id, call, owner),
        facts.submitted(id, call, owner, version=2),
        withdrawn(id, call, owner, version=3),
    ]
    await coordination.hear(*(told[place] for place in order))
    assert await who_sees(coordination, "application", id) == {Role.PROGRAMME_OFFICER}
    (row,) = await coordination.rows("SELECT state FROM chain_things WHERE id = %(id)s", id=id)
    assert row["state"] == "withdrawn"


async def test_a_draft_given_up_stays_its_organisations_own(coordination: Running) -> None:
    owner, call, id = someone(Role.REPRESENTATIVE), new_id(), new_id()
    await coordination.hear(
        facts.application(id, call, owner.organisation_id), withdrawn(id, call, owner.organisation_id, version=2)
    )
    await coordination.hear(facts.call_released(call), facts.call_closed(call))
    assert await who_sees(coordination, "application", id) == set()
    assert await sees(coordination, owner, "application", id)


async def test_drafts_of_needs_and_products_are_their_organisations_alone(coordination: Running) -> None:
    owner = someone(Role.APPLICANT, Role.FINANCE_PARTNER)
    need, product = (
        facts.need(new_id(), new_id(), owner.organisation_id),
        facts.product(new_id(), owner.organisation_id),
    )
    frame = {"id", "title", "label", "owners"}
    drafted: list[Event] = [
        finance.NeedDrafted(**need.model_dump(include=frame | {"organisation"}), version=1),
        finance.ProductDrafted(**product.model_dump(include=frame | {"institution", "kind"}), version=1),
    ]
    await coordination.hear(*drafted)
    for kind, id in (("need", need.id), ("product", product.id)):
        assert await who_sees(coordination, kind, id) == set()
        assert await sees(coordination, owner, kind, id)
    await coordination.hear(need.model_copy(update={"version": 2}), product)
    assert await who_sees(coordination, "need", need.id) == {Role.COORDINATOR, Role.AUDITOR}
    assert await who_sees(coordination, "product", product.id) == {one.grants[0].role for one in OVERSEEING}
    assert not await sees(coordination, None, "product", product.id)


async def test_a_cancelled_call_is_known_to_everybody_only_if_it_was_released(coordination: Running) -> None:
    before, after = new_id(), new_id()
    for call, told in ((before, []), (after, [facts.call_released(after, version=2)])):
        cancelled = projects.CallCancelled(id=call, version=5, title="Light alloys for bearings", reason="No money.")
        await coordination.hear(facts.call_drafted(call, new_id()), *told, cancelled)
    visitor = None
    assert await sees(coordination, visitor, "call", after)
    assert not await sees(coordination, visitor, "call", before)
    assert await who_sees(coordination, "call", before) == {Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR}
