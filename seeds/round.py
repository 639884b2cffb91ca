"""One whole round of joint research, step by step over the public API: from a need to a partner's interest."""

import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from seeds import reference
from seeds.delivering import Delivering
from seeds.papers import pdf
from seeds.participants import CATALOG, FINANCE, IP, PROJECTS
from seeds.visitor import Visitor

OPEN_SECONDS = 6
"""How long the round's call stays open: long enough to apply by program, short enough to wait for."""


class Round(Delivering):
    """The round itself; who takes part must be known already (`admissions`, `experts`)."""

    # -- call and applications ----------------------------------------------------------------------------------------

    def call(self) -> None:
        """Drafted from what was asked for, signed off by somebody else, released."""
        body = {**reference.CALL, "title": self.named(reference.CALL["title"])}
        self.ids["call"] = self._released(body, timedelta(seconds=OPEN_SECONDS))

    def next_call(self) -> None:
        """One that stays open."""
        self._released(reference.NEXT_CALL, timedelta(days=30))

    def _released(self, body: dict[str, Any], open_for: timedelta) -> str:
        now = datetime.now(UTC)
        body = {**body, "opens_at": now.isoformat(), "closes_at": (now + open_for).isoformat()}
        call = self.step("li.officer", "drafts the call", lambda v: self._drafted(v, body))
        path = f"{PROJECTS}/calls/{call['id']}"
        call = self.step(
            "li.officer", "asks for sign-off", lambda v: v.post(f"{path}/signoff-request", version=call["version"])
        )
        call = self.step(
            "chen.coordinator",
            "signs the call off",
            lambda v: v.post(
                f"{path}/signoff",
                {"decision": "approve", "reason": "Fits the joint plan; no overlap with other calls."},
                version=call["version"],
            ),
        )
        self.step("li.officer", "releases the call", lambda v: v.post(f"{path}/release", version=call["version"]))
        return str(call["id"])

    def _drafted(self, v: Visitor, body: dict[str, Any]) -> Any:
        """From the requirement, for the round's own call where there is one."""
        if "requirement" not in self.ids or "call" in self.ids:
            return v.post(f"{PROJECTS}/calls", body)
        adoption = {**body, "requirement_ids": [self.ids["requirement"]], "reason": "First in the joint plan."}
        return v.post(f"{PROJECTS}/requirements/adoptions", adoption)["call"]

    def applications(self) -> None:
        """One by a consortium of two, with a work plan; one by the university alone."""
        draft = {
            **reference.CONSORTIUM,
            "title": self.named(reference.CONSORTIUM["title"]),
            "call_id": self.ids["call"],
            "partner_ids": [self.ids["university"]],
        }
        first = self.step(
            "zhao.institute",
            "drafts an application with the university",
            lambda v: v.post(f"{PROJECTS}/applications", draft),
        )
        self.ids["consortium"] = first["id"]
        self._attach_plan("zhao.institute", first["id"], reference.CONSORTIUM["title"])
        path = f"{PROJECTS}/applications/{first['id']}"
        for who, name in (("zhao.institute", "institute"), ("sun.university", "university")):
            self._write_budget(who, first["id"], name, reference.COSTS[name])
        self.step(
            "sun.university",
            "consents as partner",
            lambda v: v.post(
                f"{path}/consent",
                {"decision": "consent", "reason": "Tasks and budget agreed."},
                version=v.get(path)["version"],
            ),
        )
        self._submit("zhao.institute", first["id"])
        rival = {
            **reference.RIVAL,
            "title": self.named(reference.RIVAL["title"]),
            "call_id": self.ids["call"],
            "partner_ids": [],
        }
        second = self.step(
            "sun.university",
            "drafts an application of its own",
            lambda v: v.post(f"{PROJECTS}/applications", rival),
        )
        self.ids["rival"] = second["id"]
        self._attach_plan("sun.university", second["id"], reference.RIVAL["title"])
        self._write_budget("sun.university", second["id"], "university", reference.RIVAL_COSTS)
        self._submit("sun.university", second["id"])

    def _attach_plan(self, who: str, application: str, title: str) -> None:
        content = pdf(title, ["Work plan", "1. Samples   2. Tests   3. Report", f"Drawn up {date.today()}"])  # noqa: DTZ011

        def attach(v: Visitor) -> Any:
            path = f"{PROJECTS}/applications/{application}"
            document = v.upload(f"{PROJECTS}/documents", "work-plan.pdf", content, "application/pdf", label="internal")
            return v.post(f"{path}/documents", {"document_id": document["id"]}, version=v.get(path)["version"])

        self.step(who, "uploads and attaches the work plan (PDF)", attach)

    def _write_budget(self, who: str, application: str, name: str, costs: list[tuple[str, int, str, str]]) -> None:
        lines = [
            {"category": category, "year": year, "requested": requested, "own": own}
            for category, year, requested, own in costs
        ]
        path = f"{PROJECTS}/applications/{application}/budget/{self.ids[name]}"
        self.step(who, "writes its part of the budget", lambda v: v.put(path, {"lines": lines}, version=0))

    def _submit(self, who: str, application: str) -> None:
        path = f"{PROJECTS}/applications/{application}"
        self.step(who, "submits it", lambda v: v.post(f"{path}/submission", version=v.get(path)["version"]))

    # -- review and award ---------------------------------------------------------------------------------------------

    def reviews(self) -> None:
        """The clock closes the call; experts are assigned, the one in conflict is left out with the reason."""
        path = f"{PROJECTS}/calls/{self.ids['call']}"

        def closed(v: Visitor) -> Any:
            deadline = time.monotonic() + OPEN_SECONDS + 15
            while (call := v.get(path))["state"] != "closed":
                if time.monotonic() > deadline:
                    raise TimeoutError(f"The call is still {call['state']}")
                time.sleep(0.2)
            return call

        self.step("li.officer", "waits until the clock closes the call", closed)
        assigned = self.step(
            "li.officer",
            "assigns three experts",
            lambda v: v.post(
                f"{path}/assignment",
                {
                    "expert_ids": [self.ids[k] for k in ("ma", "guo", "tan")],
                    "seed": 7,
                    "cap": 4,
                    "per_organisation": 1 if len(self.homes) == 3 else 2,
                },
            ),
        )
        mine = {self.ids["tan"]: "tan"}
        reasons = [c["reason"] for c in assigned["conflicts"] if c["expert_id"] in mine]
        if not reasons:
            raise AssertionError("the expert employed by the applicant was not excluded")
        self.steps[-1].result = f"excluded: {reasons[0]}"
        for number, subject in enumerate(("expert.ma", "expert.guo")):
            for review in self._my_reviews(subject):
                which = "consortium" if review["application_id"] == self.ids["consortium"] else "rival"
                self._review(subject, review, reference.SCORES[which][number])

    def _my_reviews(self, subject: str) -> list[dict[str, Any]]:
        ours = {self.ids["consortium"], self.ids["rival"]}
        found = self[subject].get(f"{PROJECTS}/reviews")["items"]
        return [review for review in found if review["application_id"] in ours]

    def _review(self, subject: str, review: dict[str, Any], scores: tuple[int, ...]) -> None:
        path = f"{PROJECTS}/reviews/{review['id']}"
        body = {
            "scores": [
                {"criterion": criterion["name"], "score": score}
                for criterion, score in zip(reference.CALL["criteria"], scores, strict=True)
            ],
            "to_applicant": "Clear plan; say more about the uncertainty of the fatigue tests.",
            "to_panel": "Worth funding within the budget.",
        }

        def review_it(v: Visitor) -> Any:
            accepted = v.post(f"{path}/acceptance", version=review["version"])
            scored = v.put(f"{path}/scores", body, version=accepted["version"])
            return v.post(f"{path}/completion", version=scored["version"])

        self.step(subject, "accepts, scores and completes a review", review_it)

    def award(self) -> None:
        """Ranking, then the decision under the budget."""
        path = f"{PROJECTS}/calls/{self.ids['call']}"
        ranking = self.step("li.officer", "looks at the ranking", lambda v: v.get(f"{path}/ranking"))
        self.steps[-1].result = f"{len(ranking['items'])} ranked"
        self.step(
            "li.officer",
            "decides under the budget",
            lambda v: v.post(
                f"{path}/decision",
                {"reason": "By rank within 5 million yuan; both panels agreed."},
                version=v.get(path)["version"],
            ),
        )

    # -- results ------------------------------------------------------------------------------------------------------

    def invention(self) -> None:
        """Disclosed by the inventors, triaged, registered as an asset with shares 60/40."""
        body = {
            **reference.DISCLOSURE,
            "title": self.named(reference.DISCLOSURE["title"]),
            "project_id": self.ids["project"],
            "inventors": [{"name": "Zhao Min", "share": "3/5"}, {"name": "Sun Jie", "share": "2/5"}],
        }
        made = self.step("zhao.institute", "discloses an invention", lambda v: v.post(f"{IP}/disclosures", body))
        self.ids["disclosure"] = made["id"]
        self.step(
            "he.ip",
            "triages the disclosure: protect",
            lambda v: v.post(
                f"{IP}/disclosures/{made['id']}/triage",
                {"outcome": "protect", "reason": "Novel over two nearest patents; market in bearings."},
                version=made["version"],
            ),
        )
        asset = {
            "disclosure_id": made["id"],
            "title": body["title"],
            "kind": "patent",
            "office": "CN",
            "application_number": f"20261{abs(hash(self.suffix)) % 10**7:07d}",
            "filed_on": date.today().isoformat(),  # noqa: DTZ011
            "shares": [
                {"organisation_id": self.ids["institute"], "share": "3/5"},
                {"organisation_id": self.ids["university"], "share": "2/5"},
            ],
            "inventors": body["inventors"],
            "label": "internal",
        }
        registered = self.step("he.ip", "registers the asset, shares 60/40", lambda v: v.post(f"{IP}/assets", asset))
        self.ids["asset"] = registered["id"]

    def achievement(self) -> None:
        """Written by the author, checked by somebody else, released."""
        body = {
            **reference.ACHIEVEMENT,
            "title": self.named(reference.ACHIEVEMENT["title"]),
            "project_id": self.ids["project"],
            "asset_id": self.ids["asset"],
        }
        made = self.step(
            "zhao.institute", "describes the achievement", lambda v: v.post(f"{CATALOG}/achievements", body)
        )
        path = f"{CATALOG}/achievements/{made['id']}"
        self.ids["achievement"] = made["id"]
        asked = self.step(
            "zhao.institute",
            "asks for its release",
            lambda v: v.post(f"{path}/release-request", version=made["version"]),
        )
        checked = self.step(
            "chen.coordinator",
            "checks its label: public",
            lambda v: v.post(
                f"{path}/security-review",
                {
                    "decision": "approve",
                    "label": "public",
                    "reason": "No process parameter is told; nothing to hold back.",
                },
                version=asked["version"],
            ),
        )
        self.step("zhao.institute", "releases it", lambda v: v.post(f"{path}/release", version=checked["version"]))

    def booking(self) -> None:
        """The project books the shared laboratory."""
        day = date.today() + timedelta(days=7)  # noqa: DTZ011
        facility = f"{CATALOG}/facilities/{self.ids['facility']}"

        def book(v: Visitor) -> Any:
            for offset in range(60):
                slots = v.get(f"{facility}/slots", day=(day + timedelta(days=offset)).isoformat())["slots"]
                free = next((slot for slot in slots if slot["state"] == "free"), None)
                if free:
                    return v.post(
                        f"{CATALOG}/bookings",
                        {
                            "facility_id": self.ids["facility"],
                            "starts_at": free["starts_at"],
                            "ends_at": free["ends_at"],
                            "project_id": self.ids["project"],
                            "purpose": "Bearing cage, first run",
                        },
                    )
            raise AssertionError("no free slot within sixty days")

        self.ids["booking"] = self.step("zhao.institute", "books the test bench", book)["id"]

    # -- money --------------------------------------------------------------------------------------------------------

    def financing(self) -> None:
        """A need, pre-filled from the project; three products matched with why and why not; a partner is interested."""
        prefill = self.step(
            "zhao.institute",
            "opens a financing need, pre-filled from the project",
            lambda v: v.get(f"{FINANCE}/needs/prefill", project_id=self.ids["project"]),
        )
        known = {k: v for k, v in prefill.items() if k in reference.NEED and v not in (None, "", [])}
        body = {**reference.NEED, **known, "project_id": self.ids["project"]}
        for own in ("title", "purpose", "amount", "security_offered", "term_months"):
            body[own] = reference.NEED[own]
        body["title"] = self.named(reference.NEED["title"])
        made = self.step("zhao.institute", "describes what it needs", lambda v: v.post(f"{FINANCE}/needs", body))
        path = f"{FINANCE}/needs/{made['id']}"
        self.ids["need"] = made["id"]
        self.step(
            "zhao.institute", "puts the need forward", lambda v: v.post(f"{path}/opening", version=made["version"])
        )
        found = self.step("zhao.institute", "reads the matches", lambda v: v.get(f"{path}/matches"))
        matches = found["items"]
        if len(matches) < 3:
            raise AssertionError(f"three products were expected to be matched, not {len(matches)}")
        self.steps[-1].result = ", ".join(f"{m['product_title']}: {m['outcome']}" for m in matches[:3])
        best = next(m for m in matches if m["outcome"] != "no")
        self.ids["match"] = best["id"]
        self.step(
            "qian.bank",
            "expresses interest",
            lambda v: v.post(
                f"{FINANCE}/matches/{best['id']}/interest",
                {"note": "We would like to meet; the pledge covers half."},
                version=best["version"],
            ),
        )

    def play(self) -> None:
        """From what is asked for to the money."""
        self.requirement()
        self.call()
        self.applications()
        self.reviews()
        self.award()
        self.project()
        self.invention()
        self.achievement()
        self.booking()
        self.financing()
