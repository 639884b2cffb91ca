"""Writes of the worklist: it only repeats what other services decided."""

from datetime import datetime

from shared.contracts.base import TaskAssigned, TaskDone
from shared.db.work import Work


async def open_task(work: Work, event: TaskAssigned, service: str, at: datetime) -> None:
    await work.execute(
        """INSERT INTO tasks AS t (id, version, service, state, title, label, kind, subject, role, organisation_id,
                                   except_for, url, about_kind, about_id, assigned_at, due_at, outcome)
           VALUES (%(id)s, %(version)s, %(service)s, 'open', %(title)s, %(label)s, %(kind)s, %(subject)s, %(role)s,
                   %(organisation_id)s, %(except_for)s, %(url)s, %(about_kind)s, %(about_id)s, %(at)s, %(due_at)s, '')
           ON CONFLICT (id) DO UPDATE
           SET version = excluded.version, state = 'open', title = excluded.title, label = excluded.label,
               kind = excluded.kind, subject = excluded.subject, role = excluded.role,
               organisation_id = excluded.organisation_id,
               except_for = excluded.except_for, url = excluded.url, about_kind = excluded.about_kind,
               about_id = excluded.about_id, assigned_at = excluded.assigned_at, due_at = excluded.due_at,
               outcome = '', done_at = NULL
           WHERE excluded.version > t.version""",
        {
            **event.model_dump(include={"id", "version", "title", "kind", "subject", "organisation_id", "due_at"}),
            "service": service,
            "label": event.label.value,
            "role": event.role.value if event.role else None,
            "except_for": list(event.except_for),
            "url": event.url,
            "about_kind": event.about.kind,
            "about_id": event.about.id,
            "at": at,
        },
    )


async def close_task(work: Work, event: TaskDone, service: str, at: datetime) -> None:
    await work.execute(
        """INSERT INTO tasks AS t (id, version, service, state, title, label, kind, url, about_kind, assigned_at,
                                   outcome, done_at)
           VALUES (%(id)s, %(version)s, %(service)s, 'done', %(title)s, %(label)s, '', '', '', %(at)s,
                   %(outcome)s, %(at)s)
           ON CONFLICT (id) DO UPDATE
           SET version = excluded.version, state = 'done', outcome = excluded.outcome, done_at = excluded.done_at
           WHERE excluded.version > t.version""",
        {
            **event.model_dump(include={"id", "version", "title", "outcome"}),
            "service": service,
            "label": event.label.value,
            "at": at,
        },
    )
