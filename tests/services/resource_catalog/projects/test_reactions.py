import itertools

from shared.contracts.projects import ProjectCompleted, ProjectStarted
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, SecurityLabel
from tests.kit.platform import Running
from tests.services.resource_catalog.scene import project_started


def _completed(started: ProjectStarted) -> ProjectCompleted:
    return ProjectCompleted(
        id=started.id,
        version=5,
        title=started.title,
        label=SecurityLabel.INTERNAL,
        lead=OrgRef(id=started.lead.id, name="Lead"),
        grade="good",
    )


async def test_in_every_order_and_twice_the_project_is_the_same(catalog: Running) -> None:
    for order in itertools.permutations((0, 1, 0, 1)):
        lead, partner = new_id(), new_id()
        started = project_started(lead, partner)
        facts = (started, _completed(started))
        await catalog.hear(*(facts[place] for place in order))
        (row,) = await catalog.rows("SELECT * FROM projects WHERE id = %(id)s", id=started.id)
        assert (row["state"], row["version"], row["title"]) == ("completed", 5, started.title)
        assert row["organisation_ids"] == [lead, partner]


async def test_a_started_project_runs_and_names_its_organisations_once(catalog: Running) -> None:
    lead = new_id()
    started = project_started(lead, lead)
    await catalog.hear(started, times=2)
    (row,) = await catalog.rows("SELECT state, organisation_ids FROM projects")
    assert row == {"state": "running", "organisation_ids": [lead]}
