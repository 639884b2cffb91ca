"""Assets: kinds, who may register and read them, and how holders' shares stand on a day."""

from enum import StrEnum

from shared.kernel.policy import own, roles
from shared.kernel.types import Role

REGISTER = roles("assets.register", Role.IP_OFFICER)
READ = own("assets.read", Role.APPLICANT, Role.REPRESENTATIVE, supervisors=(Role.IP_OFFICER, Role.AUDITOR))


class Kind(StrEnum):
    PATENT = "patent"
    UTILITY_MODEL = "utility_model"
    DESIGN = "design"
    SOFTWARE_COPYRIGHT = "software_copyright"
    PLANT_VARIETY = "plant_variety"
    LAYOUT_DESIGN = "layout_design"
    TRADE_MARK = "trade_mark"
    KNOW_HOW = "know_how"


FILED_KINDS = frozenset({Kind.PATENT, Kind.UTILITY_MODEL, Kind.DESIGN, Kind.TRADE_MARK, Kind.PLANT_VARIETY})
"""Kinds that exist by an application to an office: its number and filing date are asked for."""


def filing_faults(kind: Kind, office: str | None, number: str | None, filed: bool) -> dict[str, str]:
    """Field → what is missing for this kind."""
    if kind not in FILED_KINDS:
        return {}
    faults = {}
    if not office:
        faults["office"] = "Name the office as a two-letter code (WIPO ST.3), such as CN."
    if not number:
        faults["application_number"] = "Give the application number as the office wrote it."
    if not filed:
        faults["filed_on"] = "Give the day of filing; deadlines are counted from it."
    return faults
