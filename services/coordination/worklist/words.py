"""Tasks in the reader's language. Services say a task's sentence in English; the kind of task has its word here."""

from collections.abc import Iterable
from typing import Any

from services.coordination.worklist.rules import Urgency, quoted
from shared.db.work import Row
from shared.web.i18n import _, language, lazy
from shared.web.links import thing_word
from shared.web.words import label_word, role_word

KINDS = {
    "achievement.correct": lazy("Correct an achievement"),
    "achievement.release": lazy("Release an achievement"),
    "achievement.security_review": lazy("Check an achievement's label"),
    "application.check": lazy("Check an application"),
    "application.consent": lazy("Consent to an application"),
    "call.assign": lazy("Assign experts"),
    "call.decide": lazy("Decide a call"),
    "call.signoff": lazy("Sign off a call"),
    "deadline.meet": lazy("Meet a deadline"),
    "disclosure.triage": lazy("Triage a disclosure"),
    "match.answer": lazy("Answer a finance partner"),
    "milestone.evidence": lazy("Show evidence of a milestone"),
    "milestone.judge": lazy("Judge a milestone"),
    "need.offer": lazy("Look at a financing need"),
    "project.complete": lazy("Complete a project"),
    "project.draft": lazy("Draft a task book"),
    "project.sign": lazy("Sign a task book"),
    "review.answer": lazy("Accept or decline a review"),
    "review.write": lazy("Write a review"),
}
TONES = {
    Urgency.OVERDUE: "danger",
    Urgency.SOON: "warning",
    Urgency.LATER: "info",
    Urgency.NONE: "neutral",
}


def kind_word(kind: str, about_kind: str) -> str:
    known = KINDS.get(kind)
    return str(known) if known else thing_word(about_kind)


def title_word(title: str, kind: str) -> str:
    """The sentence as it was said in English; elsewhere the kind's word and the thing's name."""
    name = quoted(title)
    if language() == "en" or kind not in KINDS or not name:
        return title
    return _("%(task)s: “%(thing)s”", task=str(KINDS[kind]), thing=name)


def shown(tasks: Iterable[Row]) -> list[dict[str, Any]]:
    """Tasks as the macro `ui.worklist` draws them."""
    found = []
    for task in tasks:
        notes = [str(label_word(task["label"]))] if task["label"] != "public" else []
        if task["role"]:
            notes.insert(0, role_word(task["role"]))
        if task["urgency"] == Urgency.OVERDUE:
            notes.insert(0, _("Overdue"))
        found.append(
            {
                "title": title_word(task["title"], task["kind"]),
                "url": task["url"] if task["url"].startswith("/") else "/worklist",
                "kind": kind_word(task["kind"], task["about_kind"]),
                "due": task["due_at"],
                "urgency": TONES[task["urgency"]],
                "note": " · ".join(notes),
            }
        )
    return found
