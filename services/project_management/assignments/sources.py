"""What ties between experts and the people of applications are found from: one statement a source, whatever the number
of applications and experts."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from typing import Any

from services.project_management.assignments.ties import Declared, Group, Reviewed, since, ties
from services.project_management.people.identities import Record
from services.project_management.relations.rules import YEARS, Kind
from shared.db.work import Rows

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
       coalesce(i.name, s.name, t.name) AS called, coalesce(i.name_zh, s.name_zh, '') AS called_zh,
       coalesce(i.orcid, s.orcid, nullif(t.orcid, '')) AS known_as
FROM team t LEFT JOIN people s ON s.subject = t.subject LEFT JOIN people i ON i.id = t.person_id
"""
_WORKED = f"""
WITH team AS ({_TEAM.format(which="a.submitted_at >= %(since)s")}), named AS ({_DESCRIBED}),
near AS (SELECT DISTINCT application_id FROM named
         WHERE key = ANY(%(keys)s) OR known_as = ANY(%(orcids)s) OR organisation_id = ANY(%(places)s))
SELECT n.application_id AS id, 'co_applicant' AS kind,
       jsonb_agg(jsonb_build_object('key', n.key, 'names', ARRAY[n.called, n.called_zh], 'orcid', n.known_as,
                                    'place', n.organisation_id)) AS people
FROM named n JOIN near USING (application_id) GROUP BY n.application_id HAVING count(*) > 1
"""  # noqa: S608 -- constants only
_INVENTED = """
SELECT g.id, 'co_inventor' AS kind,
       jsonb_agg(jsonb_build_object('key', 'named ' || (i ->> 'name') || coalesce(i ->> 'organisation_id', ''),
                                    'names', ARRAY[i ->> 'name'], 'orcid', NULL,
                                    'place', i ->> 'organisation_id')) AS people
FROM agreements g CROSS JOIN jsonb_array_elements(g.terms -> 'inventors') i
WHERE g.created_at >= %(since)s AND g.in_force IS NOT NULL GROUP BY g.id HAVING count(*) > 1
UNION ALL
SELECT v.id, 'co_inventor', jsonb_agg(jsonb_build_object(
           'key', 'named ' || name || v.organisation_id, 'names', ARRAY[name], 'orcid', NULL,
           'place', v.organisation_id))
FROM inventions v CROSS JOIN unnest(v.inventors) AS name
WHERE v.disclosed_at >= %(since)s GROUP BY v.id HAVING count(*) > 1
"""
_DECLARED = """
SELECT r.id, r.subject, r.kind, r.name, r.orcid, r.organisation_id, p.id IS NOT NULL AS catalogued, p.name AS declarer,
       p.name_zh AS declarer_zh, p.orcid AS declarer_orcid
FROM declared_relations r LEFT JOIN people p ON p.subject = r.subject
WHERE r.withdrawn_at IS NULL AND (r.since IS NULL OR r.since <= %(day)s)
  AND (r.until IS NULL OR r.until >= CASE WHEN r.kind = 'close' THEN %(close)s::date ELSE %(taught)s::date END)
"""
_REVIEWED = f"""
WITH given AS (
    SELECT DISTINCT r.application_id, r.expert_subject FROM reviews r
    WHERE r.expert_subject = ANY(%(keys)s) AND r.state IN ('invited', 'accepted', 'scored', 'completed')
      AND r.created_at >= %(since)s),
team AS ({_TEAM.format(which="a.id IN (SELECT application_id FROM given)")}), named AS ({_DESCRIBED})
SELECT g.expert_subject AS reviewer,
       jsonb_agg(jsonb_build_object('key', n.key, 'names', ARRAY[n.called, n.called_zh], 'orcid', n.known_as,
                                    'place', n.organisation_id)) AS people
FROM given g JOIN named n USING (application_id) GROUP BY g.application_id, g.expert_subject
"""  # noqa: S608 -- constants only
_OWN = f"""
WITH team AS ({_TEAM.format(which="a.id = ANY(%(ids)s)")}), named AS ({_DESCRIBED})
SELECT n.application_id::text AS application_id, n.key, ARRAY[n.called, n.called_zh] AS names, n.known_as AS orcid,
       n.organisation_id AS place
FROM named n ORDER BY 1, 2
"""  # noqa: S608 -- constants only
_PLACES = """
SELECT p.subject AS key, array_agg(DISTINCT f.organisation_id::text) AS places
FROM people p JOIN affiliations f ON f.person_id = p.id
WHERE p.subject = ANY(%(keys)s) AND f.organisation_id IS NOT NULL GROUP BY p.subject
"""


async def found_ties(
    rows: Rows, applications: Sequence[dict[str, Any]], people: Sequence[dict[str, Any]]
) -> list[dict[str, str]]:
    """Every tie between these applications and these experts, who are as `people.queries.experts` gives them."""
    own = await rows.rows(_OWN, {"ids": [one["id"] for one in applications]})
    named: dict[str, list[str]] = {one["id"]: [] for one in applications}
    for one in own:
        named[one["application_id"]].append(one["key"])
    day = rows.now.date()
    asked: dict[str, Any] = {
        "since": datetime.combine(since(day), time(), UTC),
        "day": day,
        "close": since(day, YEARS[Kind.CLOSE]),
        "taught": since(day, YEARS[Kind.SUPERVISED]),
        "keys": sorted({one["key"] for one in own}),
        "orcids": sorted({one["orcid"] for one in own if one["orcid"]}),
        "places": sorted({one["place"] for one in own}),
    }
    records = [_record(one) for one in own]
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
    for row in (*await rows.rows(_WORKED, asked), *await rows.rows(_INVENTED, asked)):
        records += [_record(one) for one in row["people"]]
        groups.append(Group(row["kind"], str(row["id"]), tuple(one["key"] for one in row["people"])))
    declared = []
    for row in await rows.rows(_DECLARED, asked):
        other = f"declared {row['id']}"
        place = frozenset({str(row["organisation_id"])}) if row["organisation_id"] else frozenset[str]()
        records.append(Record(other, (row["name"],), orcid=row["orcid"] or None, organisations=place))
        if row["catalogued"]:
            names = tuple(name for name in (row["declarer"], row["declarer_zh"]) if name)
            records.append(Record(row["subject"], names, orcid=row["declarer_orcid"]))
        kind = "close" if row["kind"] == Kind.CLOSE.value else "supervision"
        declared.append(Declared(kind, row["subject"], other))
    reviewed = []
    for row in await rows.rows(_REVIEWED, asked):
        records += [_record(one) for one in row["people"]]
        reviewed.append(Reviewed(row["reviewer"], tuple(one["key"] for one in row["people"])))
    records += [
        Record(row["key"], (), organisations=frozenset(row["places"])) for row in await rows.rows(_PLACES, asked)
    ]
    experts = {str(one["id"]): one["subject"] for one in people}
    return ties(named, experts, records, groups=groups, declared=declared, reviewed=reviewed)


def _record(one: dict[str, Any]) -> Record:
    names = tuple(dict.fromkeys(name for name in one["names"] if name))
    place = frozenset({str(one["place"])}) if one["place"] else frozenset[str]()
    return Record(one["key"], names, orcid=one["orcid"], organisations=place)
