"""What came of a project, heard twice and in any order."""

from fractions import Fraction
from itertools import permutations

from services.project_management.outputs.queries import outputs_of
from shared.contracts.catalog import AchievementReleased
from shared.contracts.ip import AssetRegistered, HolderShare
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef, Role, SecurityLabel
from tests.kit.platform import Running, someone


async def test_outputs_heard_twice_and_out_of_order_are_the_projects(projects: Running) -> None:
    home = OrgRef(id=str(new_id()), name="Institute")
    reader = someone(Role.AUDITOR, clearance=SecurityLabel.INTERNAL)
    for order in permutations((0, 1, 2, 3)):
        project_id, asset_id = new_id(), new_id()
        asset = {"id": asset_id, "title": "Alloy", "kind": "patent", "project_id": project_id,
                 "shares": (HolderShare(holder=home, share=Fraction(1)),)}  # fmt: skip
        achievement = {"title": "Seat frame", "kind": "product", "abstract": "", "trl": 6, "organisation": home}
        facts = (
            AssetRegistered.model_validate(asset | {"version": 1, "title": "Alloi"}),
            AssetRegistered.model_validate(asset | {"version": 2, "label": SecurityLabel.INTERNAL}),
            AchievementReleased.model_validate(
                achievement
                | {
                    "id": new_id(),
                    "version": 3,
                    "project_id": project_id,
                    "checked_label": "confidential",
                    "label": "confidential",
                }
            ),
            AchievementReleased.model_validate(achievement | {"id": new_id(), "version": 3, "checked_label": "public"}),
        )
        await projects.hear(*(facts[place] for place in order), times=2)
        async with projects.work(reader) as work:
            shown = await outputs_of(work, project_id)
        assert [(one["kind"], one["title"]) for one in shown] == [("asset", "Alloy")], "cut by label"
    assert len(await projects.rows("SELECT 1 FROM project_outputs")) == 48, "only what names its project is kept"
