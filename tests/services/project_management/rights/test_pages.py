"""The agreement on results on pages, in both languages."""

from tests.kit.platform import Running
from tests.services.project_management.rights.test_api import drawn_up
from tests.services.project_management.world import API, World


def form(world: World, **changed: str) -> dict[str, str]:
    ours, theirs = str(world.institute.organisation_id), str(world.university.organisation_id)
    return {
        "parties-0-organisation_id": ours,
        "parties-0-ownership": "60%",
        "parties-0-income": "1/2",
        "parties-1-organisation_id": theirs,
        "parties-1-ownership": "40%",
        "parties-1-income": "50 %",
        "inventor_share": "50%",
        "inventors-0-name": "Zhao Min",
        "inventors-0-organisation_id": ours,
        "inventors-0-share": "2/3",
        "inventors-1-name": "Sun Jie",
        "inventors-1-organisation_id": theirs,
        "inventors-1-share": "1/3",
        "disposal": "joint",
        "exploitation": "all",
        "publication_days": "30",
    } | changed


async def test_an_agreement_is_worded_proposed_and_signed_on_pages(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    here = agreement.replace(API, "/projects")
    async with world.browser(world.institute) as lead, world.browser(world.university) as partner:
        assert "Edit the terms" in (await lead.get(here)).text
        assert "Edit the terms" not in (await partner.get(here)).text
        assert "at least 1/2 of the income" in (await lead.get(f"{here}/edit")).text
        wrong = await lead.post(f"{here}/edit", data=form(world, inventor_share="half") | {"version": "1"})
        assert wrong.status_code == 422
        assert "Zhao Min" in wrong.text
        low = await lead.post(f"{here}/edit", data=form(world, inventor_share="40%") | {"version": "1"})
        assert low.status_code == 303, low.text
        shown = (await lead.get(here)).text
        assert "Raise the inventors&#39; share by 1/10 or more." in shown
        assert "Put before the parties" not in shown
        refused = await lead.post(f"{here}/proposal", data={"version": "2"}, headers={"Accept-Language": "zh-CN"})
        assert refused.status_code == 409
        assert "发明人获得收益的2/5；“Light alloys”要求至少1/2。" in refused.text
        stale = await lead.post(f"{here}/edit", data=form(world) | {"version": "1"})
        assert stale.status_code == 412
        assert (await lead.post(f"{here}/edit", data=form(world) | {"version": "2"})).status_code == 303
        shown = (await lead.get(here)).text
        assert "CNY 333,333.33" in shown, "two thirds of the half of a million"
        assert (await lead.post(f"{here}/proposal", data={"version": "3"})).status_code == 303
        assert "Sign for University" in (await partner.get(here)).text
        empty = await partner.post(f"{here}/refusal", data={"version": "4", "reason": ""})
        assert empty.status_code == 422
        assert (await partner.post(f"{here}/signatures", data={"version": "4"})).status_code == 303
        assert "Sign for" not in (await partner.get(here)).text
        assert (await lead.post(f"{here}/signatures", data={"version": "5"})).status_code == 303
        assert "Version 1 is signed by all and in force." in (await lead.get(here)).text
        reopened = await lead.post(f"{here}/reopening", data={"version": "7", "reason": "A new inventor."})
        assert reopened.status_code == 303, reopened.text
        assert "A new inventor." in (await partner.get(here)).text


async def test_a_new_version_shows_what_it_changes_in_words(projects: Running) -> None:
    world, _, agreement = await drawn_up(projects)
    here = agreement.replace(API, "/projects")
    await world.agree_rights(agreement.rsplit("/", 1)[1])
    async with world.browser(world.institute) as lead:
        await lead.post(f"{here}/reopening", data={"version": "6", "reason": "More for the university."})
        changed = form(world, **{"parties-0-ownership": "1/2", "parties-1-ownership": "1/2"})
        await lead.post(f"{here}/edit", data=changed)
        await lead.post(f"{here}/proposal", data={})
        shown = (await lead.get(here)).text
        assert "What version 2 changed" in shown
        assert "Parties › Institute › Ownership" in shown
        chinese = await lead.get(here, params={"lang": "zh"}, follow_redirects=True)
        assert "第2版的变更" in chinese.text
        assert "成果权益协议" in chinese.text


async def test_the_project_says_what_it_waits_for(projects: Running) -> None:
    world, project, agreement = await drawn_up(projects)
    page = project.replace(API, "/projects")
    async with world.browser(world.officer) as office, world.browser(world.institute) as lead:
        assert (await office.post(f"{page}/signatures", data={"version": "1", "side": "office"})).status_code == 303
        waiting = (await lead.get(page)).text
        assert "The agreement on the results is not signed by all yet" in waiting
        assert "Sign the task book" not in waiting
        await world.agree_rights(agreement.rsplit("/", 1)[1])
        ready = (await lead.get(page)).text
        assert "Sign the task book" in ready
        assert "In force" in ready
