"""Hears which projects run."""

from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.project_delivery import ProjectTerminated
from shared.contracts.projects import ProjectCompleted, ProjectStarted
from shared.db.work import Work, as_json

hears = Reactions()


@hears.on(ProjectStarted, ProjectCompleted, ProjectTerminated)
async def on_project_fact(
    work: Work, event: ProjectStarted | ProjectCompleted | ProjectTerminated, heard: Envelope
) -> None:
    """The completion may be heard first; it then waits with the lead only, and the start fills in the partners."""
    partners = event.partners if isinstance(event, ProjectStarted) else ()
    parties = [party.model_dump() for party in (event.lead, *partners)]
    await work.execute(
        """INSERT INTO projects AS p (id, version, title, state, label, lead_id, lead_name, parties)
           VALUES (%(id)s, %(version)s, %(title)s, %(state)s, %(label)s, %(lead)s, %(lead_name)s, %(parties)s::jsonb)
           ON CONFLICT (id) DO UPDATE SET
               state = CASE WHEN excluded.version > p.version THEN excluded.state ELSE p.state END,
               label = CASE WHEN excluded.version > p.version THEN excluded.label ELSE p.label END,
               parties = CASE WHEN jsonb_array_length(excluded.parties) > jsonb_array_length(p.parties)
                              THEN excluded.parties ELSE p.parties END,
               version = greatest(p.version, excluded.version)""",
        {
            "id": event.id,
            "version": event.version,
            "title": event.title,
            "state": event.state,
            "label": event.label.value,
            "lead": event.lead.id,
            "lead_name": event.lead.name,
            "parties": as_json(parties),
        },
    )
