"""A service with more to do than it has connections says so; it has not failed."""

import pytest
from sqlalchemy.exc import TimeoutError as NoConnectionFree

from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import Running, someone


async def test_whoever_waits_for_a_connection_in_vain_is_told_to_try_again(
    projects: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    person = someone(Role.APPLICANT)
    async with projects.client(person) as http:

        def busy(*_args: object, **_kwargs: object) -> None:
            raise NoConnectionFree("QueuePool limit of size 10 overflow 10 reached")

        monkeypatch.setattr(projects.service.database, "begin", busy)
        answer = await http.post(f"/projects/api/v1/applications/{new_id()}/submission", headers={"If-Match": "*"})
        page = await http.post("/projects/applications/new", data={}, headers={"Origin": "http://test"})
    assert (answer.status_code, answer.json()["detail"]) == (
        503,
        "The database did not answer in time. Nothing was changed; try again.",
    )
    assert page.status_code == 503
