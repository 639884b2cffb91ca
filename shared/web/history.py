"""Facts as entries of a timeline: in words, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any

from shared.web.i18n import Lazy, lazy
from shared.web.sentences import said

WORDS: dict[str, tuple[Lazy, str]] = {
    "coordination.account.role_granted": (lazy("Role granted"), "success"),
    "coordination.account.role_revoked": (lazy("Role revoked"), "warning"),
    "coordination.account.clearance_changed": (lazy("Clearance changed"), "info"),
    "coordination.address_book.changed": (lazy("E-mail addresses changed"), "info"),
    "coordination.account.session_revoked": (lazy("Signed out everywhere"), "warning"),
    "catalog.organisation.registered": (lazy("Organisation registered"), "info"),
    "catalog.organisation.admitted": (lazy("Organisation admitted"), "success"),
    "catalog.organisation.suspended": (lazy("Organisation suspended"), "danger"),
    "catalog.organisation.corrected": (lazy("Organisation corrected"), "info"),
    "catalog.person.registered": (lazy("Person registered"), "info"),
    "catalog.person.affiliation_changed": (lazy("Affiliation changed"), "info"),
    "catalog.facility.published": (lazy("Facility published"), "success"),
    "catalog.booking.confirmed": (lazy("Booking confirmed"), "success"),
    "catalog.booking.cancelled": (lazy("Booking cancelled"), "warning"),
    "catalog.achievement.released": (lazy("Achievement released"), "success"),
    "projects.requirement.put_forward": (lazy("Requirement put forward"), "info"),
    "projects.requirement.returned": (lazy("Returned for completion"), "warning"),
    "projects.requirement.consulted": (lazy("Experts asked"), "info"),
    "projects.requirement.prioritised": (lazy("Priority fixed"), "info"),
    "projects.requirement.adopted": (lazy("Adopted into a call"), "success"),
    "projects.requirement.declined": (lazy("Requirement not adopted"), "neutral"),
    "projects.requirement.merged": (lazy("Merged into another requirement"), "info"),
    "projects.requirement.widened": (lazy("Others merged into it"), "info"),
    "projects.requirement.withdrawn": (lazy("Requirement withdrawn"), "warning"),
    "projects.call.drafted": (lazy("Call drafted"), "neutral"),
    "projects.call.edited": (lazy("Call changed"), "neutral"),
    "projects.call.sent_to_signoff": (lazy("Sent to sign-off"), "info"),
    "projects.call.signed": (lazy("Signed by an office"), "info"),
    "projects.call.signed_off": (lazy("Call signed off"), "success"),
    "projects.call.returned": (lazy("Returned to the drafter"), "warning"),
    "projects.call.cancelled": (lazy("Call cancelled"), "danger"),
    "projects.call.released": (lazy("Call released"), "success"),
    "projects.call.amended": (lazy("Amended"), "info"),
    "projects.call.extended": (lazy("Closing time moved"), "info"),
    "projects.outage.recorded": (lazy("Outage recorded"), "warning"),
    "projects.call.closed": (lazy("Call closed"), "neutral"),
    "projects.call.decision_started": (lazy("Decision begun"), "info"),
    "projects.call.decided": (lazy("Call decided"), "success"),
    "projects.application.drafted": (lazy("Application drafted"), "neutral"),
    "projects.application.edited": (lazy("Application changed"), "neutral"),
    "projects.application.partner_answered": (lazy("Partner answered"), "info"),
    "projects.application.member_answered": (lazy("Somebody named answered"), "info"),
    "projects.application.document_attached": (lazy("Document attached"), "info"),
    "projects.application.checked": (lazy("Checked for completeness"), "info"),
    "projects.application.submitted": (lazy("Application submitted"), "info"),
    "projects.application.returned": (lazy("Returned for completion"), "warning"),
    "projects.application.stands": (lazy("Stands as it was handed in"), "info"),
    "projects.application.withdrawn": (lazy("Application withdrawn"), "warning"),
    "projects.application.review_completed": (lazy("Expert review completed"), "info"),
    "projects.application.award_decided": (lazy("Award decided"), "success"),
    "projects.application.partner_left": (lazy("A partner left"), "warning"),
    "projects.application.successor_asked": (lazy("A successor was asked"), "info"),
    "projects.application.departure_settled": (lazy("The part of a partner that left is settled"), "info"),
    "projects.call.archived": (lazy("Call filed away"), "neutral"),
    "projects.panel.convened": (lazy("Panel convened"), "info"),
    "projects.panel.opened": (lazy("Panel in session"), "info"),
    "projects.panel.closed": (lazy("Minutes of the panel closed"), "success"),
    "projects.panel.cancelled": (lazy("Panel called off"), "neutral"),
    "projects.decision.proposed": (lazy("Decision put forward"), "info"),
    "projects.decision.approved": (lazy("Approved by an office"), "info"),
    "projects.decision.returned": (lazy("Decision returned"), "warning"),
    "projects.decision.published": (lazy("Public notice begun"), "info"),
    "projects.decision.final": (lazy("Decision final"), "success"),
    "projects.objection.lodged": (lazy("Objection lodged"), "warning"),
    "projects.objection.withdrawn": (lazy("Objection withdrawn"), "neutral"),
    "projects.objection.answered": (lazy("Objection answered"), "info"),
    "projects.offer.made": (lazy("Award offered from the reserve list"), "info"),
    "projects.offer.answered": (lazy("Offer answered"), "info"),
    "projects.appeal.lodged": (lazy("Appeal lodged"), "warning"),
    "projects.appeal.withdrawn": (lazy("Appeal withdrawn"), "neutral"),
    "projects.appeal.decided": (lazy("Appeal decided"), "info"),
    "projects.duplicate_check.made": (lazy("Checked for duplicates"), "info"),
    "projects.duplicate_check.judged": (lazy("Possible duplicate judged"), "info"),
    "projects.duplicate_check.explained": (lazy("Overlap explained"), "info"),
    "projects.calendar_address.made": (lazy("Calendar address made"), "info"),
    "projects.calendar_address.revoked": (lazy("Calendar address revoked"), "neutral"),
    "projects.rights.proposed": (lazy("Agreement put before the parties"), "info"),
    "projects.rights.signed": (lazy("Agreement signed by a party"), "info"),
    "projects.rights.refused": (lazy("Agreement refused by a party"), "warning"),
    "projects.rights.reopened": (lazy("Agreement opened again"), "warning"),
    "projects.rights.ended": (lazy("Agreement ended with the project"), "warning"),
    "projects.rights.agreed": (lazy("Agreement signed by all"), "success"),
    "projects.project.task_book_drafted": (lazy("Task book drawn up"), "info"),
    "projects.project.task_book_signed": (lazy("Task book signed"), "info"),
    "projects.project.task_book_returned": (lazy("Task book returned"), "warning"),
    "projects.project.terminated": (lazy("Project ended early"), "danger"),
    "projects.project.termination_changed": (lazy("Early end of the project: a step"), "warning"),
    "projects.milestone.ended": (lazy("Milestone not to be delivered any more"), "neutral"),
    "projects.project.started": (lazy("Project started"), "success"),
    "projects.project.completed": (lazy("Project completed"), "success"),
    "projects.milestone.evidence_submitted": (lazy("Evidence handed in"), "info"),
    "projects.milestone.evidence_returned": (lazy("Evidence returned"), "warning"),
    "projects.milestone.accepted": (lazy("Milestone accepted"), "success"),
    "projects.milestone.tranche_approved": (lazy("Tranche released"), "success"),
    "projects.milestone.missed": (lazy("Milestone missed"), "danger"),
    "projects.milestone.delay_explained": (lazy("Delay explained"), "info"),
    "projects.claim.submitted": (lazy("Expenditure claimed"), "info"),
    "projects.claim.approved": (lazy("Claim approved"), "success"),
    "projects.claim.returned": (lazy("Claim returned"), "warning"),
    "projects.claim.withdrawn": (lazy("Claim withdrawn"), "neutral"),
    "projects.change.requested": (lazy("Change asked for"), "info"),
    "projects.change.approved": (lazy("Change agreed to"), "success"),
    "projects.change.declined": (lazy("Change not agreed to"), "warning"),
    "projects.change.withdrawn": (lazy("Change withdrawn"), "neutral"),
    "projects.project.task_book_amended": (lazy("Task book amended"), "info"),
    "projects.risk.recorded": (lazy("Risk recorded"), "info"),
    "projects.risk.assessed": (lazy("Risk weighed anew"), "info"),
    "projects.risk.watched": (lazy("Risk is only watched"), "neutral"),
    "projects.risk.reopened": (lazy("Risk worked on again"), "warning"),
    "projects.risk.occurred": (lazy("Risk occurred"), "danger"),
    "projects.risk.closed": (lazy("Risk closed"), "neutral"),
    "projects.report_plan.set": (lazy("Reporting fixed"), "info"),
    "projects.report.opened": (lazy("Progress report can be written"), "info"),
    "projects.report.submitted": (lazy("Progress report handed in"), "info"),
    "projects.report.returned": (lazy("Progress report returned"), "warning"),
    "projects.report.accepted": (lazy("Progress report accepted"), "success"),
    "projects.report.lifted": (lazy("Progress report owed no more"), "neutral"),
    "projects.report.missed": (lazy("Progress report late"), "danger"),
    "projects.report.delay_explained": (lazy("Delay of a report explained"), "info"),
    "projects.evaluation.opened": (lazy("Evaluation opened"), "info"),
    "projects.evaluation.reported": (lazy("Report handed in"), "info"),
    "projects.evaluation.returned": (lazy("Report returned"), "warning"),
    "projects.evaluation.panel_appointed": (lazy("Panel appointed"), "info"),
    "projects.evaluation.judged": (lazy("Panel has judged"), "info"),
    "projects.evaluation.decided": (lazy("Evaluation decided"), "success"),
    "projects.evaluation.cancelled": (lazy("Evaluation called off"), "neutral"),
    "projects.follow_up.answered": (lazy("Follow-up answered"), "success"),
    "projects.standing.changed": (lazy("Ledger entry changed"), "info"),
    "projects.import.finished": (lazy("Earlier projects imported"), "info"),
    "ip.disclosure.filed": (lazy("Invention disclosed"), "info"),
    "ip.disclosure.triaged": (lazy("Disclosure triaged"), "info"),
    "ip.asset.registered": (lazy("Asset registered"), "success"),
    "ip.asset.deadline_missed": (lazy("Deadline missed"), "danger"),
    "ip.asset.deadline_met": (lazy("Deadline met"), "success"),
    "ip.import.finished": (lazy("Patent records imported"), "info"),
    "finance.product.drafted": (lazy("Product drafted"), "neutral"),
    "finance.product.edited": (lazy("Product changed"), "neutral"),
    "finance.product.withdrawn": (lazy("Product withdrawn"), "warning"),
    "finance.product.published": (lazy("Product published"), "success"),
    "finance.need.drafted": (lazy("Financing need drafted"), "neutral"),
    "finance.need.changed": (lazy("Financing need changed"), "neutral"),
    "finance.need.withdrawn": (lazy("Financing need withdrawn"), "warning"),
    "finance.need.opened": (lazy("Financing need opened"), "info"),
    "finance.match.found": (lazy("Compared"), "info"),
    "finance.match.withdrawn": (lazy("Match withdrawn"), "warning"),
    "finance.match.interest_expressed": (lazy("Interest expressed"), "success"),
}


def fact_word(event_type: str) -> tuple[str, str]:
    """An event type in words, and its tone; an unknown type stands for itself."""
    key = event_type.removeprefix("hechuan.").rsplit(".", 1)[0]
    word, tone = WORDS.get(key, (key, "neutral"))
    return str(word), tone


def entries(facts: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Timeline entries (`when`, `who`, `what`, `why`, `tone`) from rows with recorded_at, actor, name, type, data."""
    found = []
    for fact in facts:
        word, tone = fact_word(fact["type"])
        data = fact["data"]
        found.append(
            {
                "when": fact["recorded_at"],
                "who": _who(str(fact["actor"]), str(fact.get("name") or "")),
                "what": word,
                "why": said(data.get("reason") or data.get("note") or ""),
                "trace": None,
                "tone": tone,
            }
        )
    return found


def _who(actor: str, name: str) -> str:
    """Nobody when the actor is left out on purpose or is the platform itself, whatever name came along."""
    if not actor or actor.startswith("system:"):
        return ""
    return name or actor
