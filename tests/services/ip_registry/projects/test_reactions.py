"""What is kept of projects."""

from itertools import permutations

from shared.contracts.projects import ProjectCompleted
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import someone
from tests.services.ip_registry.scene import Scene, project_started


async def test_a_project_heard_twice_and_out_of_order_ends_the_same(scene: Scene) -> None:
    lead, partner = someone(Role.APPLICANT), someone(Role.APPLICANT)
    for order in permutations((0, 1)):
        started = project_started(lead, partner, label=SecurityLabel.INTERNAL)
        facts = (
            started,
            ProjectCompleted(
                id=started.id,
                version=5,
                title=started.title,
                label=SecurityLabel.CONTROLLED,
                lead=started.lead,
                grade="good",
            ),
        )
        await scene.ip.hear(*(facts[place] for place in order), times=2)
        rows = await scene.ip.rows(
            "SELECT state, version, label, jsonb_array_length(parties) AS parties FROM projects WHERE id = %(id)s",
            id=started.id,
        )
        assert rows == [{"state": "completed", "version": 5, "label": "controlled", "parties": 2}]
