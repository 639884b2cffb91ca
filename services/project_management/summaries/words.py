"""What a summary of reviews says on paper."""

from typing import Any

from services.project_management.awards.words import letter_moment
from services.project_management.receipts.paper import Grid, Paper, in_both
from shared.web.i18n import _


def summary_papers(found: dict[str, Any], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """An application's reviews for the office: experts are numbered, for papers are passed on."""

    def paper(code: str) -> Paper:
        content = found["content"]
        reviews = content["reviews"]
        told = [
            (_("Paper number"), found["number"]),
            (_("Issued"), letter_moment(found["issued_at"].isoformat())),
            (_("Call"), content["call"]),
            (_("Application"), content["title"]),
            (_("Lead"), content["lead"]),
            (_("Reviews"), str(len(reviews))),
            (_("Raw mean"), _estimate(content["raw"])),
            (
                _("Calibrated mean"),
                _estimate(content["calibrated"]) or (_("Calibration is off") if content["raw"] else ""),
            ),
            ("SHA-256", found["sha256"]),
            (_("Signing key"), key_id),
        ]
        heads = [_("Criterion"), _("Weight"), _("Mean"), *(str(n) for n, _one in enumerate(reviews, 1))]
        rows = [[one["criterion"], f"{one['weight']} %", one["mean"], *one["scores"]] for one in content["criteria"]]
        total = [_("Total"), "", content["raw"]["mean"] if content["raw"] else "", *(one["total"] for one in reviews)]
        sections: list[tuple[str, list[str | Grid]]] = [
            (_("Scores by criterion"), [Grid(heads, [*rows, list(map(str, total))])])
        ]
        for heading, name in (
            (_("Comments to the panel"), "to_panel"),
            (_("Comments to the applicant"), "to_applicant"),
        ):
            texts: list[str | Grid] = [f"{n}. {one[name]}" for n, one in enumerate(reviews, 1) if one[name]]
            sections += [(heading, texts)] if texts else []
        return Paper(
            title=_("Summary of the reviews"),
            lead=_("For the programme office. Experts are numbered; the numbers are those of this paper alone."),
            facts=[(name, value) for name, value in told if value],
            check=_("Anybody can check this paper at the address below, or drop this file there."),
            address=f"{platform}/projects/receipts/{found['number']}",
            language=code,
            made_of=found["issued_at"],
            sections=sections,
        )

    return in_both(paper)


def _estimate(one: dict[str, Any] | None) -> str:
    if not one:
        return ""
    if not one["low"]:
        return str(one["mean"])
    return _("%(mean)s (%(low)s to %(high)s)", mean=one["mean"], low=one["low"], high=one["high"])
