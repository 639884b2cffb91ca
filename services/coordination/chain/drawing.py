"""A chain as people see it: a thin strip of kinds, and a plot in layers."""

from collections import Counter
from typing import Any

from services.coordination.chain.queries import Chain
from services.coordination.chain.rules import SHARED_KINDS, Node
from services.coordination.chain.words import state_word
from shared.kernel.actor import Actor
from shared.web.links import thing_url, thing_word
from shared.web.sentences import named

Step = tuple[str, str, str, bool]
COLOURS = 6
SYMBOLS = ("circle", "diamond", "triangle")
"""The page has six colours for plots; the seventh kind takes another shape."""


def strip(chain: Chain, current: Node, actor: Actor) -> list[Step]:
    """Kinds from origin to outcome for `ui.chain`: a single thing by its name, several by their number."""
    numbers = Counter(row["kind"] for row in chain.things)
    found: dict[str, Step] = {}
    for row in chain.things:
        node = (row["kind"], row["id"])
        if node == current:
            found[row["kind"]] = (thing_word(row["kind"]), named(row["title"]), "", True)
        elif row["kind"] not in found and (row["kind"] not in SHARED_KINDS or len(numbers) == 1):
            several = numbers[row["kind"]] > 1
            text, address = (
                (f"× {numbers[row['kind']]}", "#things") if several else (named(row["title"]), _page(node, actor))
            )
            found[row["kind"]] = (thing_word(row["kind"]), text, address, False)
    return list(found.values())


def _page(node: Node, actor: Actor) -> str:
    return thing_url(*node, actor) or "#things"


def plot(chain: Chain, current: Node, actor: Actor) -> dict[str, Any]:
    """An ECharts graph with a column for each layer."""
    columns = _columns(chain)
    kinds = list(dict.fromkeys(row["kind"] for row in chain.things))
    rows_in: Counter[int] = Counter()
    height = Counter(columns.values())
    tallest = max(height.values())
    points = []
    for row in chain.things:
        node = (row["kind"], row["id"])
        column = columns[node]
        points.append(
            {
                "id": str(row["id"]),
                "name": f"{thing_word(row['kind'])}: {named(row['title'])} ({state_word(row['state'])})",
                "label": {"formatter": _shortened(named(row["title"]))},
                "value": [column, rows_in[column] + (tallest - height[column]) / 2],
                "category": kinds.index(row["kind"]),
                "symbolSize": 26 if node == current else 16,
                "url": thing_url(*node, actor),
            }
        )
        rows_in[column] += 1
    return {
        "legend": {"data": [thing_word(kind) for kind in kinds], "top": 0, "type": "scroll"},
        "tooltip": {"formatter": "{b}"},
        "grid": {"left": 70, "right": 70, "top": 56, "bottom": 32},
        "xAxis": {"type": "value", "show": False, "min": 0, "max": max(1, *columns.values(), 0)},
        "yAxis": {"type": "value", "show": False, "inverse": True, "min": -0.5, "max": tallest - 0.5},
        "series": [
            {
                "type": "graph",
                "coordinateSystem": "cartesian2d",
                "edgeSymbol": ["none", "arrow"],
                "edgeSymbolSize": 7,
                "lineStyle": {"curveness": 0.08, "opacity": 0.7},
                "label": {"show": True, "position": "bottom", "fontSize": 11},
                "labelLayout": {"hideOverlap": True},
                "categories": [
                    {"name": thing_word(kind), "symbol": SYMBOLS[number // COLOURS % len(SYMBOLS)]}
                    for number, kind in enumerate(kinds)
                ],
                "data": points,
                "links": [{"source": str(link["from_id"]), "target": str(link["to_id"])} for link in chain.links],
            }
        ],
    }


def _columns(chain: Chain) -> dict[Node, int]:
    """The layers, but an origin that came in late stands right before what it gave rise to."""
    columns = dict(chain.layer)
    has_origin = {(link["to_kind"], link["to_id"]) for link in chain.links}
    for node in columns:
        if node not in has_origin and node != chain.root:
            after = [
                chain.layer[link["to_kind"], link["to_id"]]
                for link in chain.links
                if (link["from_kind"], link["from_id"]) == node
            ]
            columns[node] = max(min(after, default=1) - 1, 0)
    return columns


def _shortened(title: str) -> str:
    return title if len(title) <= 22 else title[:21] + "…"


def table(chain: Chain, actor: Actor) -> list[dict[str, Any]]:
    """Each thing with what it arose from, for the table below the plot."""
    titles = {(row["kind"], row["id"]): named(row["title"]) for row in chain.things}
    origins: dict[Node, list[str]] = {node: [] for node in titles}
    for link in chain.links:
        origins[link["to_kind"], link["to_id"]].append(titles[link["from_kind"], link["from_id"]])
    return [
        {
            **row,
            "title": named(row["title"]),
            "word": thing_word(row["kind"]),
            "url": thing_url(row["kind"], row["id"], actor),
            "state": state_word(row["state"]),
            "origins": ", ".join(origins[row["kind"], row["id"]]),
        }
        for row in chain.things
    ]
