"""What experts are known to have written or done, as texts to compare applications with.

The catalogue tells of a person's fields, not of publications. So an expert's works are: the fields; earlier projects
from public lists in which somebody of that name took part at an organisation the expert works or worked for; and
applications that the expert led or took part in here.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from services.project_management.applications.model import Application
from shared.db.work import Rows, as_json

MOST = 40
"""Works of one expert, the newest: more of them change little and take long."""
BACKGROUND = 1500
"""Texts of earlier projects that sharpen what is rare and what goes together."""

_EARLIER = """
SELECT x.id, e.title, e.abstract
FROM jsonb_to_recordset(%(people)s::jsonb) AS x(id uuid, name text, places jsonb)
     CROSS JOIN LATERAL (
         SELECT title, abstract FROM earlier_projects
         WHERE people ? x.name AND x.places ? institution
         ORDER BY sorted_on DESC, id DESC LIMIT %(most)s) e
"""
_APPLICATIONS = """
SELECT p.id, a.title, a.abstract, a.field
FROM jsonb_to_recordset(%(people)s::jsonb) AS p(id uuid, subject text)
     CROSS JOIN LATERAL (
         SELECT DISTINCT ON (a.id) a.id, a.title, a.abstract, a.field
         FROM applications a
         WHERE a.id IN (SELECT l.id FROM applications l WHERE coalesce(l.leader, l.drafted_by) = p.subject
                        UNION SELECT m.application_id FROM application_members m
                        WHERE m.subject = p.subject AND m.state <> 'left')
           AND a.submitted_at IS NOT NULL AND a.call_id <> %(call)s AND a.label = ANY(%(labels)s)
         ORDER BY a.id DESC LIMIT %(most)s) a
"""
_BACKGROUND = """
SELECT title, abstract FROM earlier_projects WHERE abstract <> ''
ORDER BY sorted_on DESC, id DESC LIMIT %(most)s
"""


@dataclass
class Texts:
    """What is compared; `owner` is the place of each work's expert."""

    applications: list[str]
    works: list[str] = field(default_factory=list)
    owner: list[int] = field(default_factory=list)
    background: list[str] = field(default_factory=list)


async def texts(
    rows: Rows, call_id: UUID, call_field: str, applications: Sequence[Application], people: Sequence[dict[str, Any]]
) -> Texts:
    """`people` as `people.queries.experts` gives them. Of applications only those that the actor may read."""
    found = Texts([_text(one.title, one.abstract, one.field or call_field) for one in applications])
    named, signed = [], []
    for one in people:
        places = sorted({job["name"] for job in one["employers"] if job["name"]})
        named += [{"id": one["id"], "name": n, "places": places} for n in {one["name"], one["name_zh"]} if n and places]
        signed.append({"id": one["id"], "subject": one["subject"]})
    works: dict[UUID, list[str]] = defaultdict(list)
    for one in people:
        works[one["id"]] += [text for text in one["fields"] if text.strip()]
    for query, asked in ((_EARLIER, named), (_APPLICATIONS, signed)):
        more = {"people": as_json(asked), "most": MOST, "call": call_id}
        more["labels"] = rows.actor.clearance.readable_labels()
        for row in await rows.rows(query, more) if asked else ():
            works[row["id"]].append(_text(row["title"], row["abstract"], row.get("field", "")))
    for place, one in enumerate(people):
        mine = list(dict.fromkeys(works[one["id"]]))[: MOST + len(one["fields"])]
        found.works += mine
        found.owner += [place] * len(mine)
    background = await rows.rows(_BACKGROUND, {"most": BACKGROUND})
    found.background = [_text(row["title"], row["abstract"], "") for row in background]
    return found


def _text(title: str, abstract: str, field_name: str) -> str:
    return ". ".join(part for part in (title, abstract, field_name) if part)
