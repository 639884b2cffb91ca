"""What each partner consented to, word for word: when it is asked anew it can read what changed since."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlmodel import Field

from services.project_management.applications.model import Application, Partner
from services.project_management.applications.queries import submission
from services.project_management.snapshots import canonical
from services.project_management.tables import Base
from shared.db.rows import UtcDateTime
from shared.db.work import Rows, Work
from shared.kernel.ids import new_id


class PartnerConsent(Base, table=True):
    """`content` is the canonical JSON that `sha256` was taken of; None for consents of earlier days, when it was not
    kept."""

    __tablename__ = "application_consents"
    __table_args__ = (Index("application_consents_partner", "application_id", "organisation_id", "consented_at"),)

    id: UUID = Field(default_factory=new_id, primary_key=True)
    application_id: UUID = Field(foreign_key="applications.id")
    organisation_id: UUID
    consented_at: datetime = Field(sa_type=UtcDateTime)
    consented_by: str
    content: str | None = None
    sha256: str | None = None
    given_up_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    """When the application went back to what was handed in before this consent: the earlier one holds again."""
    whole: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Whether it names every document; in earlier days only those that the person who consented could read."""


def covered(content: dict[str, Any]) -> dict[str, Any]:
    """What of an application a consent is given to: not what others have answered, nor which version of the call was
    the newest, for nobody is asked anew for those."""
    people = [{name: value for name, value in one.items() if name != "answer"} for one in content.get("team", [])]
    return {
        **{name: value for name, value in content.items() if name != "team"},
        "call": {"id": content["call"]["id"], "version": content["call"].get("version")},
        "partners": [{"id": one["id"], "name": one["name"]} for one in content["partners"]],
        **({"team": people} if people else {}),
    }


async def keep_consent(work: Work, application: Application, partners: Sequence[Partner], partner: Partner) -> None:
    """Keep what this partner consents to now."""
    content, sha256 = canonical(covered(await submission(work, application, partners)))
    work.add(
        PartnerConsent(
            application_id=application.id,
            organisation_id=partner.organisation_id,
            consented_at=work.now,
            consented_by=work.actor.subject,
            content=content,
            sha256=sha256,
            whole=True,
        )
    )


async def give_up_consents(work: Work, application: Application, content: dict[str, Any]) -> None:
    """What was handed in, the `content`, counts again: what its partners consented to since does not. Who joined since
    is not named in it and stays by its first consent."""
    await work.execute(
        """UPDATE application_consents c SET given_up_at = %(now)s
           WHERE c.application_id = %(id)s AND c.consented_at > %(handed_in)s AND c.given_up_at IS NULL
             AND (c.organisation_id = ANY(%(named)s::uuid[])
                  OR c.consented_at > (SELECT min(f.consented_at) FROM application_consents f
                                       WHERE f.application_id = c.application_id
                                         AND f.organisation_id = c.organisation_id
                                         AND f.consented_at > %(handed_in)s))""",
        {
            "now": work.now,
            "id": application.id,
            "handed_in": application.submitted_at,
            "named": [one["id"] for one in content.get("partners", [])],
        },
    )


async def consenting(rows: Rows, application_id: UUID) -> dict[UUID, str]:
    """Whose consent an application has now: the partners by id, with their names."""
    found = await rows.rows(
        """SELECT organisation_id, name FROM application_partners
           WHERE application_id = %(id)s AND left_at IS NULL AND answer = 'consented' ORDER BY position""",
        {"id": application_id},
    )
    return {one["organisation_id"]: one["name"] for one in found}
