"""Differences as people read them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.project_management.amendments.rules import State
from services.project_management.approvals.rules import Step
from services.project_management.calls import portfolio
from services.project_management.calls.rules import chain_of
from services.project_management.calls.terms import SCALE, CallTerms
from services.project_management.calls.words import BLINDNESS, CREDIT, KINDS, shown_terms
from services.project_management.costs.rules import Category
from services.project_management.costs.words import CATEGORIES
from services.project_management.differences import MOMENT, Difference
from services.project_management.forms import words as form_words
from services.project_management.forms.questions import Form
from services.project_management.forms.words import outline
from services.project_management.indicators.rules import wanted
from shared.web import formats
from shared.web.i18n import _, lazy
from shared.web.sentences import said
from shared.web.words import StateWord, role_word

STATES = {
    State.REQUESTED: StateWord(lazy("Waits for its signature"), "progress"),
    State.APPROVED: StateWord(lazy("Signed off"), "success"),
    State.DECLINED: StateWord(lazy("Not signed off"), "danger"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}


def told(form: Form, content: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """What a version of a call asks, promises and by whom it is signed, as people read it; `names` of organisations."""
    found: dict[str, Any] = dict(outline(form))
    if "indicators" in content:
        found["indicators"] = [_promise(one) for one in content["indicators"]]
    found["offices"] = [_office(one, names) for one in chain_of(content.get("offices", []))]
    approvals = content.get("award_terms", {}).get("approvals", [])
    return found | {"award_terms.approvals": [_office(one, names) for one in approvals]}


def _promise(one: dict[str, Any]) -> str:
    promise = said(wanted(one))
    if not one.get("baseline"):
        return promise
    return _("%(promise)s, from %(start)s on", promise=promise, start=f"{one['baseline']} {one['unit']}".rstrip())


def _office(step: Step, names: Mapping[str, str]) -> str:
    place = step.get("organisation_id")
    parts = [said(step["office"]), str(role_word(step["role"])), names.get(str(place), str(place)) if place else ""]
    return " · ".join(part for part in parts if part)


def as_text(content: dict[str, Any]) -> dict[str, Any]:
    """A released version as its page shows it: what it left out, because it was usual or unknown then, filled in."""
    budgeted = content.get("budget_terms") or {}
    return {
        "title_zh": "",
        "sectors": [],
        "credit": "",
        "running_per_organisation": None,
        "running_per_person": None,
        "indicators": [],
        "portfolio": [],
        "form": None,
        "blindness": "single",
        **content,
        "opens_at": datetime.fromisoformat(content["opens_at"]),
        "closes_at": datetime.fromisoformat(content["closes_at"]),
        "criteria": [{"scale": SCALE, "anchors": "", **one} for one in content["criteria"]],
        "award_terms": {"approvals": [], "notice_days": 0, "letter_scores": "total", "appeal_days": 0}
        | {"panel_required": False}
        | content.get("award_terms", {}),
        "budget_terms": budgeted if budgeted.get("required") else None,
        "offices": chain_of(content.get("offices", [])),
    }


def text_words(text: dict[str, Any]) -> dict[str, Any]:
    """What the page of a released version says in words of its own."""
    return {
        "may_lead": [str(KINDS[kind]) for kind in text["kinds"]],
        "credit": CREDIT[text["credit"]] if text["credit"] else "",
        "blindness": BLINDNESS[text["blindness"]],
        "pays_for": _(", ").join(
            str(CATEGORIES[Category(one)]) for one in (text["budget_terms"] or {}).get("categories", ())
        ),
        "limits": [portfolio.sentence(one) for one in text["portfolio"]],
        "terms": shown_terms(CallTerms.of(text.get("terms", {})).stored()),
        "QUESTIONS": form_words.KINDS,
        "w": form_words,
    }


MONEY = re.compile(r"(\d+(?:\.\d+)?) ([A-Z]{3})")
"""An amount as snapshots hold it."""
DAY = re.compile(r"\d{4}-\d\d-\d\d")


def shown(found: Iterable[Difference], said: Callable[[Difference], str] | None = None) -> list[dict[str, Any]]:
    """Each difference as the reader's language and clock show it, what was and what is kept apart; under its field, or
    as `said` names it."""
    return [{"field": said(one) if said else one.field, "parts": list(_apart(_parts(one)))} for one in found]


def _parts(one: Difference) -> list[tuple[str, str]]:
    amounts = MONEY.fullmatch(one.before), MONEY.fullmatch(one.after)
    if amounts[0] and amounts[1]:
        was, now = (formats.money(Decimal(amount[1]), amount[2]) for amount in amounts if amount)
        return [("removed", was), ("added", now)]
    if DAY.fullmatch(one.before) and DAY.fullmatch(one.after):
        return [("removed", formats.day(one.before)), ("added", formats.day(one.after))]
    return [(kind, _read(text)) for kind, text in one.parts]


def _apart(parts: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    """Two values that follow each other would read as one."""
    before = ""
    for kind, text in parts:
        if before == "removed" and kind == "added":
            yield "same", " "
        yield kind, text
        before = kind


def _read(text: str) -> str:
    return MOMENT.sub(lambda at: formats.moment(datetime.fromisoformat(at[0]), seconds=True).striptags(), text)
