"""Specimens of requirements, for project management."""

from datetime import UTC, datetime

from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import OWNER_NAME, Ground, Thing

SHA = "0" * 64
REQUIREMENT_STATES = {
    "edit": "draft",
    "read edit": "draft",
    "draft": "draft",
    "patch": "draft",
    "submission": "draft",
    "withdrawal": "draft",
    "opinion": "in_consultation",
    "read opinion": "in_consultation",
    "recusal": "in_consultation",
    "priority": "in_consultation",
    "adoptions": "prioritised",
}


async def requirement(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """Of the owner; an opinion on it is asked of somebody who never asks."""
    state = REQUIREMENT_STATES.get(use, "put_forward")
    known = state != "draft"
    id = await ground.row(
        "requirements",
        id=new_id(),
        version=1,
        problem="It breaks.",
        indicators=[{"what": "Running time", "value": "200", "unit": "h"}],
        field="materials",
        stage="research",
        urgency="short_term",
        label=label,
        state=state,
        organisation_id=ground.owner,
        organisation_name=OWNER_NAME,
        author="specimen-author",
        put_forward_at=datetime.now(UTC) if known else None,
        put_forward_version=1 if known else None,
        sha256=SHA if known else None,
    )
    if known:
        await ground.row("requirement_versions", requirement_id=id, number=1, content="{}", sha256=SHA)
    asked = use in ("opinion", "read opinion", "recusal")
    if asked:
        await ground.row(
            "requirement_opinions",
            id=new_id(),
            version=1,
            requirement_id=id,
            expert_id=new_id(),
            expert_subject="specimen-expert",
            state="invited",
        )
    return Thing(id, frozenset({ground.owner}), label, "specimen-expert" if asked else None)
