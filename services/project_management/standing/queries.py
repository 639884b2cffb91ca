"""Reads of the ledger: entries as far as they may be known, and what they come to."""

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

from services.project_management.standing import rules
from services.project_management.standing.rules import Of
from shared.blobs.rows import documents_of
from shared.db.keyset import Page, decode_cursor, page_of
from shared.db.patterns import containing
from shared.db.work import Row, Rows
from shared.kernel.actor import Actor
from shared.kernel.clock import local_day
from shared.kernel.errors import Invalid, NotFound
from shared.kernel.marks import N_
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Role, SecurityLabel

_SEEN = """e.label = ANY(%(labels)s)
  AND ((%(all)s AND (e.noticed_at IS NOT NULL OR NOT e.organisation_id = ANY(%(mine)s)))
       OR (e.noticed_at IS NOT NULL AND (e.organisation_id = ANY(%(organisations)s) OR e.leader = %(subject)s)))"""
"""What is proposed is for the offices, and not for those of them who act for its subject."""
_ENTRIES = f"SELECT e.* FROM standing_entries e WHERE {_SEEN}"  # noqa: S608 -- constants only
_FILTER = """
  AND (%(like)s::text = '' OR e.organisation_name ILIKE %(like)s OR e.leader_name ILIKE %(like)s
       OR e.reason ILIKE %(like)s)
  AND (%(states)s::text[] IS NULL OR e.state = ANY(%(states)s))
  AND (%(kinds)s::text[] IS NULL OR e.kind = ANY(%(kinds)s))"""
_EFFECTIVE = "('noticed', 'in_force', 'appealed', 'upheld')"


def _may(rows: Rows) -> dict[str, Any]:
    actor = rows.actor
    return rules.READ.sight(actor) | {"subject": actor.subject, "mine": list(actor.organisations())}


def _asked(search: str, states: list[str] | None, kinds: list[str] | None) -> dict[str, Any]:
    return {"like": containing(search) if search else "", "states": states or None, "kinds": kinds or None}


def _shaped(row: Row) -> dict[str, Any]:
    return {
        **row,
        "sort": rules.tariff_of(row["kind"], row["tariff"]).sort.value,
        "rule": rules.cited(row["kind"], row["tariff"]),
        "brings": rules.foretold(row["kind"], row["tariff"]),
        "evidence": row["evidence"] or None,
    }


async def entries(
    rows: Rows,
    *,
    search: str = "",
    states: list[str] | None = None,
    kinds: list[str] | None = None,
    cursor: str | None = None,
    limit: int = 50,
) -> Page[dict[str, Any]]:
    """Newest first."""
    after = decode_cursor(cursor, 1)
    try:
        place = UUID(after[0]) if after else None
    except ValueError:
        raise Invalid.field("/cursor", N_("Use the cursor exactly as the previous page gave it.")) from None
    found = await rows.rows(
        _ENTRIES + _FILTER + " AND (%(after)s::uuid IS NULL OR e.id < %(after)s) ORDER BY e.id DESC LIMIT %(limit)s",
        _may(rows) | _asked(search, states, kinds) | {"after": place, "limit": limit + 1},
    )
    return page_of([_shaped(row) for row in found], limit, "id")


async def count_entries(
    rows: Rows, *, search: str = "", states: list[str] | None = None, kinds: list[str] | None = None
) -> int:
    row = await rows.row(
        f"SELECT count(*) AS n FROM standing_entries e WHERE {_SEEN}{_FILTER}",  # noqa: S608 -- constants only
        _may(rows) | _asked(search, states, kinds),
    )
    return int(row["n"]) if row else 0


async def entry(rows: Rows, entry_id: UUID) -> dict[str, Any]:
    """One entry with its documents. Raises NotFound."""
    row = await rows.row(_ENTRIES + " AND e.id = %(id)s", _may(rows) | {"id": entry_id})
    if row is None:
        raise NotFound(N_("There is no entry here that you may see."))
    documents = [
        {"id": one.id, "filename": one.filename, "size": one.size, "sha256": one.sha256}
        for one in await documents_of(rows, "standing", entry_id)
    ]
    return {**_shaped(row), "documents": documents}


async def may_read_entry(rows: Rows, entry_id: UUID, actor: Actor) -> bool:
    """Whether the asker may read an entry's evidence; for document downloads."""
    return await rows.row(_ENTRIES + " AND e.id = %(id)s", _may(rows) | {"id": entry_id}) is not None


async def own_effects(rows: Rows) -> dict[str, Any] | None:
    """What the ledger comes to for the organisation acted for and the actor's team; None for who applies for none."""
    mine = rows.actor.organisation(Role.APPLICANT, Role.REPRESENTATIVE)
    if mine is None:
        return None
    found = await effects_of(rows, [mine], [rows.actor.subject])
    return {
        "organisation_id": mine,
        "name": rows.actor.organisation_name(mine),
        "organisation": found.told(found.organisation(mine), rows.actor.clearance),
        "team": found.told(found.leader(rows.actor.subject), rows.actor.clearance),
    }


class Effects:
    """What the ledger came to on one day, for each subject asked about."""

    def __init__(
        self, day: str, kept: dict[tuple[str, str], list[dict[str, Any]]], labels: dict[str, SecurityLabel]
    ) -> None:
        self._day, self._kept, self._labels = day, kept, labels

    def organisation(self, id: UUID) -> DecisionTrace:
        return self._of(Of.ORGANISATION, str(id))

    def leader(self, subject: str) -> DecisionTrace:
        return self._of(Of.TEAM, subject)

    def points(self, organisation_id: UUID, subject: str, members: Iterable[str] = ()) -> Decimal:
        """What is added to the mean of an application of this lead that this person leads. Members bring no bonus, so
        that nobody is named for one; what the ledger takes from them it takes from the application."""
        both = self.organisation(organisation_id).result, self.leader(subject).result
        taken = (min(Decimal(self.leader(one).result["points"]), Decimal(0)) for one in members)
        return rules.bounded(sum((Decimal(one["points"]) for one in both), sum(taken, Decimal(0))))

    def cited(
        self, organisation_id: UUID, subject: str, clearance: SecurityLabel, members: Iterable[str] = ()
    ) -> list[str]:
        """The rules by which these points come, as far as who reads them may know of the entries."""
        taken = [self.leader(one) for one in members]
        traces = [self.organisation(organisation_id), self.leader(subject)]
        traces += [one for one in taken if Decimal(one.result["points"]) < 0]
        told = (one for trace in traces for _, one in self._readable(trace, clearance))
        return sorted({one.rule for one in told if one.outcome == "yes"})

    def told(self, trace: DecisionTrace, clearance: SecurityLabel) -> dict[str, Any]:
        """What a subject reads of it: points and dates come of every entry, the rest of those within the clearance."""
        readable = self._readable(trace, clearance)
        known = rules.effects({"day": self._day, "entries": [entry for entry, _ in readable]}).result
        result = trace.result | {"pending": known["pending"]}
        for bar in ("lead", "out"):
            if result[bar] and result[bar] != known[bar]:
                result[bar] = result[bar] | {"rule": ""}
        return {"result": result, "clauses": [clause for _, clause in readable]}

    def _readable(self, trace: DecisionTrace, clearance: SecurityLabel) -> list[tuple[dict[str, Any], Clause]]:
        return [
            (entry, clause)
            for entry, clause in zip(trace.inputs["entries"], trace.clauses, strict=True)
            if self._labels[entry["id"]].readable_with(clearance)
        ]

    def _of(self, of: Of, id: str) -> DecisionTrace:
        return rules.effects({"day": self._day, "entries": self._kept.get((of.value, id), [])})


async def effects_of(
    rows: Rows, organisations: Iterable[UUID] = (), leaders: Iterable[str] = (), *, now: Any = None
) -> Effects:
    """For whoever may decide by it: every entry counts, whatever its label. What is told of it goes by the labels."""
    found = await rows.rows(
        f"""SELECT id, subject_kind, coalesce(leader, organisation_id::text) AS subject, kind, tariff, state,
                  starts_on, ends_on, label
           FROM standing_entries
           WHERE state IN {_EFFECTIVE}
             AND ((subject_kind = 'organisation' AND organisation_id = ANY(%(organisations)s))
                  OR (subject_kind = 'team' AND leader = ANY(%(leaders)s)))
           ORDER BY id""",  # noqa: S608 -- constants only
        {"organisations": list(organisations), "leaders": list(leaders)},
    )
    kept: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in found:
        one = {name: row[name] for name in ("kind", "tariff", "state")}
        term = {name: row[name].isoformat() if row[name] else "" for name in ("starts_on", "ends_on")}
        kept.setdefault((row["subject_kind"], row["subject"]), []).append({"id": str(row["id"]), **one, **term})
    labels = {str(row["id"]): SecurityLabel(row["label"]) for row in found}
    return Effects(local_day(now or rows.now).isoformat(), kept, labels)


async def above_clearance(rows: Rows, organisations: Sequence[UUID], leader: str) -> set[UUID | str]:
    """Those of these organisations, and the leader, of whom the ledger holds an entry that the actor may not read:
    also one that is over, for a submission has kept what it came to."""
    found = await rows.rows(
        """SELECT DISTINCT CASE subject_kind WHEN 'team' THEN NULL ELSE organisation_id END AS organisation
           FROM standing_entries
           WHERE noticed_at IS NOT NULL AND NOT label = ANY(%(labels)s)
             AND ((subject_kind = 'organisation' AND organisation_id = ANY(%(organisations)s))
                  OR (subject_kind = 'team' AND leader = %(leader)s))""",
        {
            "labels": rows.actor.clearance.readable_labels(),
            "organisations": list(organisations),
            "leader": leader,
        },
    )
    return {row["organisation"] or leader for row in found}


async def exclusions(rows: Rows) -> list[dict[str, Any]]:
    """Organisations that take part in no application now: what the ledger says to everybody."""
    found = await rows.rows(
        """SELECT organisation_id, organisation_name, kind, tariff, starts_on, ends_on, state FROM standing_entries
           WHERE subject_kind = 'organisation' AND label = 'internal' AND state IN ('in_force', 'appealed', 'upheld')
             AND starts_on <= %(day)s AND ends_on > %(day)s ORDER BY organisation_name, ends_on DESC""",
        {"day": local_day(rows.now)},
    )
    shown: dict[UUID, dict[str, Any]] = {}
    for row in found:
        if rules.tariff_of(row["kind"], row["tariff"]).bar == "out":
            shown.setdefault(
                row["organisation_id"],
                {
                    "organisation_id": row["organisation_id"],
                    "name": row["organisation_name"],
                    "until": row["ends_on"],
                    "rule": rules.cited(row["kind"], row["tariff"]),
                },
            )
    return list(shown.values())


async def subjects(rows: Rows) -> list[dict[str, Any]]:
    """Organisations that an officer can enter something on, by name; never one the officer acts for."""
    return await rows.rows(
        """SELECT id, name, name_zh FROM organisations WHERE NOT id = ANY(%(mine)s) ORDER BY name, id""",
        {"mine": list(rows.actor.organisations())},
    )


async def project_behind(rows: Rows, project_id: UUID) -> dict[str, Any] | None:
    """The project that an entry is about, its lead and who leads its team. Projects are a feature above this one."""
    return await rows.row(
        """SELECT p.id, p.title, p.label, p.lead_id, p.lead_name, p.office_id, p.partners,
                  coalesce(a.leader, a.drafted_by) AS leader,
                  coalesce(nullif(c.name, ''), a.leader, a.drafted_by) AS leader_name,
                  CASE WHEN p.task_book = '' THEN '[]'::jsonb
                       ELSE coalesce(p.task_book::jsonb -> 'people', '[]'::jsonb) END AS people
           FROM projects p JOIN applications a ON a.id = p.application_id
           LEFT JOIN access_accounts c ON c.subject = coalesce(a.leader, a.drafted_by)
           WHERE p.id = %(id)s""",
        {"id": project_id},
    )


async def projects_to_name(rows: Rows) -> Sequence[dict[str, Any]]:
    """Projects that an officer can name as evidence: of the officer's office, newest first."""
    return await rows.rows(
        """SELECT id, title, lead_name FROM projects
           WHERE office_id = ANY(%(offices)s) AND label = ANY(%(labels)s) AND state <> 'drafted'
           ORDER BY id DESC""",
        {
            "offices": list(rows.actor.organisations(Role.PROGRAMME_OFFICER)),
            "labels": rows.actor.clearance.readable_labels(),
        },
    )


def label_of(row: dict[str, Any] | None) -> SecurityLabel:
    """Never public, never below the project that it tells of."""
    return SecurityLabel(row["label"]) if row else SecurityLabel.INTERNAL
