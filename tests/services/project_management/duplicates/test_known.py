"""Texts are kept by the clock: each once, the late ones too, and one that cannot be kept holds up no other."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from services.project_management.duplicates import known
from services.project_management.duplicates.known import LATE, know_records, know_texts
from services.project_management.duplicates.passages import Profile, Said
from services.project_management.earlier_projects.actions import import_batch
from services.project_management.earlier_projects.schemas import EarlierProjectBatch
from shared.kernel.actor import system_actor
from shared.kernel.types import Role
from tests.kit.platform import Running, someone
from tests.services.project_management.ready import at

IMPORTER = someone(Role.PROGRAMME_OFFICER)


@pytest.fixture
async def register(service: Running) -> Running:
    await service.clear()
    await imported(service, "Plates", "Foils", "Wires")
    return service


async def imported(projects: Running, *titles: str) -> None:
    rows = [{"number": title, "title": title, "abstract": f"We make {title} of magnesium."} for title in titles]
    async with projects.work(IMPORTER) as work:
        await import_batch(work, EarlierProjectBatch(source="City plan", rows=rows))


async def tick(projects: Running) -> None:
    async with projects.work(system_actor("projects")) as work:
        await know_texts(work)


async def titles(projects: Running) -> set[str]:
    return {row["title"] for row in await projects.rows("SELECT title FROM known_texts")}


@contextmanager
def moved(projects: Running, by: timedelta) -> Iterator[None]:
    reset = at(projects, projects.service.database.clock() + by)
    try:
        yield
    finally:
        reset()


async def test_a_record_that_cannot_be_kept_holds_up_no_other(
    register: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    def of(said: Said) -> Profile:
        if said.title == "Foils":
            raise OverflowError("more than anybody says")
        return sound(said)

    sound = Profile.of
    with monkeypatch.context() as broken:
        broken.setattr(Profile, "of", of)
        await tick(register)
        assert await titles(register) == {"Plates", "Wires"}
        with moved(register, 2 * LATE):
            await tick(register)
            await imported(register, "Tubes")
            await tick(register)
        assert await titles(register) == {"Plates", "Wires", "Tubes"}
    await tick(register)
    assert await titles(register) == {"Plates", "Foils", "Wires", "Tubes"}
    assert not await register.rows("SELECT 1 FROM texts_left_out")


async def test_an_import_that_ends_late_is_kept_and_a_changed_record_anew(register: Running) -> None:
    await tick(register)
    with moved(register, timedelta(minutes=1) - LATE):
        await imported(register, "Tubes")
    await tick(register)
    assert await titles(register) == {"Plates", "Foils", "Wires", "Tubes"}
    async with register.work(IMPORTER) as work:
        changed = {"number": "Foils", "title": "Foils, rolled", "abstract": "We roll."}
        await import_batch(work, EarlierProjectBatch(source="City plan", rows=[changed]))
    await tick(register)
    assert "Foils, rolled" in await titles(register)


async def test_what_was_kept_is_not_read_again(register: Running) -> None:
    await tick(register)
    with moved(register, 2 * LATE):
        async with register.work(system_actor("projects")) as work:
            assert await know_records(work) == 0
        async with register.work(system_actor("projects")) as work:
            # So few that reading all would be quicker; it is asked how many thousands are read.
            await work.execute("SET LOCAL enable_seqscan = off")
            await work.execute("SET LOCAL enable_bitmapscan = off")
            (plan,) = await work.rows(
                f"EXPLAIN (ANALYZE, FORMAT JSON) {known._PENDING_RECORDS}",
                {"most": 10},
            )
    read = list(scans(plan["QUERY PLAN"][0]["Plan"], "earlier_projects"))
    assert [(one.get("Index Name"), one["Actual Rows"]) for one in read] == [("earlier_projects_imported", 0)]
    assert "Rows Removed by Filter" not in json.dumps(read)


def scans(plan: dict[str, Any], table: str) -> Iterator[dict[str, Any]]:
    """The steps of a plan that read the table."""
    for one in plan.get("Plans", []):
        yield from scans(one, table)
    if plan.get("Relation Name") == table:
        yield plan
