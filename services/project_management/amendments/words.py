"""Differences as people read them."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from services.project_management.amendments.rules import State
from services.project_management.differences import MOMENT, Difference
from shared.web import formats
from shared.web.i18n import lazy
from shared.web.words import StateWord

STATES = {
    State.REQUESTED: StateWord(lazy("Waits for its signature"), "progress"),
    State.APPROVED: StateWord(lazy("Signed off"), "success"),
    State.DECLINED: StateWord(lazy("Not signed off"), "danger"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "neutral"),
}


def shown(found: Iterable[Difference]) -> list[dict[str, Any]]:
    """Each difference with the times in it as the reader's clock shows them."""
    return [{"field": one.field, "parts": [(kind, _read(text)) for kind, text in one.parts]} for one in found]


def _read(text: str) -> str:
    return MOMENT.sub(lambda at: formats.moment(datetime.fromisoformat(at[0]), seconds=True).striptags(), text)
