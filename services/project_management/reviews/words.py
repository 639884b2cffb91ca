"""An expert's own review on paper, in both languages."""

from typing import Any

from services.project_management.receipts.paper import Grid, Paper, in_both
from services.project_management.reviews.rules import HIGHEST
from shared.kernel.clock import BEIJING
from shared.web.i18n import _


def review_papers(review: dict[str, Any], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """The review as it was handed in: its expert keeps it, the office reads it; the expert is not named."""

    def paper(code: str) -> Paper:
        at = review["completed_at"].astimezone(BEIJING)
        weights = {one["name"]: one["weight"] for one in review["criteria"]}
        told = [
            (_("Call"), review["call_title"]),
            (_("Application"), review["application_title"]),
            (_("Handed in"), f"{at:%Y-%m-%d %H:%M:%S} (UTC+8)"),
            (_("Total"), f"{review['total']} / {HIGHEST}"),
            (_("Signing key"), key_id),
        ]
        scores = [
            [one["criterion"], f"{weights.get(one['criterion'], '')} %", f"{one['score']:g}"]
            for one in review["scores"]
        ]
        comments = ((_("To the applicant"), review["to_applicant"]), (_("To the panel"), review["to_panel"]))
        return Paper(
            title=_("Expert review"),
            lead=_("Confidential: what it says to the panel is not told to applicants."),
            facts=told,
            check=_("Drop this file at the address below to see whether it was changed since it was issued."),
            address=f"{platform}/projects/receipts",
            language=code,
            made_of=review["completed_at"],
            sections=[
                (_("Scores"), [Grid([_("Criterion"), _("Weight"), _("Score")], scores)]),
                *((heading, [text]) for heading, text in comments if text),
            ],
        )

    return in_both(paper)
