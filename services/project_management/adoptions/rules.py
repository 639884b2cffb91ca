"""Adopting requirements into a call: what the call is prefilled with, and the label it may not go below."""

from collections.abc import Sequence
from typing import Any

from services.project_management.indicators.rules import filled
from services.project_management.requirements.rules import highest
from shared.kernel.errors import Conflict
from shared.kernel.marks import N_, S_
from shared.kernel.policy import roles
from shared.kernel.types import Role, SecurityLabel

ADOPT = roles("requirements.adopt", Role.PROGRAMME_OFFICER)
DEFAULT_CRITERIA = (
    {"name": "Relevance", "weight": "40"},
    {"name": "Novelty", "weight": "30"},
    {"name": "Feasibility", "weight": "30"},
)
"""What a call for requirements is judged by unless the office says otherwise."""

LONGEST = 20_000
"""Characters of a call's summary; what is beyond is for the office to shorten."""


class AlreadyAdopted(Conflict):
    title = N_("A call is drafted from this requirement already")


def lowest_label(labels: Sequence[SecurityLabel]) -> SecurityLabel:
    """The least label of the call. What is internal may become public, in the office's words and after its sign-off;
    what is controlled or confidential keeps its label."""
    least = highest(list(labels))
    return SecurityLabel.PUBLIC if least is SecurityLabel.INTERNAL else least


def require_not_adopted(title: str, phases: Sequence[str]) -> None:
    """Raises AlreadyAdopted unless every call drafted from the requirement was cancelled."""
    if any(phase != "cancelled" for phase in phases):
        raise AlreadyAdopted(
            S_("A call is drafted from “%(title)s” already. Cancel that call first, or leave it out.", title=title)
        )


def prefilled(requirements: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """What a call takes over from its requirements: the words of the first, the problems and indicators of all."""
    if not requirements:
        return {}
    first = requirements[0]
    return {
        "title": first["title"],
        "title_zh": first["title_zh"],
        "summary": "\n\n".join(_section(one, alone=len(requirements) == 1) for one in requirements)[:LONGEST],
        "field": first["field"],
        "stage": first["stage"],
        "label": lowest_label([SecurityLabel(one["label"]) for one in requirements]).value,
        "criteria": [dict(one) for one in DEFAULT_CRITERIA],
        "indicators": _measured(requirements),
    }


def _measured(requirements: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The indicators that are numbers, each name once: the first requirement speaks for those that say the same."""
    found: dict[str, dict[str, Any]] = {}
    every = [one for requirement in requirements for one in requirement["indicators"]]
    for one in every:
        if one.get("target"):
            kept = {name: one.get(name, "") for name in ("direction", "target", "unit", "baseline")}
            found.setdefault(one["what"].casefold(), filled({"name": one["what"], **kept}))
    return list(found.values())[:20]


def _section(requirement: dict[str, Any], *, alone: bool) -> str:
    """One requirement as text: its problem, then each indicator on a line. It names no organisation."""
    lines = [] if alone else [requirement["title"]]
    lines.append(requirement["problem"])
    lines += [f"– {one['what']}: {one['value']} {one['unit']}".rstrip() for one in requirement["indicators"]]
    return "\n".join(lines)
