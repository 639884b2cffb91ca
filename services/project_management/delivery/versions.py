"""Every version of a task book that both sides signed, word for word: 1 is what started the project, each later one an
amendment."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlmodel import Field

from services.project_management.delivery.model import Project
from services.project_management.delivery.rules import Side
from services.project_management.receipts.actions import number_paper
from services.project_management.tables import Base
from shared.db.rows import Json, UtcDateTime
from shared.db.work import Work


class TaskBookVersion(Base, table=True):
    __tablename__ = "task_book_versions"

    project_id: UUID = Field(primary_key=True, foreign_key="projects.id")
    number: int = Field(primary_key=True)
    content: str
    """The canonical JSON that `sha256` was taken of."""
    sha256: str
    signatures: list[dict[str, str]] = Field(sa_type=Json)
    """[{"side": …, "subject": …, "at": …}], the office first. An amendment bears who asked for it and who agreed."""
    at: datetime = Field(sa_type=UtcDateTime)


def keep_version(
    work: Work, project: Project, number: int, signed: Sequence[tuple[str | None, datetime | None]]
) -> TaskBookVersion:
    """The task book as it reads now, signed by the office and by the lead, with the number of its paper."""
    version = TaskBookVersion(
        project_id=project.id,
        number=number,
        content=project.task_book,
        sha256=project.sha256,
        signatures=[
            {"side": side.value, "subject": who, "at": at.isoformat()}
            for side, (who, at) in zip((Side.OFFICE, Side.LEAD), signed, strict=True)
            if who and at
        ],
        at=work.now,
    )
    work.add(version)
    number_paper(
        work, kind="task_book", about_id=project.id, call_id=project.call_id, sha256=project.sha256, version=number
    )
    return version
