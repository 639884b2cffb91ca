"""What every walk through a state machine shares: an action goes exactly when the table of transitions lets it."""

from collections.abc import Callable, Coroutine, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from anyio.from_thread import start_blocking_portal
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from hypothesis.stateful import RuleBasedStateMachine, run_state_machine_as_test

from shared.db.work import Work
from shared.kernel.errors import Conflict
from shared.kernel.settings import Settings
from tests.kit.platform import Running, running

Action = Callable[[Work], Coroutine[Any, Any, Any]]


class Walk:
    """The known state of every thing, and the people who act on it. `run` calls an async function from outside."""

    def __init__(self, run: Callable[..., Any], projects: Running, table: Mapping[str, Any]) -> None:
        self.run, self.projects, self.table = run, projects, table
        self.known: dict[UUID, Any] = {}

    def act(self, person: Any, action: Action) -> Any:
        async def acted() -> Any:
            async with self.projects.work(person) as work:
                return await action(work)

        return self.run(acted)

    def rows(self, statement: str, **values: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.run(lambda: self.projects.rows(statement, **values))
        return found

    def go(self, id: UUID, verb: str, person: Any, action: Action, *, possible: bool = True) -> bool:
        """Do it; it must go exactly when the table lets it and nothing else hinders. True when it went."""
        state = self.known[id]
        allowed, after = self.table[verb]
        try:
            self.act(person, action)
        except Conflict:
            assert state not in allowed or not possible, f"{verb} of a {state} one was refused"
            return False
        assert state in allowed, f"{verb} of a {state} one went through"
        assert possible, f"{verb} of a {state} one went through"
        self.known[id] = state if after is None else after
        return True


@contextmanager
def walking(settings: Settings) -> Iterator[tuple[Callable[..., Any], Running]]:
    """A running service with empty tables, and the way to call its async functions from a walk."""
    with (
        start_blocking_portal("asyncio", {"use_uvloop": True}) as portal,
        portal.wrap_async_context_manager(running(settings, "projects")) as projects,
    ):
        portal.call(projects.clear)
        yield portal.call, projects


def walk(machine: type[RuleBasedStateMachine], examples: int = 8, steps: int = 12) -> None:
    run_state_machine_as_test(
        machine,
        settings=hypothesis_settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            derandomize=True,
            suppress_health_check=list(HealthCheck),
        ),
    )
