"""An expert's own review on paper, in both languages."""

import json
from datetime import datetime
from decimal import Decimal
from typing import Any

from services.project_management.receipts.paper import Grid, Paper, in_both
from services.project_management.reviews.rules import HIGHEST
from shared.kernel.clock import BEIJING
from shared.web.i18n import _


def review_papers(issued: dict[str, Any], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """The review as it was handed in: its expert keeps it, the office reads it; the expert is not named."""
    content = json.loads(issued["content"])
    weights = {one["name"]: one["weight"] for one in content["criteria"]}
    # Papers of before are drawn again as they were: the usual scale is not said.
    tops = {one["name"]: f" / {one['scale']}" for one in content["criteria"] if "scale" in one}
    scores = [
        [
            one["criterion"],
            f"{weights.get(one['criterion'], '')} %",
            f"{Decimal(one['score']).normalize():f}{tops.get(one['criterion'], '')}",
        ]
        for one in content["scores"]
    ]

    def paper(code: str) -> Paper:
        at = datetime.fromisoformat(content["completed_at"]).astimezone(BEIJING)
        told = [
            (_("Paper number"), issued["number"]),
            (_("Call"), content["call"]),
            (_("Application"), content["application"]),
            (_("Handed in"), f"{at:%Y-%m-%d %H:%M:%S} (UTC+8)"),
            (_("Total"), f"{content['total']} / {HIGHEST}"),
            ("SHA-256", issued["sha256"]),
            (_("Signing key"), key_id),
        ]
        comments = ((_("To the applicant"), content["to_applicant"]), (_("To the panel"), content["to_panel"]))
        return Paper(
            title=_("Expert review"),
            lead=_("Confidential: what it says to the panel is not told to applicants."),
            facts=told,
            check=_("Anybody can check this paper at the address below, or drop this file there."),
            address=f"{platform}/projects/receipts/{issued['number']}",
            language=code,
            made_of=issued["issued_at"],
            sections=[
                (_("Scores"), [Grid([_("Criterion"), _("Weight"), _("Score")], scores)]),
                *((heading, [text]) for heading, text in comments if text),
            ],
        )

    return in_both(paper)
