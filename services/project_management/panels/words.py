"""What is said of panel meetings on screens and on paper."""

import json
from typing import Any

from services.project_management.awards.words import RECOMMENDED, letter_moment
from services.project_management.panels.rules import Recommendation, State
from services.project_management.receipts.paper import Paper, in_both
from shared.web.i18n import _, lazy
from shared.web.words import StateWord

STATES = {
    State.CONVENED: StateWord(lazy("Convened"), "info"),
    State.IN_SESSION: StateWord(lazy("In session"), "progress"),
    State.CLOSED: StateWord(lazy("Minutes closed"), "success"),
    State.CANCELLED: StateWord(lazy("Called off"), "neutral"),
}
RECOMMENDATIONS = {one: RECOMMENDED[one.value] for one in Recommendation}


def both_papers(found: dict[str, Any], number: str, platform: str, key_id: str) -> tuple[Paper, Paper]:
    """The minutes in the reader's language, and in the other; without what the reader is recused from."""
    return in_both(lambda code: _paper(found, number, platform, key_id, code))


def _paper(found: dict[str, Any], number: str, platform: str, key_id: str, code: str) -> Paper:
    content = json.loads(found["content"])
    withheld = {str(one["application_id"]) for one in found["items"] if one["recused"]}
    members = [f"{one['name']} ({_('chair')})" if one["chair"] else one["name"] for one in content["members"]]
    confirmed = [one["name"] for one in found["members"] if one["confirmed_at"]]
    return Paper(
        title=_("Minutes of the panel"),
        lead=content["call"]["title"],
        facts=[
            (_("Paper number"), number),
            (_("Programme office"), content["office"]),
            (_("Meets at"), letter_moment(content["meets_at"])),
            (_("Place"), content["place"]),
            (_("Members"), _(", ").join(members)),
            (_("Confirmed by"), _(", ").join(confirmed)),
            ("SHA-256", found["sha256"]),
            (_("Signing key"), key_id),
        ],
        check=_("The hash is of the minutes as the chair closed them. They are confidential."),
        address=f"{platform}/projects/receipts/{number}",
        language=code,
        made_of=found["closed_at"],
        sections=[
            (f"{one['number']}. {one['title']}", _said(one))
            if one["application_id"] not in withheld
            else (one["title"], [_("You were recused from this application.")])
            for one in content["items"]
        ],
    )


def _said(one: dict[str, Any]) -> list[str]:
    votes = one["votes"]
    word = RECOMMENDATIONS[one["recommendation"]].label if one["recommendation"] else _("Left to the office")
    told = [
        _("Rank %(rank)s. The panel recommends: %(what)s.", rank=one["rank"], what=word),
        _("%(for)s for, %(against)s against, %(abstained)s abstained.", **votes) if one["recommendation"] else "",
        _("Recused: %(names)s", names=_(", ").join(one["recused"])) if one["recused"] else "",
        one["note"],
        _("Conditions: %(text)s", text=one["conditions"]) if one["conditions"] else "",
        _("Against the ranking, because: %(text)s", text=one["reason"]) if one["reason"] else "",
    ]
    return [str(line) for line in told if line]
