"""Affinity as it was counted from fields and words before texts were compared: version 2 of the rule.

Nothing new is decided by it; what was decided by it must repeat.
"""

import re
from typing import Any

VERSION = 2


def words(text: str) -> set[str]:
    """What a text is about: Latin words without plural s, and pairs of Chinese characters."""
    found = {word.removesuffix("s") for word in re.findall(r"[a-z0-9]{3,}", text.casefold())}
    for run in re.findall(r"[\u4e00-\u9fff]+", text):
        found.update(run[i : i + 2] for i in range(len(run) - 1))
    return found


def affinity(call_field: str, text_words: set[str], fields: list[str]) -> int:
    """How well an expert's fields fit an application, 0 to 100, in whole numbers.

    40 for the call's own field, up to 40 for the field best found in the text, up to 20 for all fields together.
    """
    if not fields:
        return 0
    covered = []
    for one in fields:
        wanted = words(one)
        covered.append(100 * len(wanted & text_words) // len(wanted) if wanted else 0)
    same = any(one.casefold().strip() == call_field.casefold().strip() for one in fields)
    return 40 * same + 40 * max(covered) // 100 + 20 * sum(covered) // (100 * len(covered))


def fits(inputs: dict[str, Any]) -> dict[tuple[str, str], int]:
    """By the ids of application and expert."""
    return {
        (a["id"], e["id"]): affinity(inputs["field"], about, e["fields"])
        for a, about in ((a, set(a["words"])) for a in inputs["applications"])
        for e in inputs["experts"]
    }
