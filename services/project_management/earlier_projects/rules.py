"""Projects and awards of earlier years, from public lists: who reads and who brings them in."""

import re
from datetime import date

from shared.kernel.marks import N_
from shared.kernel.policy import roles, signed_in
from shared.kernel.types import Role

READ = signed_in("earlier_projects.read")
IMPORT = roles("earlier_projects.import", Role.PROGRAMME_OFFICER, Role.COORDINATOR, Role.ADMINISTRATOR)
UNDATED = date(1, 1, 1)
"""Where a record without any date stands in the list: last."""


_CHINESE = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]+")


def pairs(text: str) -> list[str]:
    """Every two Chinese characters that stand side by side, once each: an index of trigrams cannot find two."""
    return sorted({run[i : i + 2] for run in _CHINESE.findall(text) for i in range(len(run) - 1)})


def sorted_on(starts_on: date | None, ends_on: date | None) -> date:
    """The day a record is listed under, newest first."""
    return starts_on or ends_on or UNDATED


def dates_fault(starts_on: date | None, ends_on: date | None) -> str | None:
    """What is wrong between the two dates; None when nothing is."""
    if starts_on and ends_on and ends_on < starts_on:
        return N_("The end lies before the start.")
    return None
