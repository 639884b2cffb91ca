"""Portfolio rules of a call: share limits, what is wrong with them, and how they are said.

A share limit says how much of the budget, or of the number of awards, may (at most) or shall (at least) go to
applications from a region, a field, a sector, or from newcomers: leads that were never funded before. It is a mapping
of trait, value, sense, share (percent) and of; a ceiling without a value holds for any one region, field or sector.
"""

from collections import defaultdict
from decimal import Decimal

from shared.kernel.marks import N_
from shared.kernel.types import Sector

WHOLE = 10_000
"""Shares in hundredths of a percent."""
GROUPS = {
    "region": N_("the region “%(value)s”"),
    "field": N_("the field “%(value)s”"),
    "sector": N_("the %(value)s sector"),
    "newcomer": N_("newcomers"),
}
ANY = {"region": N_("any one region"), "field": N_("any one field"), "sector": N_("any one sector")}
LIMITS = {
    ("at_most", "budget"): N_("At most %(share)s %% of the budget may go to %(group)s."),
    ("at_least", "budget"): N_("At least %(share)s %% of the budget shall go to %(group)s."),
    ("at_most", "awards"): N_("At most %(share)s %% of the awards may go to %(group)s."),
    ("at_least", "awards"): N_("At least %(share)s %% of the awards shall go to %(group)s."),
}


def sentence(rule: dict[str, str], value: str | None = None) -> str:
    """The limit in words; `value` names the group of a limit on any one region, field or sector."""
    named = rule["value"] if value is None else value
    if rule["trait"] != "newcomer" and not named:
        group = ANY[rule["trait"]]
    else:
        group = GROUPS[rule["trait"]] % {"value": named}
    return LIMITS[rule["sense"], rule["of"]] % {"share": rule["share"], "group": group}


def faults(limits: list[dict[str, str]]) -> list[str]:
    """What is wrong with the share limits of a call, as sentences."""
    found = []
    floors: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    ceilings: dict[tuple[str, str, str], Decimal] = {}
    kinds = [(one["trait"], one["value"], one["sense"], one["of"]) for one in limits]
    for one in limits:
        share = Decimal(one["share"])
        if one["trait"] == "newcomer" and one["value"]:
            found.append(N_("A share limit on newcomers names nobody: leave its value empty."))
        elif one["trait"] != "newcomer" and one["sense"] == "at_least" and not one["value"]:
            found.append(N_("Say which region, field or sector shall get at least so much."))
        if one["trait"] == "sector" and one["value"] not in ("", *(sector.value for sector in Sector)):
            found.append(N_("A share limit on a sector names civil or defence."))
        if one["sense"] == "at_least":
            floors[one["trait"], one["of"]] += share
        else:
            ceilings[one["trait"], one["value"], one["of"]] = share
    if len(set(kinds)) < len(kinds):
        found.append(N_("Two share limits say the same of one group."))
    if any(share > 100 for share in floors.values()):
        found.append(N_("Floors of one kind add up to more than 100 percent."))
    if any(
        one["sense"] == "at_least"
        and Decimal(one["share"])
        > min(ceilings.get((one["trait"], value, one["of"]), 100) for value in ("", one["value"]))
        for one in limits
    ):
        found.append(N_("The floor of a group lies above its ceiling."))
    return list(dict.fromkeys(found))
