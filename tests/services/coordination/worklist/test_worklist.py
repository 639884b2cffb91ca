"""What waits for whom, in which order, and until when."""

from datetime import timedelta
from itertools import permutations

import pytest

from services.coordination.worklist.rules import Urgency, urgency
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running, Someone, someone
from tests.services.coordination.facts import NOW, done, task

pytestmark = pytest.mark.anyio


async def titles(coordination: Running, who: Someone) -> list[str]:
    async with coordination.client(who) as client:
        answer = await client.get("/api/v1/worklist")
    assert answer.status_code == 200, answer.text
    return [item["title"] for item in answer.json()["items"]]


def test_urgency_follows_the_due_date() -> None:
    assert urgency(NOW, None) is Urgency.NONE
    assert urgency(NOW, NOW - timedelta(seconds=1)) is Urgency.OVERDUE
    assert urgency(NOW, NOW + timedelta(days=3)) is Urgency.SOON
    assert urgency(NOW, NOW + timedelta(days=4)) is Urgency.LATER


@pytest.mark.parametrize("order", list(permutations([0, 1])))
@pytest.mark.parametrize("times", [1, 2])
async def test_a_task_said_to_be_done_stays_done_in_whatever_order_it_is_heard(
    coordination: Running, order: tuple[int, ...], times: int
) -> None:
    id = new_id()
    facts = [task(id), done(id, outcome="approved")]
    await coordination.hear(*(facts[place] for place in order), times=times)
    rows = await coordination.rows("SELECT state, version, outcome FROM tasks")
    assert rows == [{"state": "done", "version": 2, "outcome": "approved"}]
    assert await titles(coordination, someone(Role.PROGRAMME_OFFICER)) == []


async def test_tasks_are_mine_by_name_or_by_role_and_organisation(coordination: Running) -> None:
    me, home = someone(Role.REPRESENTATIVE), new_id()
    await coordination.hear(
        task(title="by name", role=None, subject=me.subject),
        task(title="another's name", role=None, subject="somebody"),
        task(title="any organisation", role=Role.REPRESENTATIVE),
        task(title="my organisation", role=Role.REPRESENTATIVE, organisation_id=me.organisation_id),
        task(title="another organisation", role=Role.REPRESENTATIVE, organisation_id=home),
        task(title="another role", role=Role.AUDITOR),
    )
    assert sorted(await titles(coordination, me)) == ["any organisation", "by name", "my organisation"]
    async with coordination.client(None) as client:
        assert (await client.get("/api/v1/worklist")).status_code == 401


async def test_a_task_of_a_role_does_not_wait_for_whom_it_leaves_out(coordination: Running) -> None:
    me, colleague = someone(Role.COORDINATOR), someone(Role.COORDINATOR)
    await coordination.hear(task(title="not mine", role=Role.COORDINATOR, except_for=(me.subject,)))
    assert (await titles(coordination, me), await titles(coordination, colleague)) == ([], ["not mine"])


async def test_a_task_of_a_role_waits_for_all_who_hold_it_and_is_over_for_all_however_often_it_is_heard(
    coordination: Running,
) -> None:
    one = someone(Role.LEGAL_OFFICER)
    other = someone(Role.LEGAL_OFFICER, organisation_id=one.organisation_id)
    id = new_id()
    asked = task(id, title="sign it", kind="rights.sign", role=Role.LEGAL_OFFICER, organisation_id=one.organisation_id)
    await coordination.hear(asked, times=2)
    assert [await titles(coordination, who) for who in (one, other)] == [["sign it"]] * 2
    await coordination.hear(done(id, outcome="signed"), asked, times=2)
    assert [await titles(coordination, who) for who in (one, other)] == [[], []]


async def test_a_role_for_one_organisation_does_not_open_another_roles_task_there(coordination: Running) -> None:
    me = someone(Role.APPLICANT)
    await coordination.hear(task(role=Role.REPRESENTATIVE, organisation_id=me.organisation_id))
    assert await titles(coordination, me) == []


async def test_a_role_s_task_above_my_clearance_does_not_wait_for_me_but_one_in_my_name_does(
    coordination: Running,
) -> None:
    low, high = someone(Role.REVIEWER), someone(Role.REVIEWER, clearance=SecurityLabel.CONFIDENTIAL)
    await coordination.hear(
        task(title="For the role", role=Role.REVIEWER, label=SecurityLabel.CONFIDENTIAL),
        task(title="In my name", role=None, subject=low.subject, label=SecurityLabel.CONFIDENTIAL),
    )
    assert await titles(coordination, low) == ["In my name"]
    assert await titles(coordination, high) == ["For the role"]


async def test_the_most_urgent_comes_first_on_pages_that_fit_together(coordination: Running) -> None:
    me = someone(Role.PROGRAMME_OFFICER)
    dues = {"none": None, "later": 10.0, "overdue": -1.0, "soon": 1.0, "long overdue": -5.0}
    await coordination.hear(
        *(task(title=name, due_at=None if days is None else NOW + timedelta(days=days)) for name, days in dues.items())
    )
    seen, cursor = [], ""
    async with coordination.client(me) as client:
        while True:
            page = (await client.get("/api/v1/worklist", params={"limit": 2, "cursor": cursor})).json()
            seen += [(item["title"], item["urgency"]) for item in page["items"]]
            cursor = page["next_cursor"]
            if not cursor:
                break
    assert seen == [
        ("long overdue", "overdue"),
        ("overdue", "overdue"),
        ("soon", "soon"),
        ("later", "later"),
        ("none", "none"),
    ]


async def test_the_page_shows_it_in_both_languages(coordination: Running) -> None:
    me = someone(Role.PROGRAMME_OFFICER)
    async with coordination.client(me) as client:
        assert "Nothing waits for you" in (await client.get("/worklist")).text
        answer = "Answer the applicant's interest: “R&D loan → Cages”"
        await coordination.hear(
            task(due_at=NOW - timedelta(days=1)),
            task(title=answer),
            task(title="File abroad with priority: Cage of a bearing", kind="deadline.meet"),
            task(title="Check the label of “Cages”", kind="achievement.security_review"),
        )
        english = (await client.get("/worklist")).text
        chinese = (await client.get("/worklist", headers={"Accept-Language": "zh-CN"})).text
    assert "Check the application “Bearing cages”" in english
    assert "1 is overdue." in english
    assert "形式审查项目申报“Bearing cages”" in chinese
    assert "Check the application" not in chinese
    assert "以优先权向国外申请：Cage of a bearing" in chinese
    assert "审查科技成果“Cages”的密级" in chinese
    assert "答复申报单位的合作意向：“R&amp;D loan → Cages”" in chinese


async def test_a_cursor_of_others_making_is_refused(coordination: Running) -> None:
    async with coordination.client(someone(Role.REVIEWER)) as client:
        assert (await client.get("/api/v1/worklist", params={"cursor": "bm9uc2Vuc2U"})).status_code == 422
        odd = "WyJ4IiwieSIsInoiXQ"  # ["x","y","z"]
        assert (await client.get("/api/v1/worklist", params={"cursor": odd})).status_code == 422
