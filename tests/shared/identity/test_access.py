"""What coordination said becomes what this service lets a person do: in any order, any number of times, at once."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest
from starlette.requests import HTTPConnection

from shared.contracts.coordination import ClearanceChanged, RoleGranted, RoleRevoked, SessionRevoked
from shared.identity.access import AccessFact
from shared.kernel.actor import NOBODY, Actor
from shared.kernel.errors import Forbidden, Unauthenticated
from shared.kernel.ids import new_id
from shared.kernel.types import Role, SecurityLabel
from tests.kit.platform import Running
from tests.kit.tokens import headers_for

pytestmark = pytest.mark.anyio
ORG, OTHER = new_id(), new_id()


def now() -> datetime:
    return datetime.now(UTC)


class Story:
    """Facts about one account, their versions counted."""

    def __init__(self) -> None:
        self.id = new_id()
        self.subject = f"person-{self.id.hex[-12:]}"
        self.facts: list[AccessFact] = []

    def _base(self) -> dict[str, Any]:
        return {"id": self.id, "version": len(self.facts) + 1, "title": self.subject, "subject": self.subject}

    def grant(self, role: Role, organisation_id: UUID = ORG, **changed: Any) -> RoleGranted:
        fact = RoleGranted(
            **self._base(),
            name=f"name at {len(self.facts)}",
            grant_id=new_id(),
            role=role,
            organisation_id=organisation_id,
            organisation_name="Institute",
            **{"starts_at": now() - timedelta(days=1)} | changed,
        )
        self.facts.append(fact)
        return fact

    def revoke(self, grant: RoleGranted) -> None:
        self.facts.append(
            RoleRevoked(
                **self._base(),
                grant_id=grant.grant_id,
                role=grant.role,
                organisation_id=grant.organisation_id,
                reason="x",
            )
        )

    def clear(self, clearance: SecurityLabel) -> None:
        self.facts.append(ClearanceChanged(**self._base(), name=f"name at {len(self.facts)}", clearance=clearance))

    def sign_out(self, session_id: str | None = None, at: datetime | None = None) -> None:
        self.facts.append(SessionRevoked(**self._base(), session_id=session_id, revoked_at=at or now()))


def connection(headers: dict[str, str]) -> HTTPConnection:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    return HTTPConnection({"type": "http", "headers": raw, "path": "/", "state": {}})


async def by_token(catalog: Running, subject: str, **changed: Any) -> Actor:
    catalog.service.identity.access.forget()
    return await catalog.service.identity.identify(connection(headers_for(subject, **changed)))


async def by_cookie(catalog: Running, cookie: str) -> Actor:
    catalog.service.identity.access.forget()
    return await catalog.service.identity.identify(connection({"Cookie": f"hechuan_session={cookie}"}))


async def test_a_grant_gives_and_a_revocation_takes_away(catalog: Running) -> None:
    story = Story()
    grant = story.grant(Role.IP_OFFICER)
    story.clear(SecurityLabel.CONTROLLED)
    await catalog.hear(*story.facts)
    actor = await by_token(catalog, story.subject)
    assert [(g.role, g.organisation_id, g.organisation_name) for g in actor.grants] == [
        (Role.IP_OFFICER, ORG, "Institute")
    ]
    assert (actor.clearance, actor.name) == (SecurityLabel.CONTROLLED, "name at 1")
    story.revoke(grant)
    await catalog.hear(story.facts[-1])
    assert (await by_token(catalog, story.subject)).grants == ()


async def test_order_and_repetition_change_nothing(catalog: Running) -> None:
    def story() -> Story:
        made = Story()
        first = made.grant(Role.APPLICANT)
        made.clear(SecurityLabel.INTERNAL)
        made.grant(Role.REVIEWER, OTHER)
        made.revoke(first)
        made.clear(SecurityLabel.CONFIDENTIAL)
        made.sign_out("one")
        made.sign_out(None, now() - timedelta(hours=2))
        made.sign_out(None, now() - timedelta(hours=5))
        return made

    async def outcome(made: Story) -> tuple[Any, ...]:
        catalog.service.identity.access.forget()
        access = await catalog.service.identity.access.of(made.subject)
        void = access.void_before is not None and round((now() - access.void_before) / timedelta(hours=1))
        roles = [grant.role for grant in access.grants(now())]
        return access.name, access.clearance, void, access.revoked_sessions, roles

    straight = story()
    await catalog.hear(*straight.facts)
    expected = await outcome(straight)
    assert expected == ("name at 4", SecurityLabel.CONFIDENTIAL, 2, frozenset({"one"}), [Role.REVIEWER])
    chance = random.Random(7)
    for _ in range(15):
        made = story()
        shuffled = made.facts * 2
        chance.shuffle(shuffled)
        for fact in shuffled:
            if isinstance(fact, SessionRevoked) and fact.session_id:
                own = fact.model_copy(update={"session_id": f"{made.subject}-one"})
                await catalog.hear(own)
            else:
                await catalog.hear(fact)
        name, clearance, void, ended, roles = await outcome(made)
        assert (name, clearance, void, roles) == (expected[0], expected[1], expected[2], expected[4])
        assert ended == {f"{made.subject}-one"}


async def test_a_grant_counts_only_between_its_start_and_its_end(catalog: Running) -> None:
    story = Story()
    story.grant(Role.APPLICANT, starts_at=now() + timedelta(hours=1))
    story.grant(Role.AUDITOR, starts_at=now() - timedelta(hours=2), ends_at=now() - timedelta(hours=1))
    story.grant(Role.REVIEWER, starts_at=now() - timedelta(hours=2), ends_at=now() + timedelta(hours=1))
    await catalog.hear(*story.facts)
    access = await catalog.service.identity.access.of(story.subject)
    assert {grant.role for grant in access.grants(now())} == {Role.REVIEWER}
    # The same memory, asked at another moment.
    assert {grant.role for grant in access.grants(now() + timedelta(minutes=61))} == {Role.APPLICANT}


async def test_a_revoked_session_is_nobody_and_others_of_the_person_stay(catalog: Running) -> None:
    story, sessions = Story(), catalog.service.identity.sessions
    story.grant(Role.APPLICANT)
    one, two = sessions.start(story.subject), sessions.start(story.subject)
    await catalog.hear(*story.facts)
    assert (await by_cookie(catalog, sessions.encode(one))).session_id == one.id
    story.sign_out(one.id)
    await catalog.hear(story.facts[-1])
    assert await by_cookie(catalog, sessions.encode(one)) == NOBODY
    assert (await by_cookie(catalog, sessions.encode(two))).subject == story.subject


async def test_revoking_every_sign_in_voids_sessions_and_tokens_from_before(catalog: Running) -> None:
    story, sessions = Story(), catalog.service.identity.sessions
    before = sessions.encode(sessions.start(story.subject))
    story.sign_out(None)
    await catalog.hear(*story.facts)
    assert await by_cookie(catalog, before) == NOBODY
    for issued in (int(now().timestamp()) - 60, None):
        with pytest.raises(Unauthenticated):
            await by_token(catalog, story.subject, iat=issued)
    assert (await by_cookie(catalog, sessions.encode(sessions.start(story.subject)))).subject == story.subject
    assert (await by_token(catalog, story.subject, iat=int(now().timestamp()) + 2)).subject == story.subject


async def test_a_revocation_counts_within_a_second_of_arriving(catalog: Running) -> None:
    story, tick = Story(), [100.0]
    grant = story.grant(Role.APPLICANT)
    await catalog.hear(*story.facts)
    access = catalog.service.identity.access
    access._monotonic = lambda: tick[0]
    assert (await access.of(story.subject)).held
    story.revoke(grant)
    await catalog.hear(story.facts[-1])
    tick[0] += 1.0
    assert not (await access.of(story.subject)).held


async def test_the_memory_of_subjects_is_bounded(catalog: Running) -> None:
    access = catalog.service.identity.access
    access._size = 5
    for number in range(20):
        await access.of(f"nobody-{number}")
    assert len(access._kept) == 5


async def test_without_token_or_session_it_is_nobody(catalog: Running) -> None:
    assert await catalog.service.identity.identify(connection({})) == NOBODY
    assert await by_cookie(catalog, "rubbish") == NOBODY


@pytest.mark.parametrize("header", ["Basic bGk6bGk=", "Bearer", "Bearer ", "bearer a.b.c", "Token x"])
async def test_a_bad_authorization_header_is_refused_and_not_ignored(catalog: Running, header: str) -> None:
    with pytest.raises(Unauthenticated):
        await catalog.service.identity.identify(connection({"Authorization": header}))


async def test_a_bad_token_is_refused_even_with_a_good_cookie(catalog: Running) -> None:
    sessions = catalog.service.identity.sessions
    cookie = f"hechuan_session={sessions.encode(sessions.start('li'))}"
    with pytest.raises(Unauthenticated):
        await catalog.service.identity.identify(connection({"Authorization": "Bearer a.b.c", "Cookie": cookie}))


async def test_a_program_acts_only_for_an_organisation_it_holds_a_role_for(catalog: Running) -> None:
    story = Story()
    story.grant(Role.APPLICANT, ORG)
    story.grant(Role.APPLICANT, OTHER)
    await catalog.hear(*story.facts)
    assert (await by_token(catalog, story.subject, acting_for=OTHER)).organisation() == OTHER
    with pytest.raises(Forbidden):
        await by_token(catalog, story.subject, acting_for=new_id())


async def test_an_organisation_in_a_cookie_counts_only_while_a_role_is_held(catalog: Running) -> None:
    story, sessions = Story(), catalog.service.identity.sessions
    story.grant(Role.APPLICANT, ORG)
    grant = story.grant(Role.APPLICANT, OTHER)
    await catalog.hear(*story.facts)
    cookie = sessions.encode(sessions.start(story.subject, acting_for=OTHER))
    assert (await by_cookie(catalog, cookie)).organisation() == OTHER
    story.revoke(grant)
    await catalog.hear(story.facts[-1])
    assert (await by_cookie(catalog, cookie)).organisation() == ORG


async def test_a_refused_token_is_a_401_problem_with_a_challenge(catalog: Running) -> None:
    async with catalog.client() as client:
        answer: httpx.Response = await client.get(
            "/catalog/api/v1/organisations", headers={"Authorization": "Bearer a.b.c"}
        )
    assert answer.status_code == 401
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.headers["www-authenticate"].startswith('Bearer error="invalid_token"')
