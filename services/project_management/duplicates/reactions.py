"""What is heard of results: a released one is something that was done already."""

from services.project_management.duplicates.known import keep_text
from services.project_management.duplicates.passages import Said
from services.project_management.duplicates.rules import Kind
from shared.bus.envelope import Envelope
from shared.bus.reactions import Reactions
from shared.contracts.catalog import AchievementReleased
from shared.db.work import Work

hears = Reactions()


@hears.on(AchievementReleased)
async def on_achievement_released(work: Work, event: AchievementReleased, heard: Envelope) -> None:
    await keep_text(
        work,
        Kind.ACHIEVEMENT,
        event.id,
        Said(event.title, event.abstract, organisations=(event.organisation.name,)),
        of_id=event.project_id,
        label=event.checked_label.value,
        parties=list(event.owners),
        said_at=heard.time,
    )
