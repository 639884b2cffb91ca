"""Who may be a second record of whom, and whom people mean by a name."""

from collections.abc import Sequence
from typing import Any

from services.project_management.people.identities import SAID, Record, links
from services.project_management.reviews.model import Review
from services.project_management.reviews.rules import State


def named_instead(known: Sequence[Review], people: Sequence[dict[str, Any]]) -> list[dict[str, str]]:
    """Whom people who declined have named, where just one of the experts goes by that name."""
    experts_known = [Record(str(one["id"]), (one["name"], one["name_zh"])) for one in people]
    found = []
    for one in known:
        if one.state == State.DECLINED.value and one.named:
            meant = {
                link.second if link.first == "named" else link.first
                for link in links([Record("named", (one.named,)), *experts_known])
                if "named" in (link.first, link.second)
            }
            if len(meant) == 1:
                found.append({"application_id": str(one.application_id), "expert_id": meant.pop()})
    return found


def alike(
    applications: Sequence[dict[str, Any]], authors: Sequence[dict[str, Any]], people: Sequence[dict[str, Any]]
) -> list[dict[str, str]]:
    """Experts who may be a second record of somebody who wrote an application. Initials alone are too little."""
    records = [
        Record(
            f"author {one['id']}",
            (one["name"], one["name_zh"]),
            emails=tuple(one.get("verified", ())),
            orcid=one.get("orcid"),
            organisations=frozenset(one["places"]),
            unverified=tuple(one.get("unverified", ())),
        )
        for one in authors
    ]
    records += [
        Record(
            str(one["id"]),
            (one["name"], one["name_zh"]),
            emails=tuple(one.get("verified", ())),
            orcid=one.get("orcid"),
            organisations=frozenset(str(job["organisation_id"]) for job in one["employers"]),
            unverified=tuple(one.get("unverified", ())),
        )
        for one in people
    ]
    by_record = {f"author {one['id']}": one for one in authors}
    experts_known = {str(one["id"]): one for one in people}
    found = []
    for link in links(records) if authors else ():
        author = by_record.get(link.first) or by_record.get(link.second)
        expert = experts_known.get(link.second) or experts_known.get(link.first)
        if author is None or expert is None or author["id"] == expert["id"] or link.evidence[0] == "initials":
            continue
        found += [
            {
                "application_id": one["id"],
                "expert_id": str(expert["id"]),
                "name": author["name"],
                "strength": link.strength.value,
                "evidence": SAID[link.evidence[0]],
            }
            for one in applications
            if author["subject"] in (*one["subjects"], *one.get("members", ()))
        ]
    return found
