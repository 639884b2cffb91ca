"""Writes about declared relations."""

from uuid import UUID

from services.project_management.organisations.queries import standings
from services.project_management.relations import queries, rules
from services.project_management.relations.model import Relation
from services.project_management.relations.schemas import RelationCreate
from shared.db.work import Work
from shared.kernel.clock import local_day
from shared.kernel.errors import Invalid
from shared.kernel.marks import N_


async def declare_relation(work: Work, fields: RelationCreate) -> Relation:
    """Say who somebody is to you. Raises Invalid, TooMany."""
    rules.DECLARE.admits(work.actor)
    wrong = rules.faults(fields.since, fields.until, local_day(work.now))
    if fields.organisation_id and fields.organisation_id not in await standings(work, [fields.organisation_id]):
        wrong.append(("/organisation_id", N_("Choose an organisation of the list, or leave it empty.")))
    if not fields.orcid and fields.organisation_id is None:
        wrong.append(
            ("/organisation_id", N_("Choose where the person works, or give the ORCID iD: a name alone is nobody."))
        )
    if wrong:
        raise Invalid(
            N_("Correct the marked entries and send them again."),
            errors=[{"pointer": pointer, "detail": detail} for pointer, detail in wrong],
        )
    if len(await queries.mine(work)) >= rules.MOST:
        raise rules.TooMany(N_("Take one back before you declare another."))
    relation = Relation(**fields.model_dump(), subject=work.actor.subject, declared_at=work.now)
    relation.kind = fields.kind.value
    work.add(relation)
    return relation


async def take_back(work: Work, relation_id: UUID) -> None:
    """Raises NotFound for everybody else's."""
    relation = await work.get(Relation, relation_id)
    rules.OWN.require(work.actor, person=relation.subject, thing="relation")
    relation.withdrawn_at = relation.withdrawn_at or work.now
