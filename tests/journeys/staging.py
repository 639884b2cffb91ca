"""Situations that a journey begins from, made over the API by the people whose business each step is."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from seeds import reference
from seeds.participants import CATALOG, HOME, PROJECTS, posting
from seeds.round import Round

OPEN_SECONDS = 20
"""How long a staged call stays open: its applications are written by program meanwhile."""
FIRM = "Mianyang Bearing Works"


@dataclass(frozen=True, slots=True)
class Bid:
    """An application to a staged call: who leads it, with which partners (by their key), and what the experts think."""

    title: str
    amount: str
    scores: Sequence[tuple[int, int, int]]
    lead: str = "sun.university"
    partners: Sequence[str] = ()


def staged(base: Round) -> Round:
    """A round of its own over the organisations and people that are there."""
    return Round(base.people, ids=dict(base.ids))


def a_judged_call(on: Round, title: str, bids: Sequence[Bid], **terms: Any) -> list[str]:
    """A call with a budget of five million, closed by the clock and with every review in; returns its applications."""
    body = {**reference.CALL, "title": title, "title_zh": "", "budget_terms": {"required": False}, **terms}
    opened = time.monotonic()
    on.ids["call"] = on._released(body, timedelta(seconds=OPEN_SECONDS))
    made = [_handed_in(on, bid) for bid in bids]
    assert time.monotonic() - opened < OPEN_SECONDS, "the call closed while it was being applied to"
    here = f"{PROJECTS}/calls/{on.ids['call']}"
    li = on["li.officer"]
    while li.get(here)["state"] != "closed":
        assert time.monotonic() - opened < OPEN_SECONDS + 20
        time.sleep(0.3)
    told = {"expert_ids": [on.ids["ma"], on.ids["guo"]], "seed": 7, "cap": 9, "per_organisation": 2}
    li.until(lambda: li.post(f"{here}/assignment", told))
    for number, subject in enumerate(("expert.ma", "expert.guo")):
        found = on[subject].get(f"{PROJECTS}/reviews")["items"]
        for review in found:
            if review["application_id"] in made:
                on._review(subject, review, bids[made.index(review["application_id"])].scores[number])
    return made


def _handed_in(on: Round, bid: Bid) -> str:
    draft = {
        "call_id": on.ids["call"],
        "title": bid.title,
        "abstract": f"{bid.title}: samples, tests at speed, and a report that others can repeat.",
        "requested": {"amount": bid.amount, "currency": "CNY"},
        "partner_ids": [on.ids[one] for one in bid.partners],
    }
    id = str(on[bid.lead].until(lambda: on[bid.lead].post(f"{PROJECTS}/applications", draft))["id"])
    on._attach_plan(bid.lead, id, bid.title)
    here = f"{PROJECTS}/applications/{id}"
    for partner in bid.partners:
        on.step(
            "sun.university" if partner == "university" else "zhao.institute",
            "consents",
            lambda v: v.post(f"{here}/consent", {"decision": "consent", "reason": ""}, version=v.get(here)["version"]),
        )
    on._submit(bid.lead, id)
    return id


def a_third_organisation(on: Round) -> None:
    """A firm that employs no expert is admitted; the owner of the test bench may apply and sign for it as well."""
    chen = on["chen.coordinator"]
    firm = {"name": FIRM, "name_zh": "绵阳轴承厂", "kind": "company", "sector": "civil", "region": "Mianyang"}
    made = chen.post(f"{CATALOG}/organisations", firm)
    on.ids["firm"] = made["id"]
    until = (datetime.now(UTC) + timedelta(days=900)).isoformat()
    admission = {"valid_until": until, "reason": "Checked."}
    chen.post(f"{CATALOG}/organisations/{made['id']}/admission", admission, version=made["version"])
    for role in ("applicant", "representative"):
        given = {
            "subject": "lin.facility",
            "name": "林涛 Lin Tao",
            "role": role,
            "organisation_id": made["id"],
            "reason": "Named by the organisation.",
            "invite": True,
        }
        on.step("admin", f"makes lin.facility {role}", posting(f"{HOME}/grants", given))
    on["lin.facility"].acting_for(made["id"])
