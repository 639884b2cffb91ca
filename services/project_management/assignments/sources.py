"""What ties between experts and the people of applications are found from: one statement a source, whatever the number
of applications and experts."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from services.project_management.applications.queries import involved
from services.project_management.applications.rules import label_for
from services.project_management.assignments.rules import ConflictPolicy
from services.project_management.assignments.ties import Declared, Group, Reviewed, ties
from services.project_management.people.identities import Record
from services.project_management.relations.rules import Kind
from shared.db.work import Rows
from shared.kernel.clock import BEIJING, local_day
from shared.kernel.types import SecurityLabel

_TEAM = """
SELECT a.id AS application_id, coalesce(a.leader, a.drafted_by) AS subject, NULL::uuid AS person_id, '' AS name,
       '' AS orcid, a.lead_id AS organisation_id
FROM applications a WHERE {which}
UNION ALL
SELECT m.application_id, m.subject, m.person_id, m.name, m.orcid, m.organisation_id
FROM application_members m JOIN applications a ON a.id = m.application_id
WHERE {which} AND m.state <> 'left' AND m.role = 'member'
"""
_DESCRIBED = """
SELECT t.*,
       coalesce(t.subject, i.subject, t.person_id::text, 'named ' || t.name || t.orcid || t.organisation_id) AS key,
       coalesce(i.name, s.name, nullif(t.name, ''), c.name, '') AS called,
       coalesce(i.name_zh, s.name_zh, '') AS called_zh,
       coalesce(i.orcid, s.orcid, nullif(t.orcid, '')) AS known_as
FROM team t LEFT JOIN people s ON s.subject = t.subject LEFT JOIN people i ON i.id = t.person_id
     LEFT JOIN access_accounts c ON c.subject = t.subject
"""
_PEOPLE = """jsonb_agg(jsonb_build_object('key', n.key, 'names', ARRAY[n.called, n.called_zh], 'orcid', n.known_as,
                                          'place', n.organisation_id)) AS people"""
_NEAR = "bool_or(n.key = ANY(%(keys)s) OR n.known_as = ANY(%(orcids)s) OR n.organisation_id = ANY(%(places)s::uuid[]))"
"""Only what a person of the applications may have a part in: the other side is then anybody."""
_WORKED = f"""
WITH everybody AS MATERIALIZED ({_TEAM.format(which="a.submitted_at >= %(worked)s")}),
known AS (SELECT id, subject FROM people
          WHERE subject = ANY(%(keys)s) OR id::text = ANY(%(keys)s) OR orcid = ANY(%(orcids)s)),
near AS (SELECT DISTINCT e.application_id FROM everybody e
         WHERE e.organisation_id = ANY(%(places)s::uuid[]) OR e.orcid = ANY(%(orcids)s) OR e.subject = ANY(%(keys)s)
            OR e.subject IN (SELECT subject FROM known) OR e.person_id IN (SELECT id FROM known)),
team AS (SELECT e.* FROM everybody e JOIN near USING (application_id)), named AS ({_DESCRIBED})
SELECT n.application_id::text AS id, 'co_applicant' AS kind, {_PEOPLE},
       (SELECT CASE WHEN a.label = ANY(%(labels)s) AND NOT {involved("a.call_id")}
                    THEN extract(year FROM a.submitted_at)::int ELSE 0 END
        FROM applications a WHERE a.id = n.application_id) AS year
FROM named n GROUP BY n.application_id HAVING count(*) > 1 AND {_NEAR}
"""  # noqa: S608 -- constants only
_INVENTED = f"""
WITH inventors AS (
    SELECT 'agreement ' || g.id AS id, g.created_at AS at, i ->> 'name' AS name, NULL::uuid AS person_id,
           (i ->> 'organisation_id')::uuid AS organisation_id
    FROM agreements g CROSS JOIN jsonb_array_elements(g.terms -> 'inventors') i
    WHERE g.created_at >= %(invented)s AND g.in_force IS NOT NULL
    UNION ALL
    SELECT 'invention ' || v.id, v.disclosed_at, i.name, i.person_id, v.organisation_id
    FROM inventions v CROSS JOIN unnest(v.inventors, v.inventor_ids) AS i (name, person_id)
    WHERE v.disclosed_at >= %(invented)s
), named AS (
    SELECT i.id, i.at, coalesce(p.subject, i.person_id::text, 'named ' || i.name || i.organisation_id) AS key,
           coalesce(p.name, i.name) AS called, coalesce(p.name_zh, '') AS called_zh, p.orcid AS known_as,
           CASE WHEN i.person_id IS NULL THEN i.organisation_id END AS organisation_id
    FROM inventors i LEFT JOIN people p ON p.id = i.person_id
)
SELECT n.id, 'co_inventor' AS kind, {_PEOPLE},
       CASE WHEN 'confidential' = ANY(%(labels)s) THEN max(extract(year FROM n.at))::int ELSE 0 END AS year
FROM named n GROUP BY n.id HAVING count(*) > 1 AND {_NEAR}
"""  # noqa: S608 -- constants only
_DECLARED = """
SELECT r.id, r.subject, r.kind, r.name, r.orcid, r.organisation_id, r.declared_at,
       p.name AS declarer, p.name_zh AS declarer_zh, p.orcid AS declarer_orcid
FROM declared_relations r LEFT JOIN people p ON p.subject = r.subject
WHERE r.withdrawn_at IS NULL AND (r.since IS NULL OR r.since <= %(day)s)
  AND CASE WHEN r.kind = 'close' THEN %(closely)s ELSE %(teaching)s END
  AND CASE WHEN r.kind = 'close' THEN %(close)s ELSE %(taught)s END <= coalesce(r.until, %(day)s)
ORDER BY r.id
"""
_REVIEWED = f"""
WITH given AS (
    SELECT DISTINCT r.application_id, r.expert_subject FROM reviews r
    WHERE r.expert_subject = ANY(%(keys)s) AND r.state IN ('invited', 'accepted', 'scored', 'completed')
      AND r.created_at >= %(reviewed)s),
team AS ({_TEAM.format(which="a.id IN (SELECT application_id FROM given)")}), named AS ({_DESCRIBED})
SELECT g.expert_subject AS reviewer, {_PEOPLE}
FROM given g JOIN named n USING (application_id) GROUP BY g.application_id, g.expert_subject
"""  # noqa: S608 -- constants only
_OWN = f"""
WITH team AS ({_TEAM.format(which="a.id = ANY(%(ids)s)")}), named AS ({_DESCRIBED})
SELECT n.application_id::text AS application_id, n.key, ARRAY[n.called, n.called_zh] AS names, n.known_as AS orcid,
       n.organisation_id AS place
FROM named n ORDER BY 1, 2
"""  # noqa: S608 -- constants only
_ADDRESSES = """
SELECT subject AS key, verified, unverified FROM person_addresses WHERE subject = ANY(%(all)s)
"""
_PLACES = """
SELECT coalesce(p.subject, p.id::text) AS key, array_agg(DISTINCT f.organisation_id::text) AS places
FROM people p JOIN affiliations f ON f.person_id = p.id
WHERE (p.subject = ANY(%(keys)s) OR p.id::text = ANY(%(keys)s)) AND f.organisation_id IS NOT NULL GROUP BY 1
"""


async def found_ties(
    rows: Rows,
    applications: Sequence[dict[str, Any]],
    people: Sequence[dict[str, Any]],
    policy: ConflictPolicy,
) -> list[dict[str, str]]:
    """Every tie between these applications and these experts, who are as `people.queries.experts` gives them."""
    own = await rows.rows(_OWN, {"ids": [one["id"] for one in applications]})
    named: dict[str, list[str]] = {one["id"]: [] for one in applications}
    for one in own:
        named[one["application_id"]].append(one["key"])
    day = local_day(rows.now)
    call = await rows.row(
        """SELECT c.label, c.organisation_id FROM calls c JOIN applications a ON a.call_id = c.id
           WHERE a.id = ANY(%(ids)s::uuid[]) LIMIT 1""",
        {"ids": [one["id"] for one in applications]},
    )
    readers = label_for(SecurityLabel(call["label"] if call else "public"))
    offices = {*rows.actor.organisations(), *([call["organisation_id"]] if call else ())}
    asked: dict[str, Any] = {
        "day": day,
        "worked": _since(day, policy.co_applicant_years),
        "invented": _since(day, policy.co_inventor_years),
        "reviewed": _since(day, policy.reciprocal_years),
        "close": _since(day, policy.close_years).date(),
        "taught": _since(day, policy.supervision_years).date(),
        "closely": policy.close_years > 0,
        "teaching": policy.supervision_years > 0,
        "labels": readers.readable_labels(),
        "own": sorted(offices, key=str),
        "keys": sorted({one["key"] for one in own}),
        "orcids": sorted({one["orcid"] for one in own if one["orcid"]}),
    }
    places = await rows.rows(_PLACES, asked)
    asked["places"] = sorted({str(one["place"]) for one in own} | {one for row in places for one in row["places"]})
    records = [_record(one) for one in own]
    records += [Record(row["key"], (), organisations=frozenset(row["places"])) for row in places]
    records += [
        Record(
            one["subject"],
            (one["name"], one["name_zh"]) if one["name_zh"] else (one["name"],),
            orcid=one["orcid"],
            organisations=frozenset(str(job["organisation_id"]) for job in one["employers"]),
        )
        for one in people
    ]
    groups = []
    worked = await rows.rows(_WORKED, asked) if policy.co_applicant_years else []
    invented = await rows.rows(_INVENTED, asked) if policy.co_inventor_years else []
    for row in (*worked, *invented):
        records += [_record(one) for one in row["people"]]
        groups.append(Group(row["kind"], row["id"], tuple(one["key"] for one in row["people"]), row["year"]))
    declared = []
    for row in await rows.rows(_DECLARED, asked):
        other = f"declared {row['id']}"
        place = frozenset({str(row["organisation_id"])}) if row["organisation_id"] else frozenset[str]()
        records.append(Record(other, (row["name"],), orcid=row["orcid"] or None, organisations=place))
        names = tuple(name for name in (row["declarer"], row["declarer_zh"]) if name)
        records.append(Record(row["subject"], names, orcid=row["declarer_orcid"]))
        kind = "close" if row["kind"] == Kind.CLOSE.value else "supervision"
        declared.append(Declared(kind, row["subject"], other, local_day(row["declared_at"]).isoformat()))
    reviewed = []
    for row in await rows.rows(_REVIEWED, asked) if policy.reciprocal_years else ():
        records += [_record(one) for one in row["people"]]
        reviewed.append(Reviewed(row["reviewer"], tuple(one["key"] for one in row["people"])))
    known = await rows.rows(_ADDRESSES, {"all": sorted({one.id for one in records})})
    records += [
        Record(row["key"], (), emails=tuple(row["verified"]), unverified=tuple(row["unverified"])) for row in known
    ]
    experts = {str(one["id"]): one["subject"] for one in people}
    return ties(
        named,
        experts,
        records,
        groups=groups,
        declared=declared,
        reviewed=reviewed,
        mutual=bool(policy.reciprocal_years),
    )


def _since(day: date, years: int) -> datetime:
    """From when on something counts, by the days that it is here."""
    return datetime.combine(day - timedelta(days=365 * years), time(), BEIJING)


def _record(one: dict[str, Any]) -> Record:
    names = tuple(dict.fromkeys(name for name in one["names"] if name))
    place = frozenset({str(one["place"])}) if one["place"] else frozenset[str]()
    return Record(one["key"], names, orcid=one["orcid"], organisations=place)
