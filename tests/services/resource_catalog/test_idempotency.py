"""A repeated key gives the earlier answer, and only to the same question."""

from shared.kernel.actor import Grant
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import Someone
from tests.services.resource_catalog.scene import COMPLETE, Scene, ok


async def test_the_same_key_for_another_organisation_is_another_request(scene: Scene) -> None:
    one, other = await scene.organisation("First"), await scene.organisation("Second")
    person = Someone("two-hats", tuple(Grant(Role.APPLICANT, id, "") for id in (one, other)))
    key = {"Idempotency-Key": str(new_id())}
    for_one, for_other = (key | {"Hechuan-Acting-For": str(id)} for id in (one, other))
    first = ok(await scene.call(person, "POST", "/achievements", json=COMPLETE, headers=for_one), 201)
    again = await scene.call(person, "POST", "/achievements", json=COMPLETE, headers=for_one)
    assert (again.json(), again.headers["Idempotent-Replayed"]) == (first, "true")
    refused = await scene.call(person, "POST", "/achievements", json=COMPLETE, headers=for_other)
    assert refused.status_code == 422
    assert "fresh key" in refused.json()["detail"]
