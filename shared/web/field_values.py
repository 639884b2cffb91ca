"""Between a model and the flat texts of a form, led by the model's annotations."""

import types
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import AwareDatetime, BaseModel, FutureDatetime, PastDatetime

from shared.kernel.types import Money, plain_number
from shared.web.formats import zone

ABSENT = object()
MOMENTS: tuple[Any, ...] = (datetime, AwareDatetime, PastDatetime, FutureDatetime)
OFF = frozenset({"", "0", "false", "off", "no"})
STATED = "_stated"
"""Hidden field: what begins with its value is on the page, so that a blank one is empty, not untouched."""
SEVERAL = (list, tuple, set, frozenset, Sequence)


def _candidates(annotation: Any) -> tuple[list[Any], bool]:
    """The types a field may have, without None and Annotated; and whether None was among them."""
    if get_origin(annotation) is Annotated:
        return _candidates(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        found: list[Any] = []
        optional = False
        for part in get_args(annotation):
            if part is type(None):
                optional = True
                continue
            inner, inner_optional = _candidates(part)
            found += inner
            optional = optional or inner_optional
        return found, optional
    return [annotation], False


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)


class Shaper:
    """Shapes posted texts for one model and remembers which row of the page became which entry of a list."""

    def __init__(self, fields: Sequence[tuple[str, str]]) -> None:
        self.texts: dict[str, list[str]] = {}
        for name, value in fields:
            self.texts.setdefault(name, []).append(value)
        self.rows: dict[str, list[int]] = {}
        self.stated = tuple(self.texts.get(STATED, []))

    def model(self, model: type[BaseModel], prefix: str = "") -> dict[str, Any]:
        """The entries of a model; blank ones are left out, so that its defaults and its demands apply."""
        shaped: dict[str, Any] = {}
        for name, info in model.model_fields.items():
            value = self._field(info.annotation, f"{prefix}{name}")
            if value is ABSENT and f"{prefix}{name}".startswith(self.stated):
                value = _emptied(info.annotation)
            if value is not ABSENT:
                shaped[info.alias or name] = value
        return shaped

    def _field(self, annotation: Any, name: str) -> Any:
        kinds, optional = _candidates(annotation)
        kind: Any = kinds[0] if kinds else str
        origin: Any = get_origin(kind) or kind
        if _is_model(origin):
            return self._nested(origin, name)
        if origin in SEVERAL:
            return self._several(kind, name)
        if origin in (dict, Mapping):
            inner = {key.removeprefix(f"{name}-"): t[0] for key, t in self.texts.items() if key.startswith(f"{name}-")}
            return inner or ABSENT
        if kinds == [bool] and not optional:
            return bool(self.texts.get(name)) and self.texts[name][-1].strip().lower() not in OFF
        texts = self.texts.get(name, [])
        return self._single(kinds, texts[0]) if texts else ABSENT

    def _nested(self, model: type[BaseModel], name: str) -> Any:
        if issubclass(model, Money) and not any(text.strip() for text in self.texts.get(f"{name}-amount", [])):
            # A currency is always chosen; only an amount makes it money.
            return ABSENT
        return self.model(model, f"{name}-") if self._filled(f"{name}-") else ABSENT

    def _filled(self, prefix: str) -> bool:
        return any(
            text.strip()
            for key, texts in self.texts.items()
            if key.startswith(prefix) and not key.endswith("-currency")
            for text in texts
        )

    def _several(self, kind: Any, name: str) -> Any:
        inner = [part for part in get_args(kind) if part is not Ellipsis] or [str]
        kinds, _optional = _candidates(inner[0])
        if _is_model(kinds[0]):
            numbers = sorted(
                {
                    int(number)
                    for key in self.texts
                    if key.startswith(f"{name}-")
                    for number in [key.removeprefix(f"{name}-").partition("-")[0]]
                    if number.isascii() and number.isdigit() and len(number) < 6
                }
            )
            kept = [number for number in numbers if self._filled(f"{name}-{number}-")]
            self.rows[name] = kept
            rows = [self.model(kinds[0], f"{name}-{number}-") for number in kept]
            return rows or ABSENT
        values = [self._single(kinds, text) for text in self.texts.get(name, [])]
        return [value for value in values if value is not ABSENT] or ABSENT

    def _single(self, kinds: list[Any], text: str) -> Any:
        stripped = text.strip()
        if not stripped:
            return ABSENT
        if any(kind in (int, float, Decimal) for kind in kinds) and str not in kinds:
            return plain_number(stripped)
        if Fraction in kinds:
            return unicodedata.normalize("NFKC", stripped)
        if any(kind in MOMENTS for kind in kinds):
            return _with_zone(stripped)
        return stripped

    def name_of(self, location: tuple[int | str, ...]) -> str:
        """The flat name of the field a fault was found at."""
        name = ""
        for part in location:
            rows = self.rows.get(name)
            if isinstance(part, int):
                if rows is None:
                    break  # one of several ticks: the message stands at the group
                part = rows[part] if part < len(rows) else part
            name = f"{name}-{part}" if name else str(part)
        return name


def _emptied(annotation: Any) -> Any:
    kind: Any = next(iter(_candidates(annotation)[0]), str)
    origin: Any = get_origin(kind) or kind
    return ABSENT if _is_model(origin) or origin is dict else [] if origin in SEVERAL else ""


def _with_zone(text: str) -> Any:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return at if at.tzinfo else at.replace(tzinfo=zone.get())


def text_of(value: Any) -> str:
    """A value as the text an input holds."""
    if value is None or value is False:
        return ""
    if value is True:
        return "true"
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, datetime):
        # Seconds only where there are some: a deadline that an outage moved would lose them with every saving.
        return f"{value.astimezone(zone.get()):{'%Y-%m-%dT%H:%M:%S' if value.second else '%Y-%m-%dT%H:%M'}}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    if isinstance(value, Fraction):
        return f"{value.numerator}/{value.denominator}"
    return str(value)


def flat(source: BaseModel | Mapping[str, Any], prefix: str = "") -> dict[str, list[str]]:
    """The flat texts of a model or mapping."""
    pairs = (
        [(name, getattr(source, name)) for name in type(source).model_fields]
        if isinstance(source, BaseModel)
        else list(source.items())
    )
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        key = f"{prefix}{name}"
        if isinstance(value, BaseModel | Mapping):
            values |= flat(value, f"{key}-")
        elif isinstance(value, list | tuple | set | frozenset):
            entries = list(value)
            for number, entry in enumerate(entries):
                if isinstance(entry, BaseModel | Mapping):
                    values |= flat(entry, f"{key}-{number}-")
                else:
                    values.setdefault(key, []).append(text_of(entry))
        else:
            values[key] = [text_of(value)]
    return values
