"""What directions are called on screens."""

from services.project_management.indicators.rules import Direction
from shared.web.i18n import lazy

DIRECTIONS = {Direction.AT_LEAST: lazy("No less than"), Direction.AT_MOST: lazy("No more than")}


def choices() -> list[tuple[str, str]]:
    return [(one.value, str(word)) for one, word in DIRECTIONS.items()]
