"""How a feature says what it hears. `hears = Reactions()` stands in its reactions.py."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from shared.bus.envelope import Envelope
from shared.contracts.base import Event
from shared.db.work import Work
from shared.kernel.settings import SERVICE_NAMES

Function = Callable[..., Awaitable[None]]
F = TypeVar("F", bound=Function)
Heard = tuple[Event | None, Envelope]
"""A fact and its envelope; the fact is None where every stream is heard."""


def stream_name(service: str) -> str:
    return f"hechuan_{service}"


@dataclass(frozen=True)
class Reaction:
    """One function and the events it hears. `name` is its key in the inbox: renaming it makes it hear all again."""

    name: str
    kind: Literal["one", "batch", "everything"]
    events: tuple[type[Event], ...]
    function: Function
    ordered: bool = False
    types: dict[str, type[Event]] = field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "types", {event.type: event for event in self.events})

    @property
    def batch_size(self) -> int:
        """One at a time is slower; a smaller batch keeps its transaction short."""
        return 100 if self.kind == "one" else 500

    def subjects(self) -> dict[str, list[str]]:
        """Filter subjects by producing service. The version is a wildcard: an unknown one must arrive to be parked."""
        if self.kind == "everything":
            return {service: [f"hechuan.{service}.>"] for service in SERVICE_NAMES}
        found: dict[str, set[str]] = {}
        for event in self.events:
            found.setdefault(event.service(), set()).add(event.type.rsplit(".", 1)[0] + ".*")
        return {service: sorted(subjects) for service, subjects in found.items()}

    def durable_prefix(self, hearing: str) -> str:
        return f"{hearing}_{self.name.replace('.', '_')}_"

    def durable(self, hearing: str, producer: str) -> str:
        """The durable consumer's name; another set of subjects gives another name, which hears all from the start."""
        digest = hashlib.sha256(" ".join(self.subjects()[producer]).encode()).hexdigest()[:8]
        return self.durable_prefix(hearing) + digest

    async def run(self, work: Work, heard: Sequence[Heard]) -> None:
        """Act on the facts in order, inside the transaction of `work`."""
        if self.kind != "one":
            work.causation_id = heard[0][1].id if len(heard) == 1 else None
            if len(heard) == 1:
                work.correlation_id = heard[0][1].correlation_id
            given: Sequence[Any] = [envelope for _, envelope in heard] if self.kind == "everything" else heard
            await self.function(work, given)
            return
        for event, envelope in heard:
            work.causation_id, work.correlation_id = envelope.id, envelope.correlation_id
            await self.function(work, event, envelope)
            await work.flush()  # what it said must carry this cause, not the next one's


class Reactions:
    """The reactions of one feature."""

    def __init__(self) -> None:
        self.all: list[Reaction] = []

    def _add(
        self, kind: Literal["one", "batch", "everything"], events: tuple[type[Event], ...], ordered: bool
    ) -> Callable[[F], F]:
        def keep(function: F) -> F:
            parts = function.__module__.split(".")
            feature = parts[-2] if parts[-1] == "reactions" and len(parts) > 1 else parts[-1]
            self.all.append(Reaction(f"{feature}.{function.__name__}", kind, events, function, ordered))
            return function

        return keep

    def on(self, *events: type[Event], ordered: bool = False) -> Callable[[F], F]:
        """`async def on_x(work, event, heard)`: one fact at a time. What it emits carries the fact as its cause.

        `ordered=True` is for reactions that hear every event of an aggregate: a missing version is waited for.
        """
        return self._add("one", events, ordered)

    def on_batch(self, *events: type[Event], ordered: bool = False) -> Callable[[F], F]:
        """`async def on_x(work, batch)` with pairs of fact and envelope: for projections written set by set.

        It should emit nothing: facts of a batch have no single cause.
        """
        return self._add("batch", events, ordered)

    def on_everything(self) -> Callable[[F], F]:
        """`async def on_fact(work, batch)` with envelopes of every stream."""
        return self._add("everything", (), False)
