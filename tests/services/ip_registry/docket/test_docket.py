"""Deadlines on a real database: opened by a registration, then met or missed."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from services.ip_registry.docket.actions import miss_overdue
from shared.contracts.ip import AssetRegistered, DeadlineMet, DeadlineMissed, TaskAssigned, TaskDone
from shared.kernel.actor import system_actor
from shared.kernel.clock import BEIJING, local_day
from shared.kernel.ids import new_id
from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.ip_registry.scene import Scene, ok

NOTE = {"note": "Filed as PCT/CN2027/000123."}


def lately() -> date:
    return local_day(datetime.now(UTC)) - timedelta(days=30)


async def registered(scene: Scene, *, times: int = 1, **changed: Any) -> dict[str, Any]:
    """An asset whose registration the docket has heard, filed a month ago unless said."""
    before = len(await scene.ip.said(AssetRegistered))
    made = await scene.asset(new_id(), **({"filed_on": lately().isoformat()} | changed))
    fact = (await scene.ip.said(AssetRegistered))[before]
    await scene.ip.hear(AssetRegistered.model_validate(fact["data"]), times=times)
    return made


async def deadlines(scene: Scene, asset: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = ok(await scene.call(scene.officer, "GET", f"/assets/{asset['id']}/deadlines"))[
        "items"
    ]
    return found


async def sweep_at(scene: Scene, moment: datetime) -> None:
    clock = scene.ip.service.database.clock
    scene.ip.service.database.clock = lambda: moment
    try:
        async with scene.ip.work(system_actor("ip")) as work:
            await miss_overdue(work)
    finally:
        scene.ip.service.database.clock = clock


async def test_a_registration_heard_twice_opens_one_deadline_with_its_rule_and_one_task(scene: Scene) -> None:
    made = await registered(scene, times=2)
    (one,) = await deadlines(scene, made)
    assert (one["rule"], one["rule_version"], one["calendar"]) == ("paris-priority-12", 1, "weekends")
    assert one["trigger_on"] == lately().isoformat()
    assert one["unshifted_on"] <= one["due_on"]
    (task,) = await scene.ip.said(TaskAssigned)
    assert task["data"]["url"] == f"/ip/assets/{made['id']}"
    due_at = datetime.fromisoformat(task["data"]["due_at"]).astimezone(BEIJING)
    assert (due_at.date().isoformat(), due_at.hour) == (one["due_on"], 23)


async def test_rights_without_a_rule_and_years_long_past_have_no_deadline(scene: Scene) -> None:
    assert await deadlines(scene, await registered(scene, kind="software_copyright")) == []
    assert await deadlines(scene, await registered(scene, filed_on="2015-01-05")) == []
    assert await scene.ip.said(TaskAssigned) == []


async def test_a_deadline_is_met_once_and_its_task_ends(scene: Scene) -> None:
    made = await registered(scene)
    (one,) = await deadlines(scene, made)
    path = f"/deadlines/{one['id']}/completion"
    ok(await scene.call(scene.officer, "POST", path, NOTE), 428)
    ok(await scene.call(scene.officer, "POST", path, NOTE, 7), 412)
    ok(await scene.call(someone(Role.APPLICANT), "POST", path, NOTE, 1), 403)
    ok(await scene.call(scene.officer, "POST", f"/deadlines/{new_id()}/completion", NOTE, 1), 404)
    met = ok(await scene.call(scene.officer, "POST", path, NOTE, 1))
    assert (met["state"], met["version"], met["note"]) == ("met", 2, NOTE["note"])
    ok(await scene.call(scene.officer, "POST", path, NOTE, 1), 412)
    ok(await scene.call(scene.officer, "POST", path, NOTE, 2), 409)
    (fact,) = await scene.ip.said(DeadlineMet)
    assert (fact["data"]["id"], fact["version"]) == (made["id"], 2)
    assert len(await scene.ip.said(TaskDone)) == 1


async def test_an_open_deadline_is_missed_when_its_last_day_in_beijing_is_over(scene: Scene) -> None:
    made = await registered(scene)
    (one,) = await deadlines(scene, made)
    midnight = datetime.combine(date.fromisoformat(one["due_on"]) + timedelta(days=1), datetime.min.time(), BEIJING)
    await sweep_at(scene, midnight - timedelta(minutes=1))
    assert (await deadlines(scene, made))[0]["state"] == "open"
    for _ in range(2):
        await sweep_at(scene, midnight)
    assert (await deadlines(scene, made))[0]["state"] == "missed"
    (missed,) = await scene.ip.said(DeadlineMissed)
    assert missed["data"]["due_on"] == one["due_on"]
    assert missed["data"]["owners"] == [made["shares"][0]["organisation_id"]]
    assert len(await scene.ip.said(TaskDone)) == 1
    ok(await scene.call(scene.officer, "POST", f"/deadlines/{one['id']}/completion", NOTE, "*"), 409)


async def test_what_was_met_is_never_missed(scene: Scene) -> None:
    made = await registered(scene)
    (one,) = await deadlines(scene, made)
    ok(await scene.call(scene.officer, "POST", f"/deadlines/{one['id']}/completion", NOTE, 1))
    await sweep_at(scene, datetime.now(UTC) + timedelta(days=800))
    assert await scene.ip.said(DeadlineMissed) == []


async def test_the_deadlines_of_an_asset_nobody_may_see_are_not_found(scene: Scene) -> None:
    made = await registered(scene)
    ok(await scene.call(someone(Role.APPLICANT), "GET", f"/assets/{made['id']}/deadlines"), 404)


async def test_the_page_records_a_deadline_and_keeps_to_its_own_asset(scene: Scene) -> None:
    made, other = await registered(scene), await registered(scene)
    (one,) = await deadlines(scene, made)
    listing = f"/assets/{made['id']}/deadlines"
    path = f"{listing}/{one['id']}/completion"
    assert (await scene.page(scene.officer, path, {"note": "", "version": "1"})).status_code == 422
    wrong = f"/assets/{other['id']}/deadlines/{one['id']}/completion"
    assert (await scene.page(scene.officer, wrong, NOTE | {"version": "1"})).status_code == 404
    assert (await scene.page(scene.officer, path, NOTE | {"version": "1"})).status_code == 303
    shown = await scene.page(scene.officer, listing)
    assert NOTE["note"] in shown.text
    assert "Record as met" not in shown.text
    stale = await scene.page(scene.officer, path, {"note": "Mine", "version": "1"})
    assert stale.status_code == 412
    assert "Mine" in stale.text
    assert NOTE["note"] in stale.text
    assert "Save my version" not in stale.text
    late = await scene.page(scene.officer, path, {"note": "Mine"})
    assert late.status_code == 409
    assert "It is recorded as met already." in late.text
