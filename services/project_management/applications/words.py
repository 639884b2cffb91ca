"""What states and entries of an application are called on screens, and its eligibility in the reader's language."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.applications.outlook import next_question, smallest_change
from services.project_management.applications.rules import Answer, State
from services.project_management.findings import Finding
from shared.kernel.trace import Clause
from shared.web import formats
from shared.web.exports import Cell
from shared.web.i18n import N_, Lazy, _, lazy
from shared.web.words import StateWord, label_word, region_word

STATES = {
    State.DRAFT: StateWord(lazy("Draft"), "neutral"),
    State.SUBMITTED: StateWord(lazy("Submitted"), "info"),
    State.RETURNED: StateWord(lazy("Returned for completion"), "warning"),
    State.REVIEWED: StateWord(lazy("Reviewed"), "progress"),
    State.FUNDED: StateWord(lazy("Funded"), "success"),
    State.RESERVE: StateWord(lazy("On the reserve list"), "warning"),
    State.DECLINED: StateWord(lazy("Declined"), "danger"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}
ANSWERS = {
    Answer.PENDING: StateWord(lazy("Not answered yet"), "warning"),
    Answer.CONSENTED: StateWord(lazy("Consented"), "success"),
    Answer.REFUSED: StateWord(lazy("Refused"), "danger"),
}
KINDS: dict[str, Lazy] = {
    "institute": lazy("institute"),
    "university": lazy("university"),
    "company": lazy("company"),
    "department": lazy("government department"),
    "office": lazy("office"),
    "bank": lazy("bank"),
    "fund": lazy("fund"),
    "insurer": lazy("insurer"),
    "guarantor": lazy("guarantee company"),
}
LABELS: dict[str, Lazy] = {
    "call_id": lazy("Call"),
    "title": lazy("Title"),
    "abstract": lazy("Abstract"),
    "field": lazy("Field"),
    "requested": lazy("Amount asked for"),
    "partner_ids": lazy("Partners"),
}
WORDS: dict[str, Lazy] = {
    **KINDS,
    "civil": lazy("civil"),
    "defence": lazy("defence"),
    "poor": lazy("poor"),
    "fair": lazy("fair"),
    "good": lazy("good"),
}
"""What a condition may name."""


def exported_cells() -> list[Cell]:
    """The columns of the list as a file."""
    return [
        Cell(_("Application"), lambda row: row["title"]),
        Cell(_("Lead"), lambda row: row["lead_name"]),
        Cell(_("Call"), lambda row: row["call_title"]),
        Cell(_("Field"), lambda row: row["field"]),
        Cell(_("Amount asked for"), lambda row: row["requested"]["amount"]),
        Cell(_("Currency"), lambda row: row["requested"]["currency"]),
        Cell(_("Submitted"), lambda row: row["submitted_at"]),
        Cell(_("State"), lambda row: str(STATES[row["state"]])),
        Cell(_("Security label"), lambda row: str(label_word(row["label"]))),
    ]


def addressed(finding: Finding, asked_of: Collection[str]) -> Finding:
    """The same to who represents one of these partners, whose consent it waits for."""
    waits = finding.rule == "partner.consent" and finding.outcome == "unknown"
    if waits and finding.params["name"] in asked_of:
        return replace(finding, remedy=N_("You have to consent on this page, or refuse."))
    return finding


def advice(inputs: dict[str, Any], asked_of: Collection[str] = ()) -> dict[str, Any]:
    """What to do about a no, and what to ask next: `change` (sentences; None where none helps), `question`."""
    change = smallest_change(inputs)
    question = next_question(inputs)
    asked: Clause | None = addressed(question, asked_of).clause(told) if question else None
    return {"change": None if change is None else [one.said(told) for one in change], "question": asked}


def told(message: str, **params: str) -> str:
    """A finding in the reader's language, its kinds of organisation, times and amounts too."""
    for name in params.keys() & {"opens_at", "closes_at"}:
        at = datetime.strptime(params[name], "%Y-%m-%d %H:%M UTC").replace(tzinfo=UTC)
        params[name] = formats.moment(at).striptags()
    if "until" in params:
        params["until"] = formats.day(params["until"])
    for name in params.keys() & {"category", "base"}:
        params[name] = _(params[name])
    for name in params.keys() & {"requested", "ceiling", "total", "gap", "most", "own", "least"}:
        amount, _space, currency = params[name].rpartition(" ")
        params[name] = formats.money(Decimal(amount.replace(",", "")), currency)
    for name in ("value", "allowed"):
        words = params.get(name, "").split(", ")
        if all(word in WORDS for word in words):
            params[name] = _(", ").join(str(WORDS[word]) for word in words)
        elif name in params:
            params[name] = _(", ").join(region_word(word) for word in words)
    return _(message, **params)


def saved(notice: str, before: Mapping[UUID, str], after: Mapping[UUID, str]) -> str:
    """What was saved; and whose consent, given before, is asked anew because of it."""
    anew = [name for id, name in before.items() if id not in after]
    if not anew:
        return notice
    names = _(", ").join(anew)
    return _("%(notice)s As the content changed, consent is asked anew from: %(names)s.", notice=notice, names=names)
