"""Assets: kinds, who may register and read them, and how holders' shares stand on a day."""

from enum import StrEnum

from shared.kernel.marks import N_
from shared.kernel.policy import own, roles
from shared.kernel.types import Role, SecurityLabel

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


REGISTRABLE = frozenset({"protect", "keep_secret"})
"""Outcomes of a triage after which there is something to own."""


def filing_faults(kind: Kind, office: str | None, number: str | None, filed: bool) -> dict[str, str]:
    """Field → what is missing for this kind."""
    if kind not in FILED_KINDS:
        return {}
    faults = {}
    if not office:
        faults["office"] = N_("Name the office as a two-letter code (WIPO ST.3), such as CN.")
    if not number:
        faults["application_number"] = N_("Give the application number as the office wrote it.")
    if not filed:
        faults["filed_on"] = N_("Give the day of filing; deadlines are counted from it.")
    return faults


def origin_faults(kind: Kind, label: SecurityLabel, outcome: str | None, disclosed: SecurityLabel) -> dict[str, str]:
    """Field → what does not fit the disclosure the asset comes from: its triage, and its label.

    An asset labelled below its disclosure would publish it by the back door.
    """
    faults = {}
    if outcome not in REGISTRABLE:
        faults["disclosure_id"] = N_(
            "Triage the disclosure first: only one to be protected or kept secret becomes an asset."
        )
    if outcome == "keep_secret" and kind is not Kind.KNOW_HOW:
        faults["kind"] = N_("The disclosure is to be kept secret: register it as know-how.")
    if label.rank < disclosed.rank:
        faults["label"] = N_("The disclosure has a higher label. Choose that one, or a higher one.")
    return faults
