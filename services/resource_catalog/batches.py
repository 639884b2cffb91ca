"""Imports: rows come in batches, each row stands or falls alone, and a repeated batch changes nothing."""

from typing import Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from shared.kernel.schemas import Line, Schema, Word

MAX_ROWS = 500
Row = TypeVar("Row", bound=BaseModel)


class Batch(Schema):
    """Rows are checked one by one, so that a faulty row refuses itself and not its neighbours."""

    source: Word = Field(description="Where the rows come from; with a row's number it names the record for good")
    rows: list[dict[str, Any]] = Field(min_length=1, max_length=MAX_ROWS)


class RowFault(BaseModel):
    row: int = Field(description="Position in the batch, the first is 0")
    field: str = Field(description="The faulty field; empty when the row as a whole is refused")
    reason: str


class BatchResult(BaseModel):
    """What became of a batch. Sending it again leaves everything `unchanged`."""

    accepted: int
    unchanged: int
    refused: int
    errors: list[RowFault]


def checked_rows(model: type[Row], rows: list[dict[str, Any]]) -> tuple[dict[int, Row], list[RowFault]]:
    """The rows that fit the model, by position, and a sentence for each fault of the others."""
    fitting: dict[int, Row] = {}
    faults: list[RowFault] = []
    for position, row in enumerate(rows):
        try:
            fitting[position] = model.model_validate(row)
        except ValidationError as invalid:
            for fault in invalid.errors(include_url=False, include_input=False):
                name = str(fault["loc"][0]) if fault["loc"] else ""
                known = name in model.model_fields
                reason = "there is no such field" if fault["type"] == "extra_forbidden" else str(fault["msg"])
                faults.append(
                    RowFault(row=position, field=name if known else "", reason=reason.removeprefix("Value error, "))
                )
    return fitting, faults


class ImportRow(Schema):
    """What a row of every import has."""

    number: Line | None = Field(default=None, description="The record's number at its source, where it has one")
    name: Line
