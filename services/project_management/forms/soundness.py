"""Whether a form can be filled in at all: each contradiction with its questions and what to change. Pure."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from decimal import Decimal

from services.project_management.forms import rules
from services.project_management.forms.questions import CELLS, Condition, Form, Kind, Question, decimal_of, pattern_of
from shared.kernel.marks import N_, S_

CONTROLS = (Kind.CHOICE, Kind.CHOICES, Kind.YES_NO)
"""Kinds that a condition can ask."""
MOST_TRIED = 2_000
Fault = tuple[str, str]
"""(key of the question or section, sentence)."""


def faults(form: Form) -> list[Fault]:
    """Why the form contradicts itself; empty when it can be filled in."""
    found = [*_sizes(form), *_keys(form)]
    for one in form.questions:
        found += [(one.key, sentence) for sentence in _alone(one)]
    if not found:
        found += _conditions(form)
    return found


def _sizes(form: Form) -> Iterator[Fault]:
    if len(form.questions) > rules.MOST_QUESTIONS:
        yield "", S_("A form asks at most %(most)s questions. Leave some out.", most=rules.MOST_QUESTIONS)


def _keys(form: Form) -> Iterator[Fault]:
    for what, keys in (
        ("section", [section.key for section in form.sections]),
        ("question", [question.key for question in form.questions]),
    ):
        for key in dict.fromkeys(keys):
            if keys.count(key) > 1:
                if what == "section":
                    yield key, S_("Two sections have the key “%(key)s”. Rename one.", key=key)
                else:
                    yield key, S_("Two questions have the key “%(key)s”. Rename one.", key=key)


def _alone(one: Question) -> Iterator[str]:
    """What is wrong with a question whatever the others are."""
    if one.kind in (Kind.CHOICE, Kind.CHOICES):
        yield from _listed(one, [option.value for option in one.options])
    if one.kind in (Kind.NUMBER, Kind.MONEY, Kind.DATE):
        yield from _ranged(one)
    if one.kind in (Kind.CHOICES, Kind.TABLE, Kind.ATTACHMENT):
        yield from _counted(one)
    if one.kind is Kind.TABLE:
        yield from _columns(one)
    if len(one.mask) > one.characters:
        yield N_("The mask is longer than the answer may be. Allow more characters.")
    if one.kind is Kind.ATTACHMENT and not one.accepts:
        yield N_("No kind of file is accepted. Name one at least.")
    if one.must_be and one.must_be not in one.values:
        yield S_("Only the answer “%(value)s” is taken, and it is not among the choices. Add it.", value=one.must_be)
    yield from _defaulted(one)


def _listed(one: Question, values: Sequence[str]) -> Iterator[str]:
    if not values:
        yield N_("The list of choices is empty. Add what can be chosen.")
    twice = [value for value in dict.fromkeys(values) if values.count(value) > 1]
    if twice:
        yield S_("The choice “%(value)s” is there twice. Keep one.", value=twice[0])
    if len(values) == 1 and not one.must_be:
        yield N_("There is one choice only. Add another, each in a row of its own, or ask a yes or no.")


def _ranged(one: Question) -> Iterator[str]:
    is_date = one.kind is Kind.DATE
    ends = [_date(text) if is_date else decimal_of(text) for text in (one.least, one.most)]
    for text, end in zip((one.least, one.most), ends, strict=True):
        if text and end is None:
            if is_date:
                yield S_("The limit “%(value)s” is no date. Write it as 2026-03-31.", value=text)
            else:
                yield S_("The limit “%(value)s” is no number.", value=text)
    least, most = ends
    if least is not None and most is not None and least > most:  # type: ignore[operator]
        yield S_(
            "The least, “%(least)s”, is more than the most, “%(most)s”. Exchange them.", least=one.least, most=one.most
        )
    elif isinstance(least, Decimal) and isinstance(most, Decimal):
        step = Decimal(10) ** -(2 if one.kind is Kind.MONEY else one.decimals)
        if most // step * step < least:
            yield N_("No number with so few decimals lies between the limits. Allow more decimals or widen them.")


def _counted(one: Question) -> Iterator[str]:
    if one.at_most and one.fewest > one.at_most:
        yield S_("At least %(least)s are asked for, but at most %(most)s taken. Exchange them.",
                 least=one.fewest, most=one.at_most)  # fmt: skip
    if one.kind is Kind.CHOICES and one.fewest > len(one.options):
        yield S_("At least %(least)s choices are asked for, and only %(most)s are there. Ask for fewer.",
                 least=one.fewest, most=len(one.options))  # fmt: skip
    if one.kind is Kind.ATTACHMENT and max(one.at_most, one.fewest) > rules.MOST_FILES:
        yield S_("A slot takes at most %(most)s files.", most=rules.MOST_FILES)


def _columns(one: Question) -> Iterator[str]:
    if not one.columns:
        yield N_("The table has no column. Add one.")
    keys = [column.key for column in one.columns]
    twice = [key for key in dict.fromkeys(keys) if keys.count(key) > 1]
    if twice:
        yield S_("Two columns have the key “%(key)s”. Rename one.", key=twice[0])
    for column in one.columns:
        assert column.kind in CELLS
        if column.kind == "choice" and not column.options:
            yield S_("The column “%(key)s” has no choices. Write them as: low | high.", key=column.key)
        elif column.kind == "choice" and len(column.options) == 1:
            yield S_(
                "The column “%(key)s” has one choice only. Write two or more with a bar between them: low | high.",
                key=column.key,
            )


def _defaulted(one: Question) -> Iterator[str]:
    if not one.default:
        return
    if one.kind in (Kind.CHOICE, Kind.YES_NO) and one.default not in one.values:
        yield S_("The answer filled in beforehand, “%(value)s”, is not among the choices.", value=one.default)
    elif one.must_be and one.default != one.must_be:
        yield S_("“%(default)s” is filled in beforehand, but only “%(value)s” is taken. Make them the same.",
                 default=one.default, value=one.must_be)  # fmt: skip
    elif one.kind is Kind.NUMBER:
        number, least, most = (decimal_of(text) for text in (one.default, one.least, one.most))
        if number is None:
            yield S_("The answer filled in beforehand, “%(value)s”, is no number.", value=one.default)
        elif (least is not None and number < least) or (most is not None and number > most):
            yield S_("The answer filled in beforehand, “%(value)s”, is outside the limits.", value=one.default)
    elif one.kind is Kind.SHORT_TEXT and (
        len(one.default) > one.characters or (one.mask and not re.fullmatch(pattern_of(one.mask), one.default))
    ):
        yield N_("The answer filled in beforehand is longer than the question allows, or does not fit its mask.")


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# -- when a question is shown -----------------------------------------------------------------------------------------


def _conditions(form: Form) -> Iterator[Fault]:
    by_key = {one.key: one for one in form.questions}
    broken = False
    for one in form.questions:
        for condition in one.show_if:
            sentence = _condition(one, condition, by_key.get(condition.question))
            if sentence:
                broken = True
                yield one.key, sentence
    if broken:
        return
    for one in form.questions:
        if one.show_if and (circle := _circle(one, by_key)):
            path = " → ".join(circle)
            yield one.key, S_("Its condition leads back to itself: “%(path)s”. Break the circle.", path=path)
            broken = True
    if broken:
        return
    for one in form.questions:
        blocker = _never(one, by_key)
        if blocker:
            if one.required:
                yield (
                    one.key,
                    S_(
                        "It must be answered and can never be shown: “%(key)s” would need two answers at once, or "
                        "one it cannot have. Change the condition.",
                        key=blocker,
                    ),
                )
            else:
                yield (
                    one.key,
                    S_(
                        "It can never be shown: “%(key)s” would need two answers at once, or one it cannot have. "
                        "Change the condition.",
                        key=blocker,
                    ),
                )


def _condition(one: Question, condition: Condition, other: Question | None) -> str:
    if other is None:
        return S_("Its condition asks “%(key)s”, which is no question of the form.", key=condition.question)
    if other.key == one.key:
        return N_("Its condition asks the question itself. Name another question.")
    if other.kind not in CONTROLS:
        return S_("Its condition asks “%(key)s”: only choices and yes or no can be asked.", key=other.key)
    strange = [value for value in condition.any_of if value not in other.values]
    if strange:
        return S_(
            "Its condition waits for “%(value)s”, which “%(key)s” does not offer.", value=strange[0], key=other.key
        )
    if [each.question for each in one.show_if].count(other.key) > 1:
        return S_("Two of its conditions ask “%(key)s”. Make one of them, with all answers that count.", key=other.key)
    return ""


def _circle(one: Question, by_key: dict[str, Question]) -> list[str]:
    """A way from the question back to itself; empty when there is none."""
    waiting = [[one.key, condition.question] for condition in one.show_if]
    seen = set()
    while waiting:
        path = waiting.pop()
        if path[-1] == one.key:
            return path
        if path[-1] not in seen:
            seen.add(path[-1])
            waiting += [[*path, condition.question] for condition in by_key[path[-1]].show_if]
    return []


def _never(one: Question, by_key: dict[str, Question]) -> str:
    """The question that keeps this one from ever being shown; empty when some answers show it.

    Everything it depends on has to be shown too, so their conditions hold together. As each condition asks that one
    question is answered with one of some values, the answers to different questions do not get in each other's way:
    it is enough to look at the demands on each question apart.
    """
    demands: dict[str, list[Condition]] = {}
    waiting, seen = [one], {one.key}
    while waiting:
        for condition in waiting.pop().show_if:
            demands.setdefault(condition.question, []).append(condition)
            if condition.question not in seen:
                seen.add(condition.question)
                waiting.append(by_key[condition.question])
    for key, conditions in demands.items():
        if not _together(by_key[key], [set(condition.any_of) for condition in conditions]):
            return key
    return ""


def _together(other: Question, demanded: list[set[str]]) -> bool:
    """Whether one answer to the question meets all demands."""
    if other.kind is not Kind.CHOICES:
        can = set(other.values if not other.must_be else [other.must_be]).intersection(*demanded)
        return bool(can)
    # Several can be chosen: some few of them have to meet every demand. What is met grows by one choice at a time.
    if other.limit >= len(demanded):
        return True
    offers = {frozenset(n for n, one in enumerate(demanded) if value in one) for value in other.values}
    met = {frozenset[int]()}
    for _ in range(other.limit):
        met = {before | more for before in met for more in offers}
        if any(len(one) == len(demanded) for one in met):
            return True
        if len(met) > MOST_TRIED:
            return True  # nobody writes such a form, and a wrong refusal would be worse than none
    return False
