"""Every decision that is kept can be run again, and a trace that no longer repeats is found."""

import ast
from pathlib import Path

import orjson
import pytest

from infra.traces import TRACED, Traced, repeat_all
from shared.kernel.types import Role
from tests.conftest import Serve
from tests.kit.platform import Running, someone
from tests.services.project_management.world import World

ROOT = Path(__file__).resolve().parents[2]


def test_every_rule_that_leaves_a_trace_is_run_again() -> None:
    deciding = {
        f"{path.parent.name}.{node.name}"
        for path in (*ROOT.glob("services/*/*/rules.py"), *ROOT.glob("services/*/*/eligibility.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
        and not node.name.startswith("_")
        and isinstance(node.returns, ast.Name)
        and node.returns.id == "DecisionTrace"
    }
    assert deciding == {f"{one.rule.__module__.split('.')[-2]}.{one.rule.__name__}" for one in TRACED}


@pytest.mark.parametrize("traced", TRACED, ids=lambda one: f"{one.table}.{one.column}")
async def test_the_traces_are_where_they_are_looked_for(serve: Serve, traced: Traced) -> None:
    service = await serve(traced.service)
    columns = await service.rows(
        "SELECT data_type FROM information_schema.columns WHERE table_name = %(table)s AND column_name = %(column)s",
        table=traced.table,
        column=traced.column,
    )
    assert columns == [{"data_type": "jsonb"}]


async def test_a_call_is_decided_the_same_again_until_its_trace_is_tampered_with(projects: Running) -> None:
    world = await World(projects).open()
    await world.decided()
    found = {one.what: one for one in repeat_all(projects.settings)}
    for what in ("assignments.trace", "decisions.trace"):
        one = found[f"projects.{what}"]
        assert one.decisions > 0
        assert one.same == one.decisions, one.examples
    (row,) = await projects.rows("SELECT id, trace FROM decisions")
    row["trace"]["inputs"]["budget"] = "1.00"
    async with projects.work(someone(Role.AUDITOR)) as work:
        await work.execute(
            "UPDATE decisions SET trace = %(trace)s WHERE id = %(id)s",
            {"id": row["id"], "trace": orjson.dumps(row["trace"]).decode()},
        )
    (changed,) = [one for one in repeat_all(projects.settings) if one.what == "projects.decisions.trace"]
    assert (changed.decisions, changed.same) == (1, 0)
    assert changed.examples == [f"{row['id']}: gives another answer now"]
