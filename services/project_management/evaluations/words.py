"""What states, kinds and answers of an evaluation are called on screens."""

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.project_management.delivery.words import GRADES
from services.project_management.evaluations.rules import ASKS, FollowUpState, Kind, Reached, SheetState, State
from services.project_management.receipts.paper import Grid, Paper, in_both
from shared.kernel.clock import BEIJING
from shared.web import formats
from shared.web.i18n import Lazy, _, lazy
from shared.web.sentences import said
from shared.web.words import StateWord

STATES = {
    State.REPORTING: StateWord(lazy("Lead reports"), "info"),
    State.REPORTED: StateWord(lazy("Panel to appoint"), "info"),
    State.IN_REVIEW: StateWord(lazy("With the panel"), "progress"),
    State.JUDGED: StateWord(lazy("To decide"), "warning"),
    State.DECIDED: StateWord(lazy("Decided"), "success"),
    State.CANCELLED: StateWord(lazy("Called off"), "neutral"),
}
SHEETS = {
    SheetState.ASKED: StateWord(lazy("To write"), "info"),
    SheetState.HANDED_IN: StateWord(lazy("Handed in"), "success"),
    SheetState.DECLINED: StateWord(lazy("Declined"), "warning"),
    SheetState.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}
FOLLOW_UPS = {
    FollowUpState.WAITING: StateWord(lazy("Not due yet"), "neutral"),
    FollowUpState.ASKED: StateWord(lazy("Due soon"), "warning"),
    FollowUpState.ANSWERED: StateWord(lazy("Answered"), "success"),
}
KINDS: dict[str, Lazy] = {Kind.MIDTERM: lazy("Mid-term review"), Kind.COMPLETION: lazy("Completion review")}
REACHED = {
    Reached.FULL: StateWord(lazy("Reached in full"), "success"),
    Reached.PART: StateWord(lazy("Reached in part"), "warning"),
    Reached.NONE: StateWord(lazy("Not reached"), "danger"),
}
CRITERIA: dict[str, Lazy] = {name: lazy(asked) for name, asked in ASKS.items()}
OUTCOMES = {"yes": lazy("Yes"), "no": lazy("No"), "unknown": lazy("Unknown")}


def both_papers(issued: dict[str, Any], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """The decision in the reader's language, and in the other."""
    content = json.loads(issued["content"])
    return in_both(lambda code: _paper(issued, content, platform, key_id, code))


def _paper(issued: dict[str, Any], content: dict[str, Any], platform: str, key_id: str, code: str) -> Paper:
    at = datetime.fromisoformat(content["decided_at"]).astimezone(BEIJING)
    trace = content["trace"]
    told = [
        (_("Paper number"), issued["number"]),
        (_("Decided"), f"{at:%Y-%m-%d %H:%M:%S} (UTC+8)"),
        (_("Project"), content["project"]),
        (_("Grade"), str(GRADES[content["grade"]])),
        (_("Reason"), content["reason"]),
        *([(_("Opened again because"), content["opened_again"])] if "opened_again" in content else []),
        (_("Points of the panel"), f"{trace['result']['points']} / 10"),
        (_("The rule proposes"), str(GRADES[trace["result"]["grade"]])),
        *_money(content["audit"]),
        ("SHA-256", issued["sha256"]),
        (_("Signing key"), key_id),
    ]
    promised = [
        [
            f"{one['number']}. {one['title']}",
            one["promised"],
            _day(one["due_on"]),
            _day(one["accepted_on"]),
            _reached(one),
        ]
        for one in content["indicators"]
    ]
    clauses = [[said(one["reason"]), str(OUTCOMES[one["outcome"]])] for one in trace["clauses"]]
    heads = [_("Milestone"), _("Promised"), _("Due"), _("Accepted"), _("Reached")]
    sections: list[tuple[str, list[str | Grid]]] = [
        (_("Promised and reached"), [Grid(heads, promised, (4, 5, 4, 4, 4))]),
        (_("Outputs"), [" · ".join(filter(None, (one["title"], one["reference"]))) for one in content["outputs"]]),
        (
            _("Checked by rule %(rule)s", rule=f"{trace['rule']}/{trace['version']}"),
            [Grid([_("Clause"), _("Holds")], clauses, (5, 1))],
        ),
        (_("Comments of the panel"), list(content["comments"])),
        (_("Report of the lead"), [content["report"]]),
    ]
    return Paper(
        title=_("Decision on an evaluation"),
        lead=f"{KINDS[content['kind']]} · {content['project']}",
        facts=[(name, value) for name, value in told if value],
        check=_("Anybody can check this paper at the address below, or drop this file there."),
        address=f"{platform}/projects/receipts/{issued['number']}",
        language=code,
        made_of=issued["issued_at"],
        sections=[(heading, texts) for heading, texts in sections if texts and texts != [""]],
    )


def _money(audit: dict[str, Any] | None) -> list[tuple[str, str]]:
    if not audit:
        return []
    amounts = ((_("Award"), audit["award"]), (_("Approved"), audit["spent"]))
    return [(name, formats.money(Decimal(amount), audit["currency"])) for name, amount in amounts]


def _reached(one: dict[str, Any]) -> str:
    word = str(REACHED[one["reached"]].label) if one["reached"] else "—"
    return f"{word}: {one['said']}" if one["said"] else word


def _day(text: str | None) -> str:
    return str(formats.day(date.fromisoformat(text))) if text else "—"
