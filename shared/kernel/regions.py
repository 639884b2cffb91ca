"""Regions by one name each, however they are typed: provinces and main cities of China; others stay as they are."""

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from shared.kernel.schemas import Word

NAMES = dict(line.rsplit(" ", 1) for line in Path(__file__).with_name("regions.txt").read_text("utf-8").splitlines())
"""English name, which is what is stored, → Chinese name."""
_SUFFIX = re.compile(
    r"(?:(?:藏族|羌族|彝族|壮族|回族|维吾尔)*自治[区州]|特别行政区|省|市|区|[\s]+(?:province|city|municipality|shi|sheng))$",
    re.IGNORECASE,
)


def _key(text: str) -> str:
    return re.sub(r"[\s'’-]", "", _SUFFIX.sub("", text.strip())).casefold()


_KNOWN = {_key(spelling): name for name, zh in NAMES.items() for spelling in (name, zh)}


def region(text: str) -> str:
    """The name under which a region is stored: "成都市", "chengdu" and "Chengdu" are one."""
    return _KNOWN.get(_key(text), text.strip())


Region = Annotated[Word, AfterValidator(region)]
