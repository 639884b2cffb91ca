"""What is asked for of an indicator that is a number."""

from decimal import Decimal
from typing import Annotated, Self

from pydantic import BaseModel, Field, StringConstraints, model_validator

from services.project_management.indicators import rules
from shared.kernel.schemas import Schema

Number = Annotated[Decimal, Field(max_digits=18, decimal_places=6)]
Name = Annotated[str, StringConstraints(min_length=1, max_length=120)]
Unit = Annotated[str, Field(max_length=30, description="Such as µm; empty where there is none")]


class IndicatorFields(Schema):
    """What is measured, and which value is promised."""

    name: Name = Field(description="The quantity, such as grain size")
    direction: rules.Direction = Field(description="Whether more or less is better")
    target: Number = Field(description="The value that is promised")
    unit: Unit = ""
    baseline: Number | None = Field(default=None, description="Where it starts; from there progress is counted")

    @model_validator(mode="after")
    def _ahead(self) -> Self:
        if fault := rules.baseline_fault(self.direction, self.target, self.baseline):
            raise ValueError(fault)
        return self

    def kept(self) -> dict[str, str]:
        """As rows and snapshots keep it: exact, and alike however it was typed."""
        return {
            "name": self.name,
            "direction": self.direction.value,
            "target": plain(self.target),
            "unit": self.unit,
            "baseline": "" if self.baseline is None else plain(self.baseline),
        }


class IndicatorRead(BaseModel):
    name: str
    direction: rules.Direction
    target: str
    unit: str
    baseline: str = Field(description="Empty where none is known")


def plain(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
