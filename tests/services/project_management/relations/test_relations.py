"""Relations that people declare: always their own, told to nobody else."""

from datetime import date, timedelta

import pytest

from services.project_management.relations import rules
from services.project_management.relations.schemas import RelationCreate
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.world import API, World

ORCID = "0000-0002-1825-0097"
TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("since", "until", "wrong"),
    [
        (None, None, []),
        (TODAY, None, []),
        (TODAY + timedelta(days=1), None, ["/since"]),
        (date(2020, 1, 1), date(2019, 1, 1), ["/until"]),
        (None, TODAY + timedelta(days=400), []),
    ],
)
def test_its_days_make_sense(since: date | None, until: date | None, wrong: list[str]) -> None:
    assert [pointer for pointer, _ in rules.faults(since, until, TODAY)] == wrong


async def test_one_declares_reads_and_takes_back_ones_own(projects: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    world = await World(projects).open()
    me, other = someone(Role.REVIEWER), someone(Role.PROGRAMME_OFFICER)
    async with projects.client(me) as http:
        for body, pointer in (
            ({"kind": "close", "name": "Liu Fang"}, "/organisation_id"),
            ({"kind": "friend", "name": "Liu Fang", "orcid": ORCID}, "/kind"),
            ({"kind": "close", "name": "Liu Fang", "orcid": "0000-0002-1825-0098"}, "/orcid"),
            ({"kind": "close", "name": "", "orcid": ORCID}, "/name"),
            ({"kind": "close", "name": "Liu Fang", "organisation_id": str(me.organisation_id)}, "/organisation_id"),
            ({"kind": "close", "name": "Liu Fang", "orcid": ORCID, "since": "2999-01-01"}, "/since"),
        ):
            refused = await http.post(f"{API}/relations", json=body)
            assert (refused.status_code, [one["pointer"] for one in refused.json()["errors"]]) == (422, [pointer])
        mine = {"kind": "supervised", "name": "Liu Fang", "orcid": f"https://orcid.org/{ORCID}", "until": "2016-06-30"}
        made = await http.post(f"{API}/relations", json=mine)
        assert made.status_code == 201, made.text
        (kept,) = made.json()["items"]
        assert (kept["kind"], kept["orcid"], kept["until"]) == ("supervised", ORCID, "2016-06-30")
        monkeypatch.setattr(rules, "MOST", 1)
        assert (await http.post(f"{API}/relations", json=mine)).json()["code"] == "too-many"
        monkeypatch.undo()
    async with projects.client(other) as http:
        assert (await http.get(f"{API}/relations")).json()["items"] == []
        assert (await http.post(f"{API}/relations/{kept['id']}/removal")).status_code in (403, 404)
    async with world.browser(me) as http:
        page = (await http.get("/projects/relations")).text
        assert "Liu Fang" in page
        assert "I supervised this person" in page
        wrong = await http.post("/projects/relations/new", data={"kind": "close", "name": "Sun"})
        assert wrong.status_code == 422
        assert "a name alone is nobody" in wrong.text
        institute = str(world.institute.organisation_id)
        done = await http.post(
            "/projects/relations/new", data={"kind": "close", "name": "Sun Jie", "organisation_id": institute}
        )
        assert done.status_code == 303
        page = (await http.get("/projects/relations")).text
        assert "Sun Jie" in page
        assert "Institute" in page
        assert (await http.post(f"/projects/relations/{kept['id']}/removal")).status_code == 303
        (left,) = (await http.get(f"{API}/relations")).json()["items"]
        assert left["name"] == "Sun Jie"
    async with projects.client(someone(Role.REVIEWER)) as http:
        (example,) = RelationCreate.model_json_schema()["examples"]
        assert (await http.post(f"{API}/relations", json=example)).status_code == 201, "what the reference shows"
    gone = await projects.rows("SELECT name FROM declared_relations WHERE withdrawn_at IS NOT NULL")
    assert [one["name"] for one in gone] == ["Liu Fang"], "what was declared stays as a record"
