"""The project of the round: task book, agreement on its results, signatures, the first milestone."""

from datetime import date, timedelta
from typing import Any

from seeds import reference
from seeds.asking import Asking
from seeds.papers import pdf
from seeds.participants import PROJECTS
from seeds.visitor import Visitor


class Delivering(Asking):
    """From the decision to the first milestone."""

    def project(self) -> None:
        """The task book is signed by both sides; the first milestone is accepted with its evidence."""
        start = date.today()  # noqa: DTZ011 -- a day in the office's calendar
        body = {
            "application_id": self.ids["consortium"],
            "starts_on": start.isoformat(),
            "ends_on": (start + timedelta(days=540)).isoformat(),
            "milestones": [
                {
                    "title": title,
                    "deliverable": deliverable,
                    "due_on": (start + timedelta(days=180 * number)).isoformat(),
                    "tranche": {"amount": amount, "currency": "CNY"},
                }
                for number, (title, deliverable, amount) in enumerate(reference.MILESTONES, 1)
            ],
        }
        made = self.step("li.officer", "writes the task book", lambda v: v.post(f"{PROJECTS}/projects", body))
        path = f"{PROJECTS}/projects/{made['id']}"
        self.ids["project"] = made["id"]
        self.agreement(made["agreement"]["id"])
        for who in ("li.officer", "zhao.institute"):
            self.step(
                who, "signs the task book", lambda v: v.post(f"{path}/signatures", version=v.get(path)["version"])
            )
        milestone = self["zhao.institute"].get(path)["milestones"][0]
        report = pdf("Milestone 1", ["Ten plates cast.", "Grain size 18 micrometres (mean of 60 fields)."])
        at = f"{PROJECTS}/milestones/{milestone['id']}"
        self.ids["milestone"] = milestone["id"]

        def evidence(v: Visitor) -> Any:
            document = v.upload(f"{PROJECTS}/documents", "milestone-1.pdf", report, "application/pdf", label="internal")
            return v.post(
                f"{at}/evidence",
                {"document_id": document["id"], "note": "Ten plates, micrographs attached."},
                version=milestone["version"],
            )

        handed = self.step("zhao.institute", "hands in evidence of milestone 1", evidence)
        self.step(
            "li.officer",
            "accepts milestone 1",
            lambda v: v.post(
                f"{at}/acceptance", {"note": "Ten plates, grain size below target."}, version=handed["version"]
            ),
        )
        self.step(
            "wu.finance",
            "releases its tranche at the payment gate",
            lambda v: v.post(f"{at}/tranche", version=v.get(at)["version"]),
        )
        self.expenditure(path, start.year)

    def expenditure(self, project: str, year: int) -> None:
        """What was spent is claimed against its budget line, and the office's finance officer approves it."""
        category, after, amount, what = reference.CLAIM
        spent = {
            "category": category,
            "year": year + after,
            "amount": {"amount": amount, "currency": "CNY"},
            "what": what,
        }
        claim = self.step(
            "zhao.institute", "claims expenditure", lambda v: v.post(f"{project}/claims", {"items": [spent]})
        )
        here = f"{PROJECTS}/claims/{claim['id']}"
        self.step(
            "wu.finance",
            "approves the claim",
            lambda v: v.post(f"{here}/approval", {"note": "Within the line."}, version=claim["version"]),
        )

    def agreement(self, agreement: str) -> None:
        """Ownership and income of the results, above the call's floor for inventors; signed by both organisations."""
        path = f"{PROJECTS}/agreements/{agreement}"
        self.ids["agreement"] = agreement
        ours, theirs = self.ids["institute"], self.ids["university"]
        terms = {
            **reference.TERMS,
            "parties": [
                {"organisation_id": ours, "ownership": "3/5", "income": "3/5"},
                {"organisation_id": theirs, "ownership": "2/5", "income": "2/5"},
            ],
            "inventors": [
                {"name": "Zhao Min", "organisation_id": ours, "share": "3/5"},
                {"name": "Sun Jie", "organisation_id": theirs, "share": "2/5"},
            ],
        }
        self.step(
            "zhao.institute",
            "words the agreement on the results and puts it before the university",
            lambda v: v.post(f"{path}/proposal", version=v.put(path, terms, version=v.get(path)["version"])["version"]),
        )
        for who in ("zhao.institute", "luo.legal"):
            self.step(
                who, "signs the agreement", lambda v: v.post(f"{path}/signatures", version=v.get(path)["version"])
            )
