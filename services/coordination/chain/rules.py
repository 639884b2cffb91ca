"""What may be seen of a thing in the causal chain, and how far a chain is followed."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from shared.kernel.policy import anyone
from shared.kernel.types import Role

READ = anyone("chain.read")
OVERSEERS = (Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.AUDITOR, Role.ADMINISTRATOR, Role.IP_OFFICER)
OPEN_KINDS = ("call", "organisation", "facility", "achievement", "product", "person")
"""Shown to everyone signed in whose clearance reaches the label."""
PUBLIC_KINDS = ("call", "achievement")
"""Shown to visitors too: those that have a public page."""
UNRELEASED = ("draft", "in_signoff", "signed_off", "cancelled")
"""A thing in one of these states is its owners' and the overseers' alone, whatever its kind."""
LEFT_OUT = ("task", "import", "account")
"""Kinds that are no link of a chain."""
SHARED_KINDS = ("facility", "product", "organisation", "person")
"""Many chains touch these; a chain ends at them, or it would run into all others. Opened from one, it is followed."""
MAX_THINGS = 100
MAX_DEPTH = 30

Node = tuple[str, UUID]


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
