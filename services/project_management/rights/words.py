"""What states and terms of an agreement on results are called on screens, and a version of it on paper."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from services.project_management.calls.words import DISPOSALS as CALL_DISPOSALS
from services.project_management.calls.words import EXPLOITATIONS as CALL_EXPLOITATIONS
from services.project_management.differences import Difference, apart
from services.project_management.receipts.paper import Grid, Paper, in_both
from services.project_management.rights.rules import Disposal, Exploitation, State, entitlements
from shared.kernel.clock import BEIJING
from shared.web import formats
from shared.web.exports import Cell
from shared.web.i18n import _, lazy
from shared.web.words import StateWord, label_word

STATES = {
    State.DRAFT: StateWord(lazy("Being written"), "neutral"),
    State.PROPOSED: StateWord(lazy("To sign"), "warning"),
    State.AGREED: StateWord(lazy("Signed by all"), "success"),
    State.ENDED: StateWord(lazy("Ended with the project"), "neutral"),
}
WAITS = {"wording": lazy("Waits for your wording"), "signature": lazy("Waits for your signature")}
DISPOSALS = {Disposal(one): word for one, word in CALL_DISPOSALS.items()}
EXPLOITATIONS = {Exploitation(one): word for one, word in CALL_EXPLOITATIONS.items()}
LABELS = {
    "parties": lazy("Parties"),
    "ownership": lazy("Ownership"),
    "income": lazy("Part of the rest of the income"),
    "inventor_share": lazy("Inventors' part of the income"),
    "inventors": lazy("Inventors"),
    "share": lazy("Share"),
    "organisation_id": lazy("Organisation"),
    "organisations": lazy("Organisations"),
    "name": lazy("Name"),
    "disposal": lazy("Who disposes of the results"),
    "exploitation": lazy("Who may use the results"),
    "exploitation_terms": lazy("More about use and licences"),
    "publication_days": lazy("Days to object before a publication"),
    "publication_terms": lazy("More about publications"),
    "inventor_floor": lazy("Inventors' share at least"),
    "title": lazy("Title"),
    "call": lazy("Call"),
}


def told(content: dict[str, Any]) -> dict[str, Any]:
    """A version in the reader's language, under the names by which differences know its values."""
    terms = content["terms"]
    names = {one["id"]: one["name"] for one in content["organisations"]}
    return {
        "title": content["title"],
        "call": content["call"],
        "inventor_floor": content["inventor_floor"],
        "parties": {
            name: {"ownership": formats.share(one["ownership"]), "income": formats.share(one["income"])}
            for name, one in _named(
                [names.get(one["organisation_id"], one["organisation_id"]) for one in terms["parties"]],
                terms["parties"],
            )
        },
        "inventor_share": formats.share(terms["inventor_share"]),
        "inventors": {
            name: {
                "organisation_id": names.get(one["organisation_id"], one["organisation_id"]),
                "share": formats.share(one["share"]),
            }
            for name, one in _named([one["name"] for one in terms["inventors"]], terms["inventors"])
        },
        "disposal": str(DISPOSALS[terms["disposal"]]),
        "exploitation": str(EXPLOITATIONS[terms["exploitation"]]),
        "exploitation_terms": terms["exploitation_terms"],
        "publication_days": str(terms["publication_days"]),
        "publication_terms": terms["publication_terms"],
    }


def _named(names: list[str], rows: list[dict[str, Any]]) -> Iterator[tuple[str, dict[str, Any]]]:
    return zip(apart(names), rows, strict=True)


def rows_of(content: dict[str, Any]) -> tuple[list[list[str]], list[list[str]]]:
    """Parties and inventors one by one under their own names, as tables draw them."""
    words, terms = told(content), content["terms"]
    names = {one["id"]: one["name"] for one in content["organisations"]}
    return (
        [
            [names.get(one["organisation_id"], one["organisation_id"]), said["ownership"], said["income"]]
            for one, said in zip(terms["parties"], words["parties"].values(), strict=True)
        ],
        [
            [one["name"], said["organisation_id"], said["share"]]
            for one, said in zip(terms["inventors"], words["inventors"].values(), strict=True)
        ],
    )


def said_of(difference: Difference) -> str:
    """Where a difference lies, in words: parties, Institute, ownership → "Parties › Institute › Ownership"."""
    return " › ".join(str(LABELS.get(part, part)) for part in difference.path if part != "terms")


def both_papers(shown: dict[str, Any], called: Mapping[str, str], platform: str, key_id: str) -> tuple[Paper, Paper]:
    """A version that all have signed, in the reader's language and in the other."""
    return in_both(lambda code: _paper(shown, called, platform, key_id, code))


def _paper(shown: dict[str, Any], called: Mapping[str, str], platform: str, key_id: str, code: str) -> Paper:
    content = shown["content"]
    word = {name: str(label) for name, label in LABELS.items()}
    values, names = told(content), {one["id"]: one["name"] for one in content["organisations"]}
    plain = ("inventor_share", "inventor_floor", "disposal", "exploitation", "exploitation_terms", "publication_days",
             "publication_terms")  # fmt: skip
    facts = [
        (_("Paper number"), shown["paper"]),
        (_("Version"), str(shown["number"])),
        (_("Signed by all"), _moment(shown["agreed_at"])),
        (_("Project"), content["title"]),
        (_("Call"), content["call"]),
        *((word[name], values[name]) for name in plain),
        ("SHA-256", shown["sha256"]),
        (_("Signing key"), key_id),
    ]
    parties, inventors = rows_of(content)
    parts = [
        [names.get(whom, whom), _("inventor") if kind == "inventor" else _("party"), formats.share(part)]
        for kind, whom, part in entitlements(content["terms"])
    ]
    signed = [
        [one["name"], called.get(one["subject"], one["subject"]), _moment(one["signed_at"])]
        for one in shown["signatures"]
        if one["subject"]
    ]
    return Paper(
        title=_("Agreement on results"),
        lead=_("Who owns the results, who disposes of them, and who gets which part of the income."),
        facts=[(name, value) for name, value in facts if value],
        check=_("Anybody can check this paper at the address below, or drop this file there."),
        address=f"{platform}/projects/receipts/{shown['paper']}",
        language=code,
        made_of=shown["agreed_at"],
        sections=[
            (word["parties"], [Grid([_("Organisation"), word["ownership"], word["income"]], parties)]),
            (word["inventors"], [Grid([word["name"], _("Organisation"), word["share"]], inventors)]),
            (_("Parts of the income"), [Grid([_("Inventor or party"), "", _("Part")], parts)]),
            (_("Signatures"), [Grid([_("Party"), _("Signed by"), _("Signed at")], signed)]),
        ],
    )


def _moment(at: datetime) -> str:
    return f"{at.astimezone(BEIJING):%Y-%m-%d %H:%M} (UTC+8)"


def exported_cells() -> list[Cell]:
    """The columns of the list as a file."""
    return [
        Cell(_("Project"), lambda row: row["title"]),
        Cell(_("Lead"), lambda row: row["lead_name"]),
        Cell(_("Call"), lambda row: row["call_title"]),
        Cell(_("State"), lambda row: str(STATES[row["state"]])),
        Cell(_("Waits"), lambda row: ", ".join(str(WAITS[one]) for one in row["waits"])),
        Cell(_("Parties"), lambda row: row["parties"]),
        Cell(_("Signatures"), lambda row: row["signed"]),
        Cell(_("In force"), lambda row: row["in_force"]),
        Cell(_("Begun"), lambda row: row["created_at"]),
        Cell(_("Security label"), lambda row: str(label_word(row["label"]))),
    ]
