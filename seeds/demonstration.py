"""The demonstration round: the people's organisations and roles, what is offered, then one round through to the end."""

import asyncio
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from seeds import reference
from seeds.participants import CATALOG, FINANCE, HOME, Step, posting
from seeds.personas import EQUIPMENT, INSTITUTE, PERSONAS, UNIVERSITY, XIAN
from seeds.round import Round
from seeds.sign_in import sign_in
from seeds.visitor import Visitor

Say = Callable[[str], None]
KEYS = {INSTITUTE: "institute", UNIVERSITY: "university", XIAN: "testing", EQUIPMENT: "equipment"}
"""Organisation name → its key in a round's ids; others are known by their name."""


def gather(address: str, passwords: Mapping[str, str]) -> dict[str, Visitor]:
    """Sign every persona in, as people do: by the provider's own form."""
    with ThreadPoolExecutor(4) as pool:
        clients = pool.map(lambda p: (p.subject, sign_in(address, p.subject, passwords[p.subject])), PERSONAS)
        return {subject: Visitor(subject, client) for subject, client in clients}


class Demonstration:
    """Loads what is not there yet; repeating it changes nothing."""

    def __init__(self, address: str, passwords: Mapping[str, str], say: Say) -> None:
        self.address = address
        self.passwords = passwords
        self.say = say

    def load(self) -> bool:
        """True when something was loaded, False when the round was there already."""
        begun = time.monotonic()
        admin = Visitor("admin", sign_in(self.address, "admin", self.passwords["admin"]))
        if self._finished(admin):
            return False
        self.say("Loading the demonstration round through the API …")
        people = gather(self.address, self.passwords)
        round_ = Round(people, say=self._tell)
        self.people(round_)
        self.offers(round_)
        round_.experts()
        round_.play()
        round_.next_call()
        self.say(f"Demonstration round loaded: {len(round_.steps)} steps in {time.monotonic() - begun:.0f} s")
        return True

    def _tell(self, step: Step) -> None:
        self.say(f"  {step.who} {step.what}")

    def _finished(self, admin: Visitor) -> bool:
        """The university's admission is early, the achievement late in the round: it is public once released."""
        found = admin.get(f"{CATALOG}/achievements", search=reference.ACHIEVEMENT["title"])["items"]
        return bool(found)

    def organisation(self, round_: Round, name: str) -> str | None:
        found = round_["admin"].get(f"{CATALOG}/organisations", search=name)["items"]
        return next((o["id"] for o in found if o["name"] == name), None)

    def people(self, round_: Round) -> None:
        """Offices and partners with their people; then the two that are admitted."""
        for name, fields in reference.ORGANISATIONS.items():
            key = KEYS.get(name, name)
            known = self.organisation(round_, name)
            round_.ids[key] = known or self._register(round_, name, fields)
        for persona in PERSONAS:
            if persona.organisation in reference.ORGANISATIONS:
                self._ensure_roles(round_, persona.subject, KEYS.get(persona.organisation, persona.organisation))
        institute, university = (self.organisation(round_, name) for name in (INSTITUTE, UNIVERSITY))
        if institute and university:
            round_.ids |= {"institute": institute, "university": university}
            self._ensure_roles(round_, "zhao.institute", "institute")
            self._ensure_roles(round_, "sun.university", "university")
        else:
            round_.admissions()
        self._ensure_roles(round_, "luo.legal", "university")
        self._ensure_roles(round_, "expert.tan", "institute")

    def _register(self, round_: Round, name: str, fields: dict[str, Any]) -> str:
        made = round_.step(
            "admin", f"registers {name}", lambda v: v.post(f"{CATALOG}/organisations", {**fields, "name": name})
        )
        return str(made["id"])

    def _ensure_roles(self, round_: Round, subject: str, organisation: str) -> None:
        found = round_["admin"].get(f"{HOME}/accounts", search=subject)["items"]
        account = next((a for a in found if a["subject"] == subject), None)
        wanted = {role for p in PERSONAS if p.subject == subject for role in p.roles}
        if account is None or not wanted <= set(account["roles"]):
            round_.grants(subject, organisation)

    def offers(self, round_: Round) -> None:
        """A shared test bench and three financial products."""
        round_.ids["facility"] = self._facility(round_)
        self._products(round_)

    def _facility(self, round_: Round) -> str:
        lin = round_["lin.facility"]
        body = reference.FACILITY
        found = lin.until(lambda: lin.get(f"{CATALOG}/facilities", search=body["name"]))["items"]
        known = next((f for f in found if f["name"] == body["name"]), None)
        if known is None:
            known = round_.step("lin.facility", "describes the test bench", posting(f"{CATALOG}/facilities", body))
        if known["state"] != "published":
            round_.step(
                "lin.facility",
                "publishes it for shared use",
                lambda v: v.post(f"{CATALOG}/facilities/{known['id']}/publication", version=known["version"]),
            )
        return str(known["id"])

    def _products(self, round_: Round) -> None:
        bank = round_["qian.bank"]
        there = {p["title"]: p for p in bank.until(lambda: bank.get(f"{FINANCE}/products"))["items"]}
        until = (datetime.now(UTC) + timedelta(days=2 * 365)).isoformat()
        for product in reference.PRODUCTS:
            known = there.get(product["title"])
            if known is None:
                known = round_.step(
                    "qian.bank",
                    f"describes “{product['title']}”",
                    posting(f"{FINANCE}/products", {**product, "valid_until": until}),
                )
            if known["state"] == "draft":
                round_.step(
                    "qian.bank",
                    "publishes it",
                    posting(f"{FINANCE}/products/{known['id']}/publication", version=known["version"]),
                )


async def load_if_empty(address: str, passwords: Mapping[str, str], say: Say) -> bool:
    """Load the round unless it is there. Raises what the platform refused, in its own words."""
    return await asyncio.to_thread(Demonstration(address, passwords, say).load)
