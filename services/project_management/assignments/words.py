"""What bids and conflicts are called on screens."""

from services.project_management.assignments.bidding import Bid
from shared.web.i18n import Lazy, lazy
from shared.web.words import StateWord

BIDS = {
    Bid.EAGER.value: StateWord(lazy("Eager"), "success", "star"),
    Bid.WILLING.value: StateWord(lazy("Willing"), "info", "check"),
    Bid.RATHER_NOT.value: StateWord(lazy("Rather not"), "warning", "minus"),
    Bid.CANNOT_JUDGE.value: StateWord(lazy("Cannot judge it"), "neutral", "help-circle"),
}
CONFLICTS: dict[str, Lazy] = {
    "employer": lazy("Employer"),
    "former_employer": lazy("Former employer"),
    "acts_for": lazy("Acts for an applicant"),
    "author": lazy("Takes part in it"),
    "maybe_author": lazy("May be one person"),
    "declared": lazy("Declared by the expert"),
    "declined": lazy("Review declined"),
    "clearance": lazy("Clearance"),
    "entered": lazy("Recorded by the office"),
    "co_applicant": lazy("Applied together"),
    "co_inventor": lazy("Invented together"),
    "supervision": lazy("Supervision"),
    "close": lazy("Close relation"),
    "reciprocal": lazy("Reviews of each other"),
}
