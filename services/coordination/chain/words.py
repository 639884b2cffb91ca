"""States of things of every service as people read them: the chain shows them side by side."""

from shared.web.i18n import lazy
from shared.web.words import StateWord

STATES = {
    "registered": StateWord(lazy("Registered"), "info"),
    "admitted": StateWord(lazy("Admitted"), "success"),
    "suspended": StateWord(lazy("Suspended"), "danger"),
    "published": StateWord(lazy("Published"), "success"),
    "confirmed": StateWord(lazy("Confirmed"), "success"),
    "cancelled": StateWord(lazy("Cancelled"), "neutral"),
    "draft": StateWord(lazy("Draft"), "neutral"),
    "drafted": StateWord(lazy("To be signed"), "progress"),
    "put_forward": StateWord(lazy("Put forward"), "info"),
    "in_consultation": StateWord(lazy("In consultation"), "progress"),
    "prioritised": StateWord(lazy("Prioritised"), "progress"),
    "adopted": StateWord(lazy("Adopted"), "success"),
    "declined": StateWord(lazy("Not adopted"), "neutral", "circle-x"),
    "merged": StateWord(lazy("Merged"), "neutral", "git-merge"),
    "in_signoff": StateWord(lazy("Waiting for sign-off"), "progress"),
    "signed_off": StateWord(lazy("Signed off"), "info"),
    "released": StateWord(lazy("Released"), "success"),
    "closed": StateWord(lazy("Closed"), "neutral"),
    "deciding": StateWord(lazy("In review"), "progress"),
    "decided": StateWord(lazy("Decided"), "success"),
    "submitted": StateWord(lazy("Submitted"), "info"),
    "withdrawn": StateWord(lazy("Withdrawn"), "neutral"),
    "reviewed": StateWord(lazy("Reviewed"), "info"),
    "running": StateWord(lazy("Running"), "progress"),
    "completed": StateWord(lazy("Completed"), "success"),
    "archived": StateWord(lazy("Filed away"), "neutral"),
    "terminated": StateWord(lazy("Ended early"), "danger"),
    "undelivered": StateWord(lazy("Not delivered"), "danger"),
    "evidence_submitted": StateWord(lazy("Evidence submitted"), "progress"),
    "returned": StateWord(lazy("Returned"), "warning"),
    "accepted": StateWord(lazy("Accepted"), "success"),
    "proposed": StateWord(lazy("Entry proposed"), "neutral"),
    "noticed": StateWord(lazy("Notice given"), "info"),
    "in_force": StateWord(lazy("In force"), "progress"),
    "appealed": StateWord(lazy("Appealed"), "warning"),
    "upheld": StateWord(lazy("Upheld"), "progress"),
    "lifted": StateWord(lazy("Lifted"), "neutral"),
    "expired": StateWord(lazy("Time passed"), "neutral"),
    "filed": StateWord(lazy("Waiting for triage"), "progress"),
    "triaged": StateWord(lazy("Triaged"), "success"),
    "open": StateWord(lazy("Looking for finance"), "progress"),
    "found": StateWord(lazy("Compared"), "info"),
    "approved": StateWord(lazy("Approved"), "success"),
    "agreed": StateWord(lazy("Agreed"), "success"),
    "requested": StateWord(lazy("Change asked for"), "info"),
    "reporting": StateWord(lazy("Lead reports"), "info"),
    "reported": StateWord(lazy("Report handed in"), "info"),
    "in_review": StateWord(lazy("With the panel"), "progress"),
    "judged": StateWord(lazy("Panel has judged"), "info"),
    "interest expressed": StateWord(lazy("Interest expressed"), "success"),
}


def state_word(state: str) -> StateWord:
    """The state's word; a state of a newer release stands for itself."""
    return STATES.get(state) or StateWord(state or lazy("Known"), "neutral")
