"""Tasks in the reader's language: the kind of task has its word here, its sentence is known by its pattern."""

from collections.abc import Iterable
from typing import Any

from services.coordination.worklist.rules import Urgency
from shared.db.work import Row
from shared.web.i18n import _, lazy
from shared.web.links import thing_word
from shared.web.sentences import said
from shared.web.words import label_word, role_word

KINDS = {
    "achievement.correct": lazy("Correct an achievement"),
    "achievement.release": lazy("Release an achievement"),
    "achievement.security_review": lazy("Check an achievement's label"),
    "application.check": lazy("Check an application"),
    "application.call_changes": lazy("Read what changed in a call"),
    "application.complete": lazy("Complete an application"),
    "application.consent": lazy("Consent to an application"),
    "application.hand_in": lazy("Hand in an application"),
    "application.departure": lazy("Answer for a partner that left"),
    "application.membership": lazy("Agree to be named in an application"),
    "appeal.decide": lazy("Decide an appeal"),
    "award.answer": lazy("Take or turn down an award"),
    "call.amendment": lazy("Sign off an amendment"),
    "call.cancelled": lazy("A saved call"),
    "call.changed": lazy("A saved call"),
    "call.closing": lazy("A saved call"),
    "call.match": lazy("A saved search"),
    "call.assign": lazy("Assign experts"),
    "call.decide": lazy("Decide a call"),
    "call.release": lazy("Release a call"),
    "call.signoff": lazy("Sign off a call"),
    "change.judge": lazy("Answer a change of a task book"),
    "claim.correct": lazy("Correct a claim"),
    "claim.judge": lazy("Judge a claim"),
    "deadline.meet": lazy("Meet a deadline"),
    "duplicates.explain": lazy("Explain an overlap"),
    "duplicates.judge": lazy("Look at a possible duplicate"),
    "decision.approve": lazy("Approve a decision"),
    "decision.notice": lazy("Public notice"),
    "decision.revise": lazy("Decide again"),
    "disclosure.triage": lazy("Triage a disclosure"),
    "evaluation.decide": lazy("Decide an evaluation"),
    "evaluation.follow_up": lazy("Answer a follow-up"),
    "evaluation.judge": lazy("Judge a project"),
    "evaluation.panel": lazy("Appoint a panel"),
    "evaluation.report": lazy("Report on a project"),
    "evaluation.silent": lazy("A panel member is overdue"),
    "match.answer": lazy("Answer a finance partner"),
    "milestone.evidence": lazy("Show evidence of a milestone"),
    "milestone.explain": lazy("Explain a delay"),
    "milestone.late": lazy("Milestone is late"),
    "milestone.release": lazy("Release a tranche"),
    "milestone.remind": lazy("Milestone due soon"),
    "milestone.judge": lazy("Judge a milestone"),
    "need.offer": lazy("Look at a financing need"),
    "objection.answer": lazy("Answer an objection"),
    "panel.attend": lazy("Sit on a panel"),
    "panel.confirm": lazy("Confirm the minutes of a panel"),
    "project.complete": lazy("Complete a project"),
    "project.correct": lazy("Correct a task book"),
    "project.draft": lazy("Draft a task book"),
    "project.review": lazy("Decide whether a project ends"),
    "project.sign": lazy("Sign a task book"),
    "report.write": lazy("Write a progress report"),
    "report.part": lazy("Write a part of a report"),
    "report.judge": lazy("Judge a progress report"),
    "report.explain": lazy("Explain a delay"),
    "report.late": lazy("Progress report is late"),
    "requirement.complete": lazy("Complete a requirement"),
    "requirement.consult": lazy("Ask experts about a requirement"),
    "requirement.decide": lazy("Adopt or decline a requirement"),
    "requirement.opine": lazy("Give an opinion on a requirement"),
    "requirement.prioritise": lazy("Prioritise a requirement"),
    "review.answer": lazy("Accept or decline a review"),
    "review.bid": lazy("Say what you would review"),
    "review.overdue": lazy("A reviewer is overdue"),
    "review.write": lazy("Write a review"),
    "rights.draft": lazy("Word an agreement on results"),
    "rights.sign": lazy("Sign an agreement on results"),
    "standing.answer": lazy("Answer a notice"),
    "standing.appeal": lazy("Entry that can be appealed"),
    "standing.decide": lazy("Decide an appeal"),
    "standing.enforce": lazy("Put an entry in force"),
    "standing.judge": lazy("Give notice of an entry"),
    "termination.agree": lazy("Agree to end a project"),
    "termination.answer": lazy("Answer why a project should go on"),
    "termination.clear": lazy("Confirm what was paid back"),
    "termination.decide": lazy("Decide whether a project ends"),
    "termination.settle": lazy("Settle a project that ended"),
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
                "title": said(task["title"]),
                "url": task["url"] if task["url"].startswith("/") else "/worklist",
                "kind": kind_word(task["kind"], task["about_kind"]),
                "due": task["due_at"],
                "urgency": TONES[task["urgency"]],
                "note": " · ".join(notes),
            }
        )
    return found
