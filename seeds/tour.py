"""A fresh round against a running platform, and where each of its facts arrived."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from seeds.demonstration import Demonstration, Say, gather
from seeds.participants import CATALOG, Step
from seeds.personas import EQUIPMENT, XIAN
from seeds.reference import FACILITY
from seeds.round import Round
from seeds.visitor import Visitor

PREFIXES = {"coordination": "", "projects": "/projects", "ip": "/ip", "catalog": "/catalog", "finance": "/finance"}
ARRIVAL_SECONDS = 30.0


@dataclass
class Hop:
    """One fact on its way to one reaction; `seconds` from saved to acted on, None when it did not arrive."""

    type: str
    said_by: str
    heard_by: str
    reaction: str
    seconds: float | None


@dataclass
class Journey:
    """What the tour did and saw."""

    steps: list[Step]
    hops: list[Hop] = field(default_factory=list)
    facts: int = 0
    seconds: float = 0.0

    @property
    def missing(self) -> list[Hop]:
        return [hop for hop in self.hops if hop.seconds is None]

    @property
    def slowest(self) -> Hop | None:
        arrived = [hop for hop in self.hops if hop.seconds is not None]
        return max(arrived, key=lambda hop: hop.seconds or 0.0, default=None)


def play(address: str, passwords: Mapping[str, str], suffix: str, say: Say, tell: Any) -> Journey:
    """Play the round with names of its own, then follow every fact to every hearer."""
    people = gather(address, passwords)
    basis = Demonstration(address, passwords, say)
    round_ = Round(people, suffix=suffix, say=tell)
    _known(basis, round_)
    clock = _server_time(people["admin"])
    begun = time.monotonic()
    round_.admissions()
    round_.experts()
    round_.play()
    journey = Journey(round_.steps, seconds=time.monotonic() - begun)
    _follow(people["admin"], clock - timedelta(seconds=1), journey)
    return journey


def _known(basis: Demonstration, round_: Round) -> None:
    """The offers of the demonstration: loaded first where they are not there."""
    if basis.organisation(round_, XIAN) is None:
        basis.people(round_)
    basis.offers(round_)
    round_.ids["testing"] = basis.organisation(round_, XIAN) or ""
    round_.ids["equipment"] = basis.organisation(round_, EQUIPMENT) or ""
    found = round_["lin.facility"].get(f"{CATALOG}/facilities", search=FACILITY["name"])["items"]
    round_.ids["facility"] = found[0]["id"]


def _server_time(admin: Visitor) -> datetime:
    """The platform's clock, for it decides what was recorded since."""
    date = admin.client.get("/healthz").headers.get("date")
    if not date:
        return datetime.now(UTC)
    return datetime.strptime(date, "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)


def _follow(admin: Visitor, since: datetime, journey: Journey) -> None:
    """Wait until every fact is in the inbox of every reaction that listens for it, and time it."""
    deadline = time.monotonic() + ARRIVAL_SECONDS
    while True:
        facts, hops = _hops(admin, since)
        journey.facts, journey.hops = facts, hops
        if not journey.missing or time.monotonic() > deadline:
            return
        time.sleep(0.2)


def _hops(admin: Visitor, since: datetime) -> tuple[int, list[Hop]]:
    at = since.isoformat()
    said: list[tuple[str, dict[str, Any]]] = []
    for service, prefix in PREFIXES.items():
        said += [(service, fact) for fact in admin.get(f"{prefix}/api/v1/events/facts", since=at)["items"]]
    hops = []
    for hearer, prefix in PREFIXES.items():
        reactions = admin.get(f"{prefix}/api/v1/events/reactions")["items"]
        arrived = {
            (a["event_id"], a["reaction"]): datetime.fromisoformat(a["handled_at"])
            for a in admin.get(f"{prefix}/api/v1/events/arrivals", since=at)["items"]
        }
        for producer, fact in said:
            for reaction in reactions:
                if _listens(reaction["subjects"].get(producer, []), fact["type"]):
                    when = arrived.get((fact["event_id"], reaction["reaction"]))
                    took = (when - datetime.fromisoformat(fact["recorded_at"])).total_seconds() if when else None
                    hops.append(Hop(fact["type"], producer, hearer, reaction["reaction"], took))
    return len(said), hops


def _listens(patterns: list[str], event_type: str) -> bool:
    return any(
        event_type.startswith(p[:-1]) if p.endswith(">") else event_type.rsplit(".", 1)[0] == p.rsplit(".", 1)[0]
        for p in patterns
    )
