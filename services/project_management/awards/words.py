"""What outcomes are called on screens, and what the decision letter says in both languages."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.project_management.differences import Difference
from services.project_management.receipts.paper import Paper, in_both
from shared.kernel.clock import BEIJING
from shared.web import formats
from shared.web.exports import Cell, Value
from shared.web.i18n import Lazy, _, lazy
from shared.web.sentences import said
from shared.web.words import StateWord

OUTCOMES: dict[str, StateWord] = {
    "funded": StateWord(lazy("Funded"), "success"),
    "reserve": StateWord(lazy("On the reserve list"), "warning"),
    "declined": StateWord(lazy("Declined"), "neutral"),
}
ZONES: dict[str, tuple[Lazy, Lazy]] = {
    "funded": (lazy("Funded"), lazy("Above the funding line.")),
    "reserve": (lazy("Reserve list"), lazy("Asked in this order when money becomes free.")),
    "declined": (lazy("Declined"), lazy("Not funded, and not asked later.")),
}
"""Where applications lie on the board, with what that means."""
STANDINGS = OUTCOMES | {"turned_down": StateWord(lazy("Turned down"), "neutral")}
"""Outcomes, and what became of them."""
RECOMMENDED: dict[str, StateWord] = {
    "fund": StateWord(lazy("To be funded"), "success"),
    "conditions": StateWord(lazy("Fund with conditions"), "success"),
    "reserve": StateWord(lazy("Hold in reserve"), "warning"),
    "decline": StateWord(lazy("Do not fund"), "neutral"),
}
"""What a panel recommends."""
DECISIONS: dict[str, StateWord] = {
    "in_approval": StateWord(lazy("Waits for approval"), "progress"),
    "returned": StateWord(lazy("Returned"), "warning"),
    "in_notice": StateWord(lazy("In public notice"), "info"),
    "final": StateWord(lazy("Final"), "success"),
}
LEADS: dict[str, Lazy] = {
    "funded": lazy("We are glad to tell you that your application is funded."),
    "reserve": lazy("Your application is on the reserve list. If an award becomes free, it is offered by rule."),
    "declined": lazy("We regret that your application is not funded."),
}


def both_papers(letter: dict[str, Any], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """The letter in the reader's language, and in the other."""
    return in_both(lambda code: letter_paper(letter, platform, key_id, code))


def comment_papers(letter: dict[str, Any], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """What the reviewers say to the applicant: what the letter says of it and nothing else."""

    def paper(code: str) -> Paper:
        content = letter["content"]
        told = [
            (_("Letter number"), letter["number"]),
            (_("Call"), content["call"]),
            (_("Application"), content["application"]),
            (_("Lead"), content["lead"]),
            (_("Mean of all reviews"), content["mean"] or ""),
            *((one["criterion"], one["mean"]) for one in content["criteria"]),
            (_("Signing key"), key_id),
        ]
        return Paper(
            title=_("What the reviewers say to you"),
            lead=_("As the decision letter tells it; nobody is told who has reviewed."),
            facts=[(name, value) for name, value in told if value],
            check=_("Anybody can check this paper at the address below, or drop this file there."),
            address=f"{platform}/projects/receipts/{letter['number']}",
            language=code,
            made_of=letter["issued_at"],
            sections=[(_("Review %(number)s", number=n), [one]) for n, one in enumerate(content["comments"], 1) if one],
        )

    return in_both(paper)


def letter_paper(letter: dict[str, Any], platform: str, key_id: str, code: str) -> Paper:
    """The letter in the language of the moment."""
    content = letter["content"]
    facts = [*letter_facts(letter), ("SHA-256", letter["sha256"]), (_("Signing key"), key_id)]
    until = content["appeal_until"]
    appeal = [_("You may appeal once, until %(until)s, on the page of this decision. Another person decides.",
                until=letter_moment(until))] if until else []  # fmt: skip
    sections = [
        (_("Reason"), [said(content["reason"])]),
        (_("What the reviewers say to you"), content["comments"]),
        (_("Appeal"), appeal),
    ]
    return Paper(
        title=_("Decision letter"),
        lead=str(LEADS[content["outcome"]]),
        facts=facts,
        check=_("Anybody can check this letter at the address below, or drop this file there."),
        address=f"{platform}/projects/receipts/{letter['number']}",
        language=code,
        made_of=letter["issued_at"],
        sections=[(heading, texts) for heading, texts in sections if texts],
    )


def letter_facts(letter: dict[str, Any]) -> list[tuple[str, str]]:
    """The facts of the letter, as the page and the paper show them."""
    content = letter["content"]
    granted = formats.money(Decimal(content["amount"]), content["currency"]) if content["outcome"] == "funded" else ""
    told = [
        (_("Letter number"), letter["number"]),
        (_("Issued"), letter_moment(content["issued_at"])),
        (_("Programme office"), content["office"]),
        (_("Call"), content["call"]),
        (_("Application"), content["application"]),
        (_("Lead"), content["lead"]),
        (_("Outcome"), str(OUTCOMES[content["outcome"]].label)),
        (_("Award"), granted),
        (_("Conditions"), content.get("conditions", "")),
        (_("Mean of all reviews"), content["mean"] or ""),
        *((one["criterion"], one["mean"]) for one in content["criteria"]),
    ]
    return [(name, value) for name, value in told if value]


def letter_moment(moment: str) -> str:
    """A moment as paper shows it, with its zone."""
    return f"{datetime.fromisoformat(moment).astimezone(BEIJING):%Y-%m-%d %H:%M} (UTC+8)"


def award_cells() -> list[Cell]:
    """The columns of the list as a file."""
    return [
        Cell(_("Application"), lambda row: row["title"]),
        Cell(_("Lead"), lambda row: row["lead"]),
        Cell(_("Call"), lambda row: row["call_title"]),
        Cell(_("Outcome"), lambda row: str(STANDINGS[row["outcome"]])),
        Cell(_("Award"), lambda row: Decimal(str(row["amount"]["amount"])) if row["outcome"] == "funded" else None),
        Cell(_("Currency"), lambda row: row["amount"]["currency"]),
        Cell(_("Decided"), lambda row: row["decided_at"]),
        Cell(_("Reason"), lambda row: said(row["reason"])),
    ]


LIST_LABELS: dict[str, Lazy] = {
    "reason": lazy("Reason"),
    "budget": lazy("Budget"),
    "spent": lazy("Spent"),
    "items": lazy("Application"),
    "rank": lazy("Rank"),
    "mean": lazy("Mean"),
    "lead": lazy("Lead"),
    "requested": lazy("Amount asked for"),
    "place": lazy("Place on the reserve list"),
    "outcome": lazy("Outcome"),
    "panel": lazy("Panel"),
    "minutes": lazy("Minutes of a panel"),
    "otherwise": lazy("Against the panel"),
    "by_hand": lazy("Of these with a reason of their own"),
}


def list_told(content: dict[str, Any]) -> dict[str, Any]:
    """A decision list in the reader's language, its lines under their applications."""
    currency = content["currency"]
    kept: dict[str, Any] = {name: content[name] for name in ("reason", "panel") if name in content}
    money = {name: formats.money(Decimal(content[name]), currency) for name in ("budget", "spent")}
    lines = {
        one["id"]: {
            "rank": str(one["rank"]),
            "mean": one["mean"] or "",
            "requested": formats.money(Decimal(one["requested"]), currency),
            "outcome": str(OUTCOMES[one["outcome"]].label),
            "reason": said(one["reason"]),
            **({"place": str(one["place"])} if "place" in one else {}),
        }
        for one in content["items"]
    }
    return {**kept, **money, "items": lines}


def list_said_of(titles: dict[str, str]) -> Callable[[Difference], str]:
    """Where a difference of lists lies, in words; `titles` of applications by id."""

    def said_of(difference: Difference) -> str:
        return " › ".join(titles.get(part) or str(LIST_LABELS.get(part, part)) for part in difference.path)

    return said_of


def ranking_cells() -> list[Cell]:
    """The columns of the ranking as a file."""

    def mean(side: str) -> Callable[[Any], Value]:
        return lambda row: Decimal(str(row[side]["mean"])) if row[side] else None

    return [
        Cell(_("Rank"), lambda row: row["rank"] if row["reviews"] else None),
        Cell(_("Application"), lambda row: row["title"]),
        Cell(_("Lead"), lambda row: row["lead"]),
        Cell(_("Amount asked for"), lambda row: Decimal(str(row["requested"]["amount"]))),
        Cell(_("Currency"), lambda row: row["requested"]["currency"]),
        Cell(_("Reviews"), lambda row: row["reviews"]),
        Cell(_("Raw mean"), mean("raw")),
        Cell(_("Calibrated mean"), mean("calibrated")),
        Cell(_("Outcome"), lambda row: str(OUTCOMES[row["outcome"]]) if row["outcome"] else ""),
        Cell(_("Reason"), lambda row: said(row["reason"])),
    ]


def score_plot(items: list[dict[str, Any]], bases: dict[str, Lazy]) -> dict[str, Any] | None:
    """Each mean with its interval, raw and calibrated below each other."""
    scored = [item for item in items if item["raw"]]
    if not scored:
        return None
    sides = [side for side in bases if scored[0][side]]
    names = [item["title"] for item in scored]
    ends = (_("Lower end"), _("Upper end"))
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "data": [_interval_of(bases[side]) for side in sides]},
        "grid": {"left": 8, "right": 24, "top": 32, "bottom": 8, "containLabel": True},
        "xAxis": {"type": "value", "min": 0, "max": 10},
        "yAxis": {"type": "category", "inverse": True, "data": names},
        "series": [bar for side in sides for bar in _bars(side, bases[side], [item[side] for item in scored])],
    }
    return {
        "option": option,
        "heads": [_("Application"), *(head for side in sides for head in (bases[side], *ends))],
        "rows": [
            [name, *(_number(item[side][key]) for side in sides for key in ("mean", "low", "high"))]
            for name, item in zip(names, scored, strict=True)
        ],
        "says": _(
            "The best mean is %(mean)s of 10. Each bar is the 95 %% interval around a mean.",
            mean=scored[0]["mean"],
        ),
    }


def _interval_of(word: Lazy) -> str:
    return _("%(means)s, 95 %% interval", means=str(word))


def _bars(side: str, word: Lazy, estimates: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """An interval as a bar on an unseen one; where there is none, a tick at the mean."""
    ends = [(one["mean"], one["mean"] + 0.05) if one["low"] is None else (one["low"], one["high"]) for one in estimates]
    unseen = {"type": "bar", "stack": side, "silent": True, "itemStyle": {"color": "transparent"}}
    return [
        {**unseen, "data": [low for low, _high in ends]},
        {
            "type": "bar",
            "stack": side,
            "name": _interval_of(word),
            "data": [round(high - low, 2) or 0.05 for low, high in ends],
        },
    ]


def _number(value: float | None) -> float | str:
    return "–" if value is None else value
