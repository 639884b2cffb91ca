"""The base of every schema a request is parsed into."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, ConfigDict, StringConstraints, model_validator

from shared.kernel.marks import N_, S_


class Schema(BaseModel):
    """Strips blanks, refuses unknown fields and the control characters PostgreSQL and screens cannot show."""

    model_config = ConfigDict(extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _printable(cls, values: Any) -> Any:
        if isinstance(values, dict):
            for name, value in values.items():
                if isinstance(value, str) and "\x00" in value:
                    raise ValueError(S_("%(name)s contains a NUL character; remove it", name=repr(name)))
        return values


def _without_nul(value: str) -> str:
    if "\x00" in value:
        raise ValueError(N_("remove the NUL character"))
    return value


Line = Annotated[
    str, StringConstraints(min_length=1, max_length=300, strip_whitespace=True), AfterValidator(_without_nul)
]
"""One line of text that must be given."""

Prose = Annotated[str, StringConstraints(max_length=20_000, strip_whitespace=True), AfterValidator(_without_nul)]
"""Running text, may be empty."""

Word = Annotated[
    str, StringConstraints(min_length=1, max_length=60, strip_whitespace=True), AfterValidator(_without_nul)
]
"""A short term, such as a field or a region."""
