"""Facts of project management that decide who may book for a project, and who may show its results."""

from services.resource_catalog.projects.model import Project
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.project_delivery import ProjectTerminated
from shared.contracts.projects import ProjectCompleted, ProjectStarted
from shared.db.work import Work

hears = Reactions()
_TABLE = Project.__tablename__


@hears.on(ProjectStarted, ProjectCompleted, ProjectTerminated)
async def on_project(work: Work, event: ProjectStarted | ProjectCompleted | ProjectTerminated, heard: Envelope) -> None:
    """Who takes part comes from the start alone, the state from the later fact: so any order gives the same row."""
    if isinstance(event, ProjectStarted):
        members = [event.lead.id, *(partner.id for partner in event.partners)]
        take = "title = excluded.title, lead_name = excluded.lead_name, organisation_ids = excluded.organisation_ids,"
    else:
        members = [event.lead.id]
        take = ""
    await work.execute(
        f"""INSERT INTO {_TABLE} AS p (id, version, title, state, label, lead_name, organisation_ids)
            VALUES (%(id)s, %(version)s, %(title)s, %(state)s, %(label)s, %(lead)s, %(members)s::uuid[])
            ON CONFLICT (id) DO UPDATE
            SET {take}
                state = CASE WHEN excluded.version > p.version THEN excluded.state ELSE p.state END,
                label = CASE WHEN excluded.version > p.version THEN excluded.label ELSE p.label END,
                version = greatest(p.version, excluded.version)""",  # noqa: S608 -- constants only
        {
            "id": event.id,
            "version": event.version,
            "title": event.title,
            "state": event.state,
            "label": event.label.value,
            "lead": event.lead.name,
            "members": list(dict.fromkeys(members)),
        },
    )
