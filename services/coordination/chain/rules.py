"""What may be seen of a thing in the causal chain, and how far a chain is followed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from uuid import UUID

from shared.kernel.policy import anyone
from shared.kernel.types import Role

READ = anyone("chain.read")


@dataclass(frozen=True, slots=True)
class Sight:
    """Who, beside its own organisations, may know of a kind of thing, as far as the clearance reaches.

    A thing is known outside its organisations since it was in one of the states `known_by`, with none since its first
    fact, but not while it is back in one of `back_in`. Then `overseers` see it; of a kind that `waits` those of
    `at_once` only, the others when the call it answers has closed: how many compete is worth something before.
    `drafts` are those who see it before it is known.
    """

    overseers: frozenset[Role]
    known_by: frozenset[str] = frozenset()
    back_in: frozenset[str] = frozenset()
    drafts: frozenset[Role] = frozenset()
    waits: bool = False
    at_once: frozenset[Role] = frozenset()
    everybody: bool = False
    """Once known it is shown to everyone signed in."""
    visitors: bool = False
    """And to those who are not: the kinds that have a public page."""


WATCH = frozenset({Role.COORDINATOR, Role.AUDITOR})
"""They follow a chain through all services: that is their office."""
OFFICE = WATCH | {Role.PROGRAMME_OFFICER}
REGISTRY = WATCH | {Role.IP_OFFICER}
SIGHTS: dict[str, Sight] = {
    "organisation": Sight(WATCH, everybody=True),
    "person": Sight(WATCH, everybody=True),
    "facility": Sight(WATCH, everybody=True),
    "booking": Sight(WATCH),
    "achievement": Sight(WATCH, everybody=True, visitors=True),
    "requirement": Sight(OFFICE, back_in=frozenset({"returned"})),
    "call": Sight(
        OFFICE,
        known_by=frozenset({"released", "closed", "deciding", "decided", "archived"}),
        drafts=OFFICE,
        everybody=True,
        visitors=True,
    ),
    "application": Sight(
        OFFICE,
        known_by=frozenset({"submitted", "reviewed", "decided"}),
        waits=True,
        at_once=frozenset({Role.PROGRAMME_OFFICER}),
    ),
    "project": Sight(OFFICE | REGISTRY),
    "milestone": Sight(OFFICE),
    "rights": Sight(OFFICE, known_by=frozenset({"proposed", "agreed"})),
    "claim": Sight(OFFICE),
    "change": Sight(OFFICE),
    "risk": Sight(OFFICE),
    "report": Sight(OFFICE),
    "evaluation": Sight(OFFICE),
    "standing": Sight(OFFICE, known_by=frozenset({"noticed", "in_force", "appealed", "upheld", "lifted", "expired"})),
    "outage": Sight(WATCH, everybody=True, visitors=True),
    "disclosure": Sight(REGISTRY),
    "asset": Sight(REGISTRY),
    "product": Sight(WATCH, known_by=frozenset({"published"}), everybody=True),
    "need": Sight(WATCH, known_by=frozenset({"open"})),
    "match": Sight(WATCH),
}
"""Kind → who may know of it. A kind that does not stand here is its organisations' alone."""
CLOSED_CALL = ("closed", "deciding", "decided", "archived")
LEFT_OUT = (
    "task",
    "import",
    "account",
    "duplicate_check",
    "decision",
    "objection",
    "offer",
    "appeal",
    "calendar_address",
    "address_book",
    "follow_up",
    "panel",
    "report_plan",
)
"""Kinds that are no link of a chain."""
SHARED_KINDS = ("facility", "product", "organisation", "person")
"""Many chains touch these; a chain ends at them, or it would run into all others. Opened from one, it is followed."""
MAX_THINGS = 100
MAX_DEPTH = 30

Node = tuple[str, UUID]


def makes_known(kind: str, state: str) -> bool:
    """Whether a fact that leaves a thing in this state (empty: in whatever it was) tells of it outside its owners."""
    sight = SIGHTS.get(kind)
    return sight is not None and (not sight.known_by or state in sight.known_by)


def layers(nodes: Iterable[Node], links: Iterable[tuple[Node, Node]]) -> dict[Node, int]:
    """How many steps each node lies behind its farthest origin; a cycle is cut where it closes."""
    arisen: dict[Node, list[Node]] = {node: [] for node in nodes}
    waiting = dict.fromkeys(arisen, 0)
    for origin, thing in links:
        arisen[origin].append(thing)
        waiting[thing] += 1
    found: dict[Node, int] = dict.fromkeys(arisen, 0)
    left = set(arisen)
    while left:
        ready = sorted((node for node in left if waiting[node] <= 0), key=_order) or [min(left, key=_order)]
        for node in ready:
            left.discard(node)
            for thing in arisen[node]:
                waiting[thing] -= 1
                if thing in left:
                    found[thing] = max(found[thing], found[node] + 1)
    return found


def root(layer: Mapping[Node, int]) -> Node | None:
    """The thing all began with: the oldest origin, a shared thing only when there is no other."""
    origins = [node for node, depth in layer.items() if depth == 0]
    return min(origins, key=lambda node: (node[0] in SHARED_KINDS, _order(node)), default=None)


def _order(node: Node) -> tuple[str, str]:
    """By id first: ids are made in order of time."""
    return str(node[1]), node[0]
