"""The shape of the house: sizes, names, files of a feature, what the READMEs claim."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.migrate import PACKAGES
from shared.contracts import EVENTS
from shared.kernel.settings import SERVICE_NAMES, Settings
from tests.access.census import applications

ROOT = Path(__file__).resolve().parents[2]
MOST_LINES = 400
EARLIER = re.compile(r"V\d+$")
"""The name of a contract that nobody says any more: what was said by it is still heard."""
SHARED_BUDGET = 11_000
"""Lines of shared/ without its contracts; the decision records on its size give the reason."""
BANNED = frozenset({"utils", "helpers", "common", "manager", "data", "handle", "process"})
ROOMS = frozenset({"__init__", "rules", "model", "schemas", "actions", "queries", "api", "pages", "reactions"})
SIDE_ROOMS = {
    "score": "finance: the score after the hard rules; with them it would be longer than a person reads",
    "words": "what states and kinds are called on screens",
    "tasks": "what is put on people's worklists",
    "imports": "taking in public records",
    "eligibility": "a decision with its clauses",
    "export": "a file made of rows",
    "drawing": "a picture computed from rows",
    "calendars": "iCalendar",
    "flow": "optimisation, numbers only",
    "conflicts": "who is too close to what",
    "certificate": "why something is impossible, and what would help",
    "affinity": "how well a text fits a person's work",
    "matching": "from texts to the pairs worth weighing, and to an assignment",
    "lottery": "drawing by lot under a bound",
    "bidding": "how what experts bid changes how well they fit",
    "spread": "at most so many of one organisation or region",
    "by_hand": "what an officer changes in a decision, checked as the decision is",
    "demands": "who gets more or fewer reviewers than the others",
    "counted": "how affinity was counted before texts were compared, so that old decisions repeat",
    "workspace": "the page of a thing with which several rooms answer",
    "works": "what somebody is known to have written or done",
    "namesakes": "who may be a second record of whom",
    "pinyin": "how Chinese names are read",
    "identities": "which records are the same person",
    "calibration": "scores of harsh and mild reviewers made comparable",
    "mixed_model": "the statistics of calibration, as arrays",
    "knapsack": "the best set under a budget and limits",
    "numbers": "what offices number by, and their check digits",
    "telling": "what whom is told of a decision",
    "authors": "who stands behind what is judged",
    "ties": "what joins two people, by joining what they share",
    "sources": "what a rule is fed from the tables, one statement a source",
    "suspects": "what the clock looks at more closely, found cheaply",
    "outlook": "advice beside a decision: how sure it is, what more would cost",
    "terms": "the days and rules of a call",
    "duties": "what a call gives people to do",
    "portfolio": "share limits of a call and how they are said",
    "passages": "what two texts share",
    "known": "what was said before, kept to be compared",
    "keys": "keys that sign, and what they have signed",
    "paper": "a page of PDF drawn from facts",
    "questions": "what a form asks, as JSON Schema and back",
    "soundness": "why a form contradicts itself",
    "checking": "answers against what was asked",
    "desk": "the routes by which a form is written, for every room that has one",
    "previews": "a form tried out before anybody fills it in, for every room that has one",
    "template_pages": "the pages on which an office writes what reports ask",
    "samples": "forms to begin with",
    "facts": "what a rule is given, gathered from tables, and what each reader is told of it",
    "letters": "what a letter says",
    "papers": "what a paper says, fixed with its number",
    "sending": "a paper as the answer to a request",
    "versions": "each signed wording, kept word for word",
    "follow_ups": "what is asked years later: a row of its own beside what it follows",
    "following": "writes about it",
    "consents": "what each partner consented to, kept word for word",
    "clock": "what is done by the clock, where people have actions of their own",
    "streams": "what the event server says of itself",
    "board": "what a person arranges by hand, and what that comes to",
    "limits": "what a choice comes to under limits",
    "trials": "reads of what a choice would come to, which store nothing",
    "approved": "what was granted, as those who deliver it need it",
}
"""Parts split off from a room that grew; a new name is added with what it is."""


def sources(*more: str) -> Iterator[Path]:
    for part in ("services", "shared", "infra", "seeds", *more):
        for path in sorted((ROOT / part).rglob("*.py")):
            if "node_modules" not in path.parts:
                yield path


def lines(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


def test_no_file_is_longer_than_a_person_reads() -> None:
    assert [f"{path.relative_to(ROOT)}: {n}" for path in sources("tests") if (n := lines(path)) > MOST_LINES] == []


def test_shared_stays_within_its_budget() -> None:
    counted = [path for path in (ROOT / "shared").rglob("*.py") if path.parent.name != "contracts"]
    assert sum(lines(path) for path in counted) <= SHARED_BUDGET


def test_nothing_has_a_name_that_says_nothing() -> None:
    wrong = []
    for path in sources():
        where = path.relative_to(ROOT)
        wrong += [str(where) for part in (*where.parts[:-1], where.stem) if part in BANNED]
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                words = set(node.name.lower().strip("_").split("_"))
                if node.name.lower().strip("_") in BANNED or words & (BANNED - {"data", "process", "handle", "common"}):
                    wrong.append(f"{where}:{node.lineno} {node.name}")
    assert wrong == []


def features() -> list[Path]:
    return sorted(path.parent for path in (ROOT / "services").glob("*/*/__init__.py"))


@pytest.mark.parametrize("feature", features(), ids=lambda path: f"{path.parent.name}.{path.name}")
def test_a_feature_holds_only_rooms_that_are_known(feature: Path) -> None:
    found = {path.stem for path in feature.glob("*.py")}
    assert found - ROOMS - set(SIDE_ROOMS) == set()
    assert {path.name for path in feature.iterdir() if path.is_dir()} <= {"templates", "__pycache__"}


@pytest.mark.parametrize("feature", features(), ids=lambda path: f"{path.parent.name}.{path.name}")
def test_no_room_of_a_feature_is_empty(feature: Path) -> None:
    for path in feature.glob("*.py"):
        if path.stem != "__init__":
            parts = ast.parse(path.read_text("utf-8")).body
            assert any(not isinstance(part, ast.Expr | ast.Import | ast.ImportFrom) for part in parts), path.name


def table(readme: str, heading: str) -> list[list[str]]:
    """The rows of the first table below a heading, without its two lines of head."""
    section = re.split(rf"(?m)^## {heading}\b.*$", readme)
    assert len(section) == 2, f"the README has no section “## {heading}”"
    rows = [line for line in section[1].split("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip().strip("`") for cell in row.strip("|").split("|")] for row in rows[2:]]


def named(cell: str) -> str:
    """The class of an event that a README names by class or by type."""
    return EVENTS[cell].__name__ if cell in EVENTS else cell


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_the_readme_says_what_the_service_says(service: str) -> None:
    readme = (ROOT / "services" / PACKAGES[service] / "README.md").read_text("utf-8")
    said = {
        event.__name__ for event in EVENTS.values() if event.service() == service and not EARLIER.search(event.__name__)
    }
    assert {named(row[0]) for row in table(readme, "Says")} == said


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_every_event_of_a_contract_is_said_by_its_service(service: str) -> None:
    code = "".join(path.read_text("utf-8") for path in (ROOT / "services" / PACKAGES[service]).rglob("*.py"))
    silent = {
        event.__name__
        for event in EVENTS.values()
        if event.service() == service
        and not EARLIER.search(event.__name__)
        and not re.search(rf"\b{event.__name__}\(", code)
    }
    assert silent == set()


@pytest.mark.parametrize("service", sorted(PACKAGES))
def test_the_readme_says_what_the_service_hears(service: str) -> None:
    """What shared/ hears for every service alike (access) may stand there or not."""
    readme = (ROOT / "services" / PACKAGES[service] / "README.md").read_text("utf-8")
    heard: set[tuple[str, str, str]] = set()
    alike: set[tuple[str, str, str]] = set()
    for reaction in applications()[service].state.service.reactions:
        names = {(event.__name__, event.service()) for event in reaction.events} or {("every event", "all five")}
        found = {(name, producer, reaction.name) for name, producer in names}
        (alike if reaction.function.__module__.startswith("shared.") else heard).update(found)
    rows = {(named(row[0]), row[1], row[2]) for row in table(readme, "Hears")}
    assert rows - alike == heard


def test_the_operations_page_names_every_setting() -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8")
    by_service = {f"{service}_{kind}_url" for service in SERVICE_NAMES for kind in ("database", "migration")}
    assert {"HECHUAN_<SERVICE>_DATABASE_URL", "HECHUAN_<SERVICE>_MIGRATION_URL"} <= set(re.findall(r"`([^`]+)`", page))
    named = [f"HECHUAN_{name.upper()}" for name in Settings.model_fields if name not in by_service]
    assert [name for name in named if f"`{name}`" not in page] == []
