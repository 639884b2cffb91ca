"""Services, kinds and facts as people call them, those too that have no page and no place in a chain."""

from shared.web.history import fact_word
from shared.web.i18n import lazy
from shared.web.links import thing_word

SERVICES = {
    "projects": lazy("Projects"),
    "ip": lazy("Intellectual property"),
    "catalog": lazy("Catalogue"),
    "finance": lazy("Finance"),
    "coordination": lazy("Coordination"),
}
KINDS = {"task": lazy("Task"), "import": lazy("Import")}
TASK_FACTS = {"assigned": lazy("Task assigned"), "done": lazy("Task done")}


def kind_word(kind: str) -> str:
    return str(KINDS.get(kind) or thing_word(kind))


def what_word(event_type: str) -> tuple[str, str]:
    """An event type in words, and its tone."""
    _platform, _service, kind, verb, _version = event_type.split(".")
    if kind == "task" and verb in TASK_FACTS:
        return str(TASK_FACTS[verb]), "neutral"
    return fact_word(event_type)
