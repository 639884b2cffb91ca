"""Who takes part in a round: organisations admitted, roles granted, experts registered; and the record of steps."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from seeds import reference
from seeds.personas import INSTITUTE, PERSONAS, UNIVERSITY
from seeds.visitor import Visitor

CATALOG, PROJECTS, IP, FINANCE, HOME = (
    f"{prefix}/api/v1" for prefix in ("/catalog", "/projects", "/ip", "/finance", "")
)


def posting(path: str, body: dict[str, Any] | None = None, *, version: int | None = None) -> Callable[[Visitor], Any]:
    """A POST to be made by whoever takes the step."""
    return lambda v: v.post(path, body, version=version)


@dataclass
class Step:
    """What was done, by whom, and how long the answer took."""

    what: str
    who: str
    seconds: float
    result: str = ""


@dataclass
class Participants:
    """Names carry `suffix`, so that a tour can be repeated beside the demonstration round."""

    people: dict[str, Visitor]
    suffix: str = ""
    say: Callable[[Step], None] = lambda step: None
    ids: dict[str, str] = field(default_factory=dict)
    steps: list[Step] = field(default_factory=list)
    homes: set[str] = field(default_factory=set)
    """Where the experts work: on a platform that was loaded before reviewers were spread, two of them in one place."""

    def __getitem__(self, subject: str) -> Visitor:
        return self.people[subject]

    def step(self, who: str, what: str, do: Callable[[Visitor], Any], result: str = "") -> Any:
        begun = time.monotonic()
        answer = self[who].until(lambda: do(self[who]))  # what it builds on may still be on its way
        step = Step(
            what, who, time.monotonic() - begun, result.format(**answer) if isinstance(answer, dict) else result
        )
        self.steps.append(step)
        self.say(step)
        return answer

    def named(self, name: str) -> str:
        return f"{name}{self.suffix}"

    # -- who takes part -----------------------------------------------------------------------------------------------

    def admissions(self) -> None:
        """Two organisations are registered and admitted; roles follow."""
        until = (datetime.now(UTC) + timedelta(days=3 * 365)).isoformat()
        for key, name, fields in (
            ("institute", INSTITUTE, reference.INSTITUTE),
            ("university", UNIVERSITY, reference.UNIVERSITY),
        ):
            made = self.step(
                "chen.coordinator",
                f"registers {self.named(name)}",
                posting(f"{CATALOG}/organisations", {**fields, "name": self.named(name)}),
            )
            self.ids[key] = made["id"]
            self.step(
                "chen.coordinator",
                f"admits {self.named(name)}",
                posting(
                    f"{CATALOG}/organisations/{made['id']}/admission",
                    {"valid_until": until, "reason": "Licence, quality system and confidentiality rules checked."},
                    version=made["version"],
                ),
            )
        self.grants("zhao.institute", "institute")
        self.grants("sun.university", "university")
        self.grants("luo.legal", "university")

    def grants(self, subject: str, organisation: str) -> None:
        """The administrator gives a persona their roles for an organisation (by its key in `ids`)."""
        persona = next(p for p in PERSONAS if p.subject == subject)
        account: str = ""
        for role in persona.roles:
            granted = self.step(
                "admin",
                f"makes {subject} {role.replace('_', ' ')}",
                posting(
                    f"{HOME}/grants",
                    {
                        "subject": subject,
                        "name": persona.name,
                        "role": role,
                        "organisation_id": self.ids[organisation],
                        "reason": "Named by the organisation.",
                        "invite": True,
                    },
                ),
            )
            account = granted["account_id"]
        self.clear(subject, account, persona.clearance)
        self[subject].acting_for(self.ids[organisation])

    def clear(self, subject: str, account: str, clearance: str) -> None:
        known = self["admin"].get(f"{HOME}/accounts/{account}")
        if known["clearance"] == clearance:
            return
        self.step(
            "admin",
            f"clears {subject} for {clearance}",
            lambda v: v.put(
                f"{HOME}/accounts/{account}/clearance",
                {"clearance": clearance, "reason": "Needed for the role."},
                version=known["version"],
            ),
        )

    def experts(self) -> None:
        """Three experts of three organisations; one of them is employed by an applicant."""
        near, far = ["advanced materials", "fatigue"], ["casting"]
        for key, subject, name, name_zh, organisation, fields in (
            ("ma", "expert.ma", "Ma Lan", "马岚", "testing", near),
            ("guo", "expert.guo", "Guo Feng", "郭峰", "equipment", near),
            # Farther from the subject, so that the optimum does not need him for the application he may review.
            ("tan", f"expert.tan{self.suffix.replace(' ', '.')}", f"Tan Hua{self.suffix}", "谭华", "institute", far),
        ):
            found = self["chen.coordinator"].get(f"{CATALOG}/people", search=name)["items"]
            known = next((p for p in found if p.get("subject") == subject), None)
            if known:
                self.ids[key] = known["id"]
                self.homes.add(known["organisation_id"])
                continue
            body = {
                "name": name,
                "name_zh": name_zh,
                "organisation_id": self.ids[organisation],
                "fields": fields,
                "expert": True,
                "review_cap": 10,
                "subject": subject,
            }
            made = self.step(
                "chen.coordinator",
                f"registers the expert {name}",
                posting(f"{CATALOG}/people", body),
            )
            self.ids[key] = made["id"]
            self.homes.add(self.ids[organisation])
