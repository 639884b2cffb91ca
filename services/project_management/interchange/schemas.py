"""What is asked for when opportunities are searched."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from common_grants_sdk.schemas.pydantic import OpportunitySearchRequest
from pydantic import ConfigDict, Field

from services.project_management.interchange.rules import SORTS
from shared.kernel.clock import BEIJING

MOST = 100
"""Of a page."""


class OpportunitySearch(OpportunitySearchRequest):
    """The protocol's own request."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "search": "alloy",
                    "filters": {"status": {"operator": "in", "value": ["open", "forecasted"]}},
                    "sorting": {"sortBy": "keyDates.closeDate", "sortOrder": "asc"},
                    "pagination": {"page": 1, "pageSize": 10},
                }
            ]
        }
    )

    search: str | None = Field(default=None, max_length=200, pattern=r"^[^\x00]*$")

    def asked(self) -> dict[str, Any]:
        """The filters as `queries.conditions` reads them. Days are those of Beijing."""
        found: dict[str, Any] = {}
        given = self.filters
        if given is None:
            return found
        if given.status:
            found["status"] = (given.status.operator.value, given.status.value)
        dates = given.close_date_range
        if dates and dates.value.min and dates.value.max:
            least = datetime.combine(dates.value.min, time(0), BEIJING).astimezone(UTC)
            most = datetime.combine(dates.value.max, time(0), BEIJING) + timedelta(days=1, microseconds=-1)
            found["close_date_range"] = (dates.operator.value, least, most, "")
        for name in ("total_funding_available_range", "max_award_amount_range"):
            if money := getattr(given, name):
                span = money.value
                found[name] = (money.operator.value, span.min.amount, span.max.amount, span.min.currency)
        return found

    def ignored(self) -> list[str]:
        """Filters that are not for calls of this platform."""
        given = self.filters
        named = ("min_award_amount_range", "custom_filters")
        return [f"The filter {name} is not supported." for name in named if given and getattr(given, name)]

    @property
    def sort(self) -> str:
        asked = self.sorting.sort_by.value
        return asked if asked in SORTS else "lastModifiedAt"
