"""Who asks: every role for the owner's organisation, for another one, and crossed; with every clearance; and nobody."""

from collections.abc import Iterator
from dataclasses import dataclass

from shared.kernel.actor import NOBODY, Actor, Grant
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Someone
from tests.kit.specimens.ground import FOREIGN_NAME, OWNER_NAME, Ground
from tests.kit.tokens import headers_for


@dataclass(frozen=True)
class Asker:
    """Somebody with a token, and what they are, in words for a failure."""

    words: str
    clearance: SecurityLabel
    someone: Someone | None = None
    headers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def actor(self) -> Actor:
        return self.someone.actor if self.someone else NOBODY


async def askers(ground: Ground) -> list[Asker]:
    """Everybody, known to the service. "crossed" holds the role elsewhere and another one with the owner."""
    found = [Asker("nobody", SecurityLabel.PUBLIC)]
    async with ground.connection.pipeline():
        for clearance in SecurityLabel:
            for words, grants in _grants(ground):
                person = Someone(f"asker-{new_id().hex[-12:]}", grants, clearance)
                await _know(ground, person)
                headers = headers_for(person.subject)
                found.append(
                    Asker(
                        f"{words} cleared for {clearance}",
                        clearance,
                        person,
                        tuple((name.lower().encode(), value.encode()) for name, value in headers.items()),
                    )
                )
    return found


def _grants(ground: Ground) -> Iterator[tuple[str, tuple[Grant, ...]]]:
    yield "somebody without a role", ()
    for role in Role:
        own, foreign = Grant(role, ground.owner, OWNER_NAME), Grant(role, ground.foreign, FOREIGN_NAME)
        other = Role.AUDITOR if role is Role.REVIEWER else Role.REVIEWER
        yield f"{role} of the owner", (own,)
        yield f"{role} of another organisation", (foreign,)
        yield f"{role} elsewhere and {other} of the owner", (foreign, Grant(other, ground.owner, OWNER_NAME))


async def _know(ground: Ground, person: Someone) -> None:
    await ground.connection.execute(
        """INSERT INTO access_accounts (id, subject, name, clearance, version) VALUES (%s, %s, %s, %s, 1)""",
        (new_id(), person.subject, person.subject, person.clearance.value),
    )
    for grant in person.grants:
        await ground.connection.execute(
            """INSERT INTO access_grants (id, subject, role, organisation_id, organisation_name, starts_at)
               VALUES (%s, %s, %s, %s, %s, '2020-01-01+00')""",
            (new_id(), person.subject, grant.role.value, grant.organisation_id, grant.organisation_name),
        )
