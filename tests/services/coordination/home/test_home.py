"""The first page, for visitors and for those who are signed in."""

import pytest

from services.coordination.home.rules import plotted
from shared.contracts.finance import ProductPublished
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from shared.web.navigation import MENU, Group
from tests.kit.platform import Running, someone
from tests.services.coordination import facts

pytestmark = pytest.mark.anyio
CHINESE = {"Accept-Language": "zh-CN"}


def test_the_plot_is_about_what_the_role_looks_after() -> None:
    assert plotted(someone(Role.IP_OFFICER).actor) == (("disclosure", "asset"), False)
    kinds, own = plotted(someone(Role.APPLICANT).actor)
    assert own
    assert kinds is not None
    assert "application" in kinds
    assert plotted(someone(Role.AUDITOR).actor) == (None, False)


async def test_a_visitor_learns_what_it_is_and_where_to_go(coordination: Running) -> None:
    await coordination.hear(facts.call_released(new_id()), facts.call_drafted(new_id(), new_id()))
    async with coordination.client(None) as client:
        page = await client.get("/")
        chinese = await client.get("/", headers=CHINESE)
    assert page.status_code == 200
    for address in ("/sign-in", "/projects/calls", "/catalog/achievements", "/api"):
        assert f'href="{address}' in page.text
    assert page.text.count("Light alloys for bearings") == 1
    assert "合川" in chinese.text
    assert "Joint research" not in chinese.text


async def test_a_visitor_reads_what_was_released_lately_and_when(coordination: Running) -> None:
    result, call = new_id(), new_id()
    await coordination.hear(
        facts.achievement(result, new_id(), new_id(), title="Bearings that need no oil", label="public"),
        facts.call_released(call),
    )
    async with coordination.work(system_actor("coordination")) as work:
        await work.execute("UPDATE audit_entries SET time = '2026-03-02T04:00:00Z'")
        await work.execute("UPDATE chain_things SET at = '2026-09-30T04:00:00Z'")  # of some later fact
    async with coordination.client(None) as client:
        page = (await client.get("/")).text
    assert "Bearings that need no oil" in page
    assert page.count("Released on") == 2
    assert page.count("2 March 2026") + page.count("2 Mar 2026") >= 2
    assert "Sep" not in page


async def test_somebody_without_a_role_is_told_what_to_do(coordination: Running) -> None:
    nobody = someone(subject="new.person")
    async with coordination.client(nobody) as client:
        page = (await client.get("/")).text
    assert "No role yet" in page
    assert "new.person" in page


async def test_home_shows_my_work_my_things_and_what_changed_since_i_was_here(coordination: Running) -> None:
    me, call = someone(Role.APPLICANT, Role.REPRESENTATIVE), new_id()
    old = facts.application(new_id(), call, me.organisation_id, title="Seen before")
    await coordination.hear(
        facts.task(title="Consent to “X”", kind="application.consent", role=Role.REPRESENTATIVE), old
    )
    async with coordination.client(me) as client:
        first = (await client.get("/")).text
        assert "Consent to “X”" in first
        assert first.count("Seen before") == 3  # my things, its chain's link, and among the newest
        await coordination.service.database.open()
        async with coordination.work(me) as work:
            await work.execute("UPDATE visits SET seen_at = now() + interval '0 s' - interval '1 hour'")
            await work.execute("UPDATE chain_things SET at = now() - interval '2 hours'")
        await coordination.hear(facts.need(new_id(), new_id(), me.organisation_id, title="Brand new"))
        later = (await client.get("/")).text
        again = (await client.get("/")).text
    for page in (later, again):
        assert "Since you were last here" in page
        changed = page.split("Since you were last here")[1]
        assert "Brand new" in changed
        assert "Seen before" not in changed
    assert 'data-chart="glance-option"' in later


async def test_home_shows_nothing_of_others(coordination: Running) -> None:
    await coordination.hear(facts.application(new_id(), new_id(), new_id(), title="A rival's idea"), facts.task())
    async with coordination.client(someone(Role.APPLICANT)) as client:
        page = (await client.get("/")).text
    assert "rival" not in page
    assert "Nothing waits for you" in page
    assert "Your organisations have nothing here yet" in page


async def test_an_oversight_role_counts_what_it_looks_after(coordination: Running) -> None:
    bank = someone(Role.FINANCE_PARTNER)
    product = facts.product(new_id(), bank.organisation_id)
    assert isinstance(product, ProductPublished)
    await coordination.hear(product, facts.call_released(new_id()))
    async with coordination.client(bank) as client:
        page = (await client.get("/")).text
        chinese = (await client.get("/", headers=CHINESE)).text
    assert "1 thing that your role works with, by kind and state." in page
    assert "by kind and state" not in chinese


async def test_every_entry_of_the_menu_that_is_coordinations_opens(coordination: Running) -> None:
    everybody = someone(*Role)
    async with coordination.client(everybody) as client:
        for item in MENU:
            if item.group in (Group.WORK, Group.COORDINATION):
                for headers in ({}, CHINESE):
                    answer = await client.get(item.url, headers=headers)
                    assert answer.status_code == 200, item.url
    for item in MENU:
        if item.group is Group.COORDINATION:
            for role in item.roles or ():
                async with coordination.client(someone(role)) as client:
                    assert (await client.get(item.url)).status_code == 200, (item.url, role)
