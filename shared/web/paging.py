"""The query parameters that every list understands."""

from typing import Annotated

from fastapi import Query

from shared.db.keyset import MAX_LIMIT

CursorParam = Annotated[
    str | None, Query(max_length=600, description="`next_cursor` of the page before, untouched; absent for the first")
]
LimitParam = Annotated[int, Query(ge=1, le=MAX_LIMIT, description="How many rows at most")]
SearchParam = Annotated[str, Query(max_length=200, pattern=r"^[^\x00]*$", description="Part of a name or title")]
