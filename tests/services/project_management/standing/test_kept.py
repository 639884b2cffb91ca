"""What the ledger tells to whom: labels cut what is told, partners read outcomes, links lead where one may go."""

from asyncio import create_task, sleep
from typing import Any
from uuid import UUID

import httpx
import pytest

from services.project_management.applications.eligibility import eligibility
from services.project_management.applications.outlook import smallest_change
from services.project_management.applications.telling import kept_from
from services.project_management.standing.actions import take_back_by_rule, withdraw_entry
from shared.contracts.project_delivery import StandingChanged
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.project_management.standing.test_api import CHEN, propose
from tests.services.project_management.standing.test_rules import BAR, FREE, asked
from tests.services.project_management.world import ANY, API, World


async def entry(projects: Running, subject: Someone, *, kind: str, label: str = "internal", team: bool = True) -> None:
    """An entry in force, as if it had gone its way."""
    async with projects.work(CHEN) as work:
        await work.execute(
            """INSERT INTO standing_entries (id, version, created_at, subject_kind, organisation_id, organisation_name,
                   leader, leader_name, members, kind, tariff, reason, evidence, by_rule, office_id, label, state,
                   proposed_by, noticed_at, answer, note, starts_on, ends_on, appeal, ruling, task_title, task_kind)
               VALUES (gen_random_uuid(), 1, now(), %(of)s, %(org)s, 'Somebody', %(leader)s, '', '[]', %(kind)s, 1,
                   'Why.', '{}', '', gen_random_uuid(), %(label)s, 'in_force', 'x', now(), '', '', current_date - 9,
                   current_date + 9, '', '', '', '')""",
            {
                "of": "team" if team else "organisation",
                "org": subject.organisation_id,
                "leader": subject.subject if team else None,
                "kind": kind,
                "label": label,
            },
        )


async def test_effects_above_the_clearance_are_told_as_points_and_dates_alone(projects: Running) -> None:
    world = await World(projects).open()
    await entry(projects, world.institute, kind="long_delay", label="confidential", team=False)
    await entry(projects, world.institute, kind="missed_milestone", team=False)
    async with projects.client(world.institute) as http:
        answer = await http.get(f"{API}/standing/effects")
        page = (await http.get("/projects/standing")).text
    own = answer.json()["organisation"]
    assert own["result"]["points"] == "-0.40", "every entry counts"
    assert (own["result"]["lead"]["rule"], bool(own["result"]["lead"]["until"])) == ("", True)
    assert [one["rule"] for one in own["clauses"]] == ["standing.tariff/1 §3"]
    assert "inputs" not in own
    for told in (answer.text, page):
        assert "late by three months." not in told
        assert "§4" not in told
        assert "milestone late by a month." in told
    cleared = someone(
        Role.APPLICANT,
        organisation_id=world.institute.organisation_id,
        clearance=SecurityLabel.CONFIDENTIAL,
    )
    async with projects.client(cleared) as http:
        own = (await http.get(f"{API}/standing/effects")).json()["organisation"]
    assert own["result"]["lead"]["rule"] == "standing.tariff/1 §4"
    assert len(own["clauses"]) == 2


async def test_the_ranking_counts_points_above_its_label_and_names_no_rule_of_them(projects: Running) -> None:
    world = await World(projects).open()
    await entry(projects, world.university, kind="excellent_completion", label="confidential")
    await world.decided()
    async with projects.client(world.officer) as office:
        ranking = (await office.get(f"{API}/calls/{world.call_id}/ranking")).json()
    assert [(one["title"], one["points"]) for one in ranking["items"]] == [("First", 0.0), ("Second", 0.3)]
    (line,) = [one for one in ranking["trace"]["clauses"] if one["rule"].endswith(".standing")]
    assert line["reason"] == "“Second”: +0.30 priority points by the ledger."
    assert "standing.tariff" not in str(ranking["trace"])


@pytest.mark.parametrize(
    ("lead", "person", "running", "rule", "outcome"),
    [
        (FREE | {"lead": BAR}, FREE, 0, "organisation.standing", "no"),
        (FREE | {"pending": ["lead"]}, FREE, 0, "organisation.standing", "unknown"),
        (FREE, FREE | {"lead": BAR}, 0, "person.standing", "no"),
        (FREE | {"more": 2}, FREE | {"more": 2}, 2, "person.running", "yes"),
        (FREE, FREE, 2, "person.running", "no"),
    ],
)
def test_partners_read_the_outcome_and_neither_rule_nor_day(
    lead: dict[str, Any], person: dict[str, Any], running: int, rule: str, outcome: str
) -> None:
    given = asked(lead, {"out": None}, person, running)
    full, told = eligibility(given), eligibility(kept_from(given, {given["organisations"][0]["id"]}))
    assert [(one.rule, one.outcome) for one in told.clauses] == [(one.rule, one.outcome) for one in full.clauses]
    assert (told.result, told.version) == (full.result, full.version)
    assert told.repeats(eligibility)
    assert next(one.outcome for one in told.clauses if one.rule == rule) == outcome
    text = told.model_dump_json()
    for secret in ("standing.tariff", "2027-12-01", "pending", "ledger allows", "otice"):
        assert secret not in text
    for who in (told.inputs["organisations"][0], told.inputs["person"]):
        assert {"standing", "running"} & who.keys() == set()
    if outcome == "no":
        (change,) = smallest_change(told.inputs) or []
        assert change.sentence.startswith("Ask %(name)s")


async def test_a_partner_reads_of_a_draft_and_of_what_was_submitted_no_standing_of_the_lead(projects: Running) -> None:
    world = await World(projects).open()
    await entry(projects, world.institute, kind="long_delay", team=False)
    draft = await drafted(world)
    here = f"{API}/applications/{draft}/eligibility"
    async with (
        projects.client(world.university) as partner,
        projects.client(world.institute) as lead,
        world.browser(world.university) as page,
    ):
        own, told = (await lead.get(here)).json(), await partner.get(here)
        shown = (await page.get(f"/projects/applications/{draft}")).text
        assert "standing.tariff/1 §4" in str(own)
        assert "standing.tariff" not in told.text
        assert "§4" not in shown
        assert "Institute cannot apply in this part now." in shown
        assert "standing" not in told.json()["trace"]["inputs"]["organisations"][0]
        assert told.json()["trace"]["result"] == own["trace"]["result"] == "no"
        chinese = (await page.get(f"/projects/applications/{draft}", params={"lang": "zh"}, follow_redirects=True)).text
        assert "Institute目前不能以此身份参加申报。" in chinese


async def test_nobody_reads_rule_or_day_of_an_entry_above_their_clearance_in_an_eligibility(projects: Running) -> None:
    world = await World(projects).open()
    draft = await drafted(world)
    await entry(projects, world.institute, kind="long_delay", label="confidential", team=False)
    await entry(projects, world.university, kind="misused_funds", label="confidential", team=False)
    high = someone(
        Role.APPLICANT, organisation_id=world.institute.organisation_id, clearance=SecurityLabel.CONFIDENTIAL
    )
    asked = {"partner_id": str(world.university.organisation_id)}
    async with projects.client(world.institute) as low, projects.client(high) as cleared:
        for here, params in (
            (f"{API}/applications/{draft}/eligibility", {}),
            (f"{API}/calls/{world.call_id}/eligibility", asked),
        ):
            full, cut = (await cleared.get(here, params=params)).text, (await low.get(here, params=params)).text
            assert ("standing.tariff/1 §4" in full, "standing.tariff/1 §6" in full) == (True, True), here
            assert "standing.tariff" not in cut
            assert "leads no application until" not in cut
            assert "Institute cannot apply in this part now." in cut
            assert "University cannot apply in this part now." in cut
        async with projects.work(CHEN) as work:
            await work.execute("UPDATE calls SET state = 'released', closes_at = now() + interval '1 day'")
        refused = await low.post(f"{API}/applications/{draft}/submission", headers=ANY)
        assert (refused.status_code, refused.json()["code"]) == (409, "not-eligible")
        assert "standing.tariff" not in refused.text


async def drafted(world: World) -> UUID:
    """A draft of the institute with the university as its partner."""
    draft = await world.apply(world.institute, world.university, title="Third")
    async with world.projects.work(CHEN) as work:
        await work.execute(
            "UPDATE applications SET state = 'draft', submitted_at = NULL, submitted_version = NULL, sha256 = NULL"
        )
        await work.execute("DELETE FROM application_versions")
    return draft


async def test_an_entry_about_a_project_is_about_a_party_of_it(projects: Running) -> None:
    world = await World(projects).open()
    project = await world.project()
    async with projects.work(CHEN) as work:
        await work.execute(
            """UPDATE projects
               SET partners = jsonb_build_array(jsonb_build_object('id', %(id)s::text, 'name', 'College'))""",
            {"id": str(world.university.organisation_id)},
        )
    strange = someone(Role.APPLICANT)
    async with projects.client(world.officer) as office:
        named = {"project_id": project["id"], "kind": "misused_funds"}
        lead = await propose(office, **named)
        assert lead.json()["organisation_id"] == str(world.institute.organisation_id)
        partner = await propose(office, **named, subject_id=str(world.university.organisation_id))
        assert partner.json()["organisation_id"] == str(world.university.organisation_id)
        assert partner.json()["organisation_name"] == "College"
        assert partner.json()["evidence"]["id"] == project["id"]
        for fields in (
            named | {"subject_id": str(strange.organisation_id)},
            named | {"kind": "result_in_use", "subject_id": str(world.university.organisation_id)},
        ):
            refused = await propose(office, **fields)
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/subject_id")
    facts = [one["data"]["subject"]["name"] for one in await projects.said(StandingChanged)]
    assert facts == ["Institute", "College"]


async def links_to_the_chain(http: httpx.AsyncClient, here: str) -> bool:
    page = await http.get(here)
    assert page.status_code == 200, page.text
    return "What came of it" in page.text


async def test_a_page_of_the_ledger_links_to_the_chain_where_it_opens(projects: Running) -> None:
    world = await World(projects).open()
    elsewhere = someone(Role.PROGRAMME_OFFICER, organisation_name="Another office")
    async with (
        world.browser(elsewhere) as other,
        world.browser(world.officer) as office,
        world.browser(CHEN) as chen,
        world.browser(world.institute) as subject,
        projects.client(world.officer) as api,
    ):
        made = await propose(api, kind="misused_funds", subject_id=str(world.institute.organisation_id))
        here = made.headers["location"].replace("/api/v1", "")
        assert [await links_to_the_chain(one, here) for one in (office, other, chen)] == [True, False, False]
        await api.post(f"{made.headers['location']}/notice", json={}, headers=ANY)
        for one in (office, other, chen, subject):
            assert await links_to_the_chain(one, here)


async def test_an_annulled_entry_keeps_the_ruling_on_its_appeal_and_what_others_ended_is_left(
    projects: Running,
) -> None:
    world = await World(projects).open()
    for kind in ("long_delay", "misused_funds"):
        await entry(projects, world.institute, kind=kind, team=False)
    async with projects.work(CHEN) as work:
        await work.execute(
            """UPDATE standing_entries SET state = 'upheld', appeal = 'No.', appealed_at = now(), ruled_at = now(),
                   ruling = 'The laboratory confirms it.', ruled_by = 'chen', cause = 'evaluation 1'
               WHERE kind = 'long_delay'"""
        )
        await work.execute(
            "UPDATE standing_entries SET state = 'noticed', cause = 'evaluation 1 round 2', office_id = %(office)s "
            "WHERE kind = 'misused_funds'",
            {"office": world.officer.organisation_id},
        )
    ids = {row["kind"]: row["id"] for row in await projects.rows("SELECT id, kind FROM standing_entries")}

    async def take_back() -> None:
        async with projects.work(CHEN) as work:
            await take_back_by_rule(work, "evaluation 1", "The evaluation was decided anew, with another grade.")

    async with projects.work(world.officer) as work:
        await withdraw_entry(work, ids["misused_funds"], "Found out.", None)
        await work.session.flush()
        meanwhile = create_task(take_back())
        await sleep(0.3)
    await meanwhile
    rows = {row["kind"]: row for row in await projects.rows("SELECT * FROM standing_entries")}
    assert (rows["misused_funds"]["state"], rows["misused_funds"]["note"]) == ("withdrawn", "Found out.")
    kept = rows["long_delay"]
    assert (kept["state"], kept["ruling"], kept["ruled_by"]) == ("lifted", "The laboratory confirms it.", "chen")
    assert (kept["annulled_by"], kept["annulled_at"] is not None) == (CHEN.subject, True)
    async with world.browser(CHEN) as page:
        here = f"/projects/standing/{ids['long_delay']}"
        told = (await page.get(here)).text
        assert "The laboratory confirms it." in told
        assert "Annulled because the evaluation was decided anew" in told
        assert "Appeal decided: lifted" not in told
        chinese = (await page.get(here, params={"lang": "zh"}, follow_redirects=True)).text
        assert "该评估已重新作出决定，等级有变。" in chinese
