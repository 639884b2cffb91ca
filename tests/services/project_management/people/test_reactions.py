"""People as heard: twice and out of order, the projection ends the same."""

from datetime import UTC, datetime

import pytest

from services.project_management.people.queries import experts
from shared.contracts.catalog import AffiliationChanged, PersonRegistered
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from shared.kernel.types import OrgRef
from tests.kit.platform import Running

ID, BEFORE, AFTER = new_id(), OrgRef(id=str(new_id()), name="Before"), OrgRef(id=str(new_id()), name="After")
REGISTERED = PersonRegistered(
    id=ID,
    version=1,
    title="Ma",
    name="Ma",
    subject="expert.ma",
    organisation=BEFORE,
    fields=("Materials",),
    expert=True,
    review_cap=3,
)
MOVED = AffiliationChanged(
    id=ID, version=2, title="Ma", name="Ma", organisation=AFTER, since=datetime(2026, 3, 1, tzinfo=UTC)
)


@pytest.mark.parametrize("order", [[REGISTERED, MOVED], [MOVED, REGISTERED]], ids=["in order", "out of order"])
async def test_a_person_and_their_employers_are_known_however_the_facts_arrive(
    projects: Running, order: list[PersonRegistered | AffiliationChanged]
) -> None:
    await projects.hear(*order, times=2)
    async with projects.work(system_actor("projects")) as work:
        (found,) = await experts(work)
    assert (found["name"], found["review_cap"], found["fields"]) == ("Ma", 3, ["Materials"])
    assert [(one["name"], one["since"], one["until"]) for one in found["employers"]] == [
        ("Before", None, "2026-03-01"),
        ("After", "2026-03-01", None),
    ]
    (row,) = await projects.rows("SELECT version, described FROM people")
    assert (row["version"], row["described"]) == (2, 1)


async def test_an_expert_who_cannot_sign_in_is_not_asked(projects: Running) -> None:
    await projects.hear(REGISTERED.model_copy(update={"subject": None}))
    async with projects.work(system_actor("projects")) as work:
        assert await experts(work) == []
