"""Where a round comes from: an institute asks for something, experts say what they think of it, the office ranks it."""

from typing import Any

from seeds import reference
from seeds.participants import PROJECTS, Participants, posting
from seeds.visitor import Visitor


class Asking(Participants):
    """Before the call; the institute is admitted and the experts are known."""

    def requirement(self) -> None:
        """Put forward, rated by two experts, its priority fixed; `ids["requirement"]` is what the call answers."""
        body = {**reference.REQUIREMENT, "title": self.named(reference.REQUIREMENT["title"])}
        made = self.step("zhao.institute", "writes down what it needs", posting(f"{PROJECTS}/requirements", body))
        path = f"{PROJECTS}/requirements/{made['id']}"
        self.step("zhao.institute", "puts it forward", posting(f"{path}/submission", version=made["version"]))
        self.step(
            "li.officer",
            "asks two experts what they think of it",
            lambda v: v.post(
                f"{path}/consultation",
                {"expert_ids": [self.ids["ma"], self.ids["guo"]]},
                version=v.get(path)["version"],
            ),
        )
        for subject, opinion in zip(("expert.ma", "expert.guo"), reference.OPINIONS, strict=True):
            self._opinion(subject, f"{path}/opinion", opinion)
        fixed = self.step(
            "li.officer",
            "fixes its priority",
            lambda v: v.post(f"{path}/priority", version=v.get(path)["version"]),
        )
        self.steps[-1].result = str(fixed["trace"]["result"]["priority"])
        self.ids["requirement"] = made["id"]

    def _opinion(self, subject: str, path: str, opinion: dict[str, Any]) -> None:
        def give(v: Visitor) -> Any:
            return v.put(path, opinion, version=v.get(path)["version"])

        self.step(subject, "gives an opinion", give)
