"""What bids are called on screens."""

from services.project_management.assignments.bidding import Bid
from shared.web.i18n import lazy
from shared.web.words import StateWord

BIDS = {
    Bid.EAGER.value: StateWord(lazy("Eager"), "success", "star"),
    Bid.WILLING.value: StateWord(lazy("Willing"), "info", "check"),
    Bid.RATHER_NOT.value: StateWord(lazy("Rather not"), "warning", "minus"),
    Bid.CANNOT_JUDGE.value: StateWord(lazy("Cannot judge it"), "neutral", "help-circle"),
}
