"""`hechuan verify --traces`: does every decision's trace, run again, give the same answer? Changes nothing."""

import json
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import psycopg
from psycopg.rows import dict_row
from rich.console import Console
from rich.table import Table

from infra.platform import attach
from services.finance_matching.matching.rules import judge
from services.project_management.applications.eligibility import eligibility
from services.project_management.assignments.rules import assign
from services.project_management.awards.rules import decide
from services.project_management.budgets.rules import overrun
from services.project_management.consultations.rules import prioritise
from services.project_management.delivery.rules import gate
from services.project_management.departures.rules import anew
from services.project_management.duplicates.rules import compare
from services.project_management.evaluations.rules import grading
from services.project_management.reserves.rules import next_offer
from services.project_management.rights.rules import soundness
from services.project_management.standing.rules import effects
from services.project_management.terminations.rules import settlement
from services.resource_catalog.bookings.rules import terms
from shared.kernel.settings import Settings
from shared.kernel.trace import DecisionTrace

EXAMPLES = 5
BATCH = 200
BAR = "every trace repeats: a decision that cannot be run again cannot be answered for"


@dataclass(frozen=True, slots=True)
class Traced:
    """Where the traces of a rule lie, and the rule."""

    service: str
    table: str
    column: str
    rule: Callable[[dict[str, Any]], DecisionTrace]
    key: str = "id"


TRACED = (
    Traced("projects", "requirements", "priority_trace", prioritise),
    Traced("projects", "applications", "eligibility", eligibility),
    Traced("projects", "application_departures", "trace", anew),
    Traced("projects", "assignments", "trace", assign),
    Traced("projects", "decisions", "trace", decide),
    Traced("projects", "duplicate_checks", "trace", compare),
    Traced("projects", "award_offers", "trace", next_offer),
    Traced("projects", "appeals", "trace", next_offer),
    Traced("projects", "agreement_versions", "trace", soundness, "agreement_id"),
    Traced("projects", "milestones", "gate", gate),
    Traced("projects", "expenditure_claims", "trace", overrun),
    Traced("projects", "evaluations", "trace", grading),
    Traced("projects", "terminations", "trace", settlement),
    Traced("projects", "standing_entries", "trace", effects),
    Traced("catalog", "bookings", "trace", terms),
    Traced("finance", "matches", "trace", judge),
)


@dataclass
class Repeated:
    """How many traces of one kind there are, and how many gave the same answer."""

    what: str
    decisions: int = 0
    same: int = 0
    examples: list[str] = field(default_factory=list)


def repeat_all(settings: Settings) -> list[Repeated]:
    return [_repeated(settings, traced) for traced in TRACED]


def _repeated(settings: Settings, traced: Traced) -> Repeated:
    found = Repeated(f"{traced.service}.{traced.table}.{traced.column}")
    for id, stored in _stored(settings, traced):
        found.decisions += 1
        try:
            same = DecisionTrace.model_validate(stored).repeats(traced.rule)
            told = "gives another answer now"
        except Exception as fault:  # whatever a rule of today makes of the inputs of then is the finding
            same, told = False, f"{type(fault).__name__}: {fault}"
        found.same += same
        if not same and len(found.examples) < EXAMPLES:
            found.examples.append(f"{id}: {told[:200]}")
    return found


def _stored(settings: Settings, traced: Traced) -> Iterator[tuple[str, Any]]:
    """A cursor on the server: there may be more of them than fit into memory."""
    with (
        psycopg.connect(settings.database_url(traced.service), row_factory=dict_row) as connection,
        connection.cursor(name="traces") as cursor,
    ):
        cursor.itersize = BATCH
        cursor.execute(
            f"""SELECT {traced.key}::text AS id, {traced.column} AS trace FROM {traced.table}
                WHERE jsonb_typeof({traced.column}) = 'object' AND {traced.column} <> '{{}}' ORDER BY 1""".encode()  # noqa: S608 -- constants only
        )
        for row in cursor:
            yield row["id"], row["trace"]


def report(settings: Settings, as_json: bool) -> int:
    """Print how many traces repeat; 0 when all do."""
    begun = time.monotonic()
    found = repeat_all(attach(settings))
    decisions, same = (sum(getattr(one, name) for one in found) for name in ("decisions", "same"))
    seconds = time.monotonic() - begun
    if as_json:
        figures = {"decisions": decisions, "same": same, "seconds": round(seconds, 2)}
        ratio = same / decisions if decisions else None
        told = {
            "figures": figures,
            "baseline": {"same": decisions},
            "ratio": ratio,
            "bar": BAR,
            "met": same == decisions,
        }
        print(json.dumps(told | {"compared": [asdict(one) for one in found]}))  # noqa: T201 -- the command's output
        return 0 if same == decisions else 1
    console = Console(highlight=False)
    table = Table(title="Traces")
    for head in ("decisions of", "traces", "same answer"):
        table.add_column(head, justify="left" if head == "decisions of" else "right")
    for one in found:
        table.add_row(one.what, str(one.decisions), str(one.same))
    console.print(table)
    for one in found:
        for example in one.examples:
            console.print(f"  {one.what}: {example}", markup=False)
    console.print(f"{same} of {decisions} decisions repeat ({seconds:.1f} s)")
    return 0 if same == decisions else 1
