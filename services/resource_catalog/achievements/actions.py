"""Writes about achievements: draft, security review by another person, release."""

from typing import Any
from uuid import UUID

from services.resource_catalog.achievements import queries, rules, tasks
from services.resource_catalog.achievements.model import Achievement
from services.resource_catalog.achievements.schemas import AchievementChange, AchievementCreate, SecurityReviewCreate
from services.resource_catalog.projects.queries import project as project_of
from shared.db.work import Work
from shared.kernel.errors import Forbidden, Invalid
from shared.kernel.marks import N_
from shared.kernel.policy import Policy
from shared.kernel.types import OrgRef, SecurityLabel


async def draft_achievement(work: Work, fields: AchievementCreate) -> Achievement:
    """Write down a result for the organisation one acts for. Raises NotFound, Invalid."""
    organisation_id = work.actor.organisation(*(rules.DRAFT.roles or ()))
    rules.DRAFT.require(work.actor, owners={organisation_id} if organisation_id else set(), thing="organisation")
    if organisation_id is None:
        raise Forbidden(N_("You act for no organisation. Ask its administrator to grant you a role."))
    await _organisation(work, organisation_id)
    _may_label(work, fields.label)
    await _may_name_project(work, fields.project_id, organisation_id)
    achievement = Achievement.model_validate(
        {
            **_stored(fields.model_dump()),
            "organisation_id": organisation_id,
            "author": work.actor.subject,
            "author_name": work.actor.name,
            "created_at": work.now,
        }
    )
    work.add(achievement)
    await work.flush()
    return achievement


async def edit_achievement(
    work: Work, achievement_id: UUID, fields: AchievementChange, version: int | None
) -> Achievement:
    """Change a draft or what came back from review. Raises NotFound, Stale, Invalid, ReleaseNotPossible."""
    achievement = await _mine(work, achievement_id, version, rules.DRAFT)
    changes = {name: value for name, value in fields.model_dump(exclude_unset=True).items() if value is not None}
    if fields.label:
        _may_label(work, fields.label)
    achievement.edit(_stored(changes))
    await work.flush()
    return achievement


async def request_release(work: Work, achievement_id: UUID, version: int | None) -> Achievement:
    """Send a complete draft to the security review. Raises NotFound, Stale, Invalid, ReleaseNotPossible."""
    achievement = await _mine(work, achievement_id, version, rules.DRAFT)
    rules.next_state("request", rules.State(achievement.state))
    missing = rules.missing_for_release(achievement.content)
    if missing:
        raise Invalid(
            N_("The achievement is not complete yet. Fill in the entries named and ask again."),
            errors=[{"pointer": f"/{name}", "detail": N_("Fill this in before the release.")} for name in missing],
        )
    achievement.request_release()
    await tasks.ask_for_review(work, achievement)
    await work.flush()
    return achievement


async def review_security(
    work: Work, achievement_id: UUID, fields: SecurityReviewCreate, version: int | None
) -> Achievement:
    """Set the checked label and approve, or send it back with the reason; never by the author.

    Raises NotFound, Stale, Invalid, OwnReview, ReleaseNotPossible.
    """
    achievement = await _mine(work, achievement_id, version, rules.REVIEW)
    if fields.decision == "return":
        achievement.send_back(work.actor.subject, fields.reason)
        tasks.ask_to_correct(work, achievement)
    else:
        try:
            label = rules.checked_label(fields.label, work.actor.clearance)
        except ValueError as error:
            raise Invalid.field("/label", str(error)) from None
        achievement.approve(label, work.actor.subject, fields.reason)
        tasks.ask_to_release(work, achievement)
    await work.flush()
    return achievement


async def release_achievement(work: Work, achievement_id: UUID, version: int | None) -> Achievement:
    """Show it to everybody whose clearance reaches the checked label. Raises NotFound, Stale, ReleaseNotPossible."""
    achievement = await _mine(work, achievement_id, version, rules.DRAFT)
    organisation = await _organisation(work, achievement.organisation_id)
    work.emit(achievement.release(organisation, work.now))
    tasks.finish(work, achievement, "released")
    await work.flush()
    return achievement


async def _mine(work: Work, achievement_id: UUID, version: int | None, policy: Policy) -> Achievement:
    policy.admits(work.actor)
    achievement = await work.get(Achievement, achievement_id)
    policy.require(
        work.actor,
        owners={achievement.organisation_id},
        label=SecurityLabel(achievement.label),
        thing="achievement",
    )
    work.must_match(achievement, version)
    return achievement


async def _organisation(work: Work, organisation_id: UUID) -> OrgRef:
    organisation = await queries.organisation_ref(work, organisation_id)
    if organisation is None:
        raise rules.ReleaseNotPossible(
            N_("The catalogue does not know your organisation. Ask the coordination office.")
        )
    return organisation


def _may_label(work: Work, label: SecurityLabel) -> None:
    if not label.readable_with(work.actor.clearance):
        raise Invalid.field("/label", N_("Your clearance does not reach this label. Choose a lower one."))


async def _may_name_project(work: Work, project_id: UUID | None, organisation_id: UUID) -> None:
    if project_id is None:
        return
    project = await project_of(work, project_id)
    if project is None or organisation_id not in project["organisation_ids"]:
        raise Invalid.field("/project_id", N_("Choose a project in which your organisation takes part, or none."))


def _stored(fields: dict[str, Any]) -> dict[str, Any]:
    """Schema names and enumerations as the row keeps them."""
    stored = {name: getattr(value, "value", value) for name, value in fields.items() if name != "fields"}
    return stored | ({"fields_of_work": fields["fields"]} if "fields" in fields else {})
