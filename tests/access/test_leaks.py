"""Lists, counts and search say nothing of what may not be known: labels above the clearance, drafts of others."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import orjson
import pytest

from shared.kernel.types import Role, SecurityLabel
from tests.access.census import Route, routes
from tests.access.matrix import Request, World
from tests.access.people import Asker
from tests.kit.specimens import Thing

TOTAL = re.compile(rb'class="list-count"[^>]*><strong>([^<]+)</strong>')


@dataclass(frozen=True)
class Listing:
    """A list for programs, the route of one thing in it, and the list for people beside it."""

    items: Route
    one: Route
    page: Route | None

    def __str__(self) -> str:
        return str(self.items)

    @property
    def parameter(self) -> str:
        return self.one.parameters[0]

    @property
    def searched(self) -> bool:
        return any(field.alias == "search" for field in self.items.endpoint.dependant.query_params)


def listings() -> list[Listing]:
    plain = {(route.service, route.path): route for route in routes() if route.safe}
    return [
        Listing(route, one, plain.get((service, path.removeprefix("/api/v1"))))
        for (service, path), route in plain.items()
        if not route.page and not route.parameters
        for one in plain.values()
        if one.service == service and len(one.parameters) == 1 and one.path == f"{path}/{{{one.parameters[0]}}}"
    ]


def test_the_lists_of_the_platform_are_found() -> None:
    found = listings()
    assert {one.items.service for one in found} == {"catalog", "ip", "projects", "finance", "coordination"}
    assert len(found) >= 15


def asking(world: World, listing: Listing) -> list[Asker]:
    """Who may have something to see, just cleared for it, cleared for all and hardly cleared; and who may not."""
    policy = listing.one.policy
    roles = (policy.roles or frozenset()) | policy.supervisors | {Role.APPLICANT, Role.REVIEWER, Role.COORDINATOR}
    return [
        one
        for one in world.everybody
        if one.someone is None
        or (
            one.clearance is not SecurityLabel.CONTROLLED
            and {grant.role for grant in one.someone.grants} <= roles
            and (one.clearance is SecurityLabel.CONFIDENTIAL or one.words.split(" cleared")[0].endswith("of the owner"))
        )
    ]


@pytest.mark.parametrize(
    ("world", "listing"),
    [pytest.param(one.items.service, one, id=str(one)) for one in listings()],
    indirect=["world"],
    scope="module",
)
async def test_a_list_shows_what_may_be_seen_and_counts_nothing_else(world: World, listing: Listing) -> None:
    things: dict[str, tuple[Thing, str]] = {}
    for label in SecurityLabel:
        for use in ("read", "draft"):
            thing = await world.specimen(listing.parameter, label, use, {}, listing.one.path)
            things[str(thing.id)] = (thing, use)
    faults: list[str] = []
    titles: dict[str, str] = {}
    hidden: list[tuple[Asker, str]] = []
    for asker in asking(world, listing):
        items = await _items(world, listing, asker)
        if items is None:
            continue
        listed = {str(item.get("id", item.get("event_id"))) for item in items}
        for id, (thing, use) in things.items():
            alone = await world.send(listing.one, Request(_path(world, listing.one.path, id), thing), asker)
            mine_only = (
                thing.person is not None and alone.status == 200
            )  # overseers open single ones, listed are one's own
            if (alone.status == 200) != (id in listed) and not mine_only:
                faults.append(
                    f"{asker.words}: a {thing.label} one ({use}) is {'' if id in listed else 'not '}listed, but asked "
                    f"for by itself it answers {alone.status}"
                )
            if id in listed and thing.label is not None and not thing.label.readable_with(asker.actor.clearance):
                faults.append(f"{asker.words} is shown a {thing.label} one ({use})")
            if alone.status == 200:
                content = orjson.loads(alone.body)
                titles[id] = content.get("title") or content.get("name") or ""
            if id not in listed:
                hidden.append((asker, id))
        if listing.page:
            faults += await _page_faults(world, listing.page, asker, things, listed, len(items))
    if listing.searched:
        for asker, id in hidden:
            if titles.get(id):
                found = await _items(world, listing, asker, search=titles[id])
                if found:
                    faults.append(f"{asker.words} finds {len(found)} by the exact title of a hidden one")
    assert not faults, "\n".join(faults[:8]) + f"\n({len(faults)} in all)"


async def _page_faults(
    world: World, page: Route, asker: Asker, things: dict[str, tuple[Thing, str]], listed: set[str], total: int
) -> list[str]:
    """What the list for people says otherwise than the list for programs."""
    answer = await world.send(page, Request(_path(world, page.path), None), asker)
    if answer.status != 200:
        return [f"{asker.words}: the page answers {answer.status}, the list for programs 200"]
    text = answer.body.decode()
    faults = [f"{asker.words}: the page mentions a hidden one" for id in things if id in text and id not in listed]
    told = TOTAL.search(answer.body)
    if told and int(re.sub(rb"\D", b"", told[1])) != total:
        faults.append(f"{asker.words}: the page counts {told[1].decode()}, there are {total} to be seen")
    return faults


def _path(world: World, path: str, id: str = "") -> str:
    return world.ground.running.service.prefix.rstrip("/") + re.sub(r"{\w+}", id, path)


async def _items(world: World, listing: Listing, asker: Asker, search: str = "") -> list[dict[str, Any]] | None:
    """Everything listed for the asker, over all pages; None when the list itself is refused."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        asked = {"limit": "200", "search": search, "cursor": cursor}
        query = "&".join(f"{name}={quote(value)}" for name, value in asked.items() if value)
        answer = await world.send(listing.items, Request(f"{_path(world, listing.items.path)}?{query}", None), asker)
        if answer.refused:
            return None
        assert answer.status == 200, f"{listing}: {answer.status} {answer.body[:200]!r}"
        page = orjson.loads(answer.body)
        items += page["items"]
        cursor = page.get("next_cursor") or ""
        if not cursor:
            return items
