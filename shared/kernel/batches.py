"""Imports: rows come in batches, each row stands or falls alone, and a repeated batch changes nothing."""

from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, Field, ValidationError

from shared.kernel.schemas import Line, Schema, Word

MAX_ROWS = 500
Row = TypeVar("Row", bound=BaseModel)


class Batch(Schema):
    """Rows are checked one by one, so that a faulty row refuses itself and not its neighbours."""

    source: Word = Field(description="Where the rows come from; with a row's number it names the record for good")
    rows: Annotated[list[Any], Field(min_length=1, max_length=MAX_ROWS)]


class ImportRow(Schema):
    """What a row about a person or an organisation has."""

    number: Line | None = Field(default=None, description="The record's number at its source, where it has one")
    name: Line


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


def checked_rows(model: type[Row], rows: list[Any], *, unique: str = "") -> tuple[dict[int, Row], list[RowFault]]:
    """The rows that fit the model, by position, and a sentence for each fault of the others.

    With `unique`, a row whose field of that name repeats an earlier fitting row's is refused too.
    """
    fitting: dict[int, Row] = {}
    faults: list[RowFault] = []
    first: dict[Any, int] = {}
    for position, row in enumerate(rows):
        try:
            parsed = model.model_validate(row)
        except ValidationError as invalid:
            faults += [_fault(position, fault) for fault in invalid.errors(include_url=False, include_input=False)]
            continue
        if unique:
            earlier = first.setdefault(getattr(parsed, unique), position)
            if earlier != position:
                reason = f"row {earlier} of this batch has the same {unique}"
                faults.append(RowFault(row=position, field=unique, reason=reason))
                continue
        fitting[position] = parsed
    return fitting, faults


def _fault(position: int, fault: Any) -> RowFault:
    # A field's name may be the sender's own invention: it is cut, and made printable.
    name = ".".join(str(part) for part in fault["loc"])[:100].encode("utf-8", "replace").decode()
    reason = "there is no such field" if fault["type"] == "extra_forbidden" else str(fault["msg"])
    return RowFault(row=position, field=name, reason=reason.removeprefix("Value error, "))
