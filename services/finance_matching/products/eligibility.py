"""Eligibility rules that a finance partner writes: a small, safe part of CEL, checked when saved, three-valued.

celpy parses; what may stand in a rule, and what it means when a fact is not known, is decided here. There are no
functions, macros, indexes or loops, so a rule costs no more than its length, and numbers are exact decimals.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import celpy
from celpy.celparser import CELParseError
from lark import Token, Tree

from shared.kernel.marks import N_, S_

Kind = Literal["number", "text", "truth", "list"]
Value = Decimal | str | bool | tuple[Any, ...] | None
"""None means: not known."""
Facts = Mapping[str, Mapping[str, Any]]

FACTS: dict[str, dict[str, Kind]] = {
    "need": {
        "amount": "number",
        "currency": "text",
        "term_months": "number",
        "stage": "text",
        "field": "text",
        "region": "text",
        "security": "list",
        "has_project": "truth",
        "project_running": "truth",
        "paid": "number",
        "milestones_accepted": "number",
    },
    "organisation": {"kind": "text", "sector": "text", "region": "text", "admitted": "truth", "assets": "number"},
}
"""What a rule may ask about."""
KNOWN = ", ".join(f"{thing}.{name}" for thing, facts in FACTS.items() for name in facts)
MAX_LENGTH = 400
MAX_DEPTH = 250
_WORDS: dict[Kind, str] = {
    "number": N_("a number"),
    "text": N_("a text"),
    "truth": N_("true or false"),
    "list": N_("a list"),
}


class RuleFault(ValueError):
    """What is wrong with a rule, and at which character (from 1)."""

    def __init__(self, position: int, fault: str) -> None:
        super().__init__(S_("at character %(position)s: %(fault)s", position=position, fault=fault))
        self.position = position


@dataclass(frozen=True, slots=True)
class _Part:
    """A part of a rule: what kind of value it gives, how to find it, and which facts it asks about."""

    kind: Kind
    value: Callable[[Facts], Value]
    asks: frozenset[tuple[str, str]] = frozenset()


@dataclass(frozen=True, slots=True)
class Rule:
    """A checked rule."""

    source: str
    part: _Part

    def holds(self, facts: Facts) -> bool | None:
        """True, False, or None when it turns on something that is not known."""
        found = self.part.value(facts)
        return found if isinstance(found, bool) else None

    def missing(self, facts: Facts) -> list[str]:
        """The facts asked about that are not known."""
        return sorted(f"{thing}.{name}" for thing, name in self.part.asks if facts[thing].get(name) is None)


@lru_cache(maxsize=2048)
def compiled(source: str) -> Rule:
    """The rule of a text. Raises RuleFault with the position and with what may be used."""
    if len(source) > MAX_LENGTH:
        raise RuleFault(
            MAX_LENGTH, S_("a rule has at most %(most)s characters. Split it into several.", most=MAX_LENGTH)
        )
    # Backslashes and line breaks make celpy's own string patterns take exponential time; a rule needs neither.
    for position, character in enumerate(source, 1):
        if not character.isprintable() or character == "\\":
            raise RuleFault(position, N_("write the rule on one line, without backslashes."))
    try:
        tree = _parser().compile(source)
    except CELParseError as error:
        raise RuleFault(
            error.column or 1,
            S_(
                "this cannot be read. Use comparisons (== != < <= > >=), in [..], &&, ||, !, + - * and brackets "
                "over: %(known)s.",
                known=KNOWN,
            ),
        ) from None
    _check_depth(tree)
    part = _part(tree)
    if part.kind != "truth":
        raise RuleFault(
            1, S_("a rule says true or false, this gives %(kind)s. Compare it with something.", kind=_WORDS[part.kind])
        )
    return Rule(source, part)


@lru_cache(maxsize=1)
def _parser() -> celpy.Environment:
    return celpy.Environment()


def _check_depth(tree: Tree[Token]) -> None:
    waiting = [(tree, 1)]
    while waiting:
        node, depth = waiting.pop()
        if depth > MAX_DEPTH:
            raise RuleFault(_column(node), N_("this is nested too deeply. Split it into several rules."))
        waiting += [(child, depth + 1) for child in node.children if isinstance(child, Tree)]


def _column(node: Tree[Token]) -> int:
    return int(getattr(node.meta, "column", 1))


def _refuse(node: Tree[Token]) -> RuleFault:
    return RuleFault(
        _column(node),
        S_(
            "this cannot be used here. Use comparisons (== != < <= > >=), in [..], &&, ||, !, + - * and brackets "
            "over: %(known)s.",
            known=KNOWN,
        ),
    )


def _part(node: Tree[Token]) -> _Part:
    if len(node.children) == 1 and isinstance(node.children[0], Tree) and node.data in _PASS:
        return _part(node.children[0])
    build = _BUILDERS.get(str(node.data))
    if build is None:
        raise _refuse(node)
    return build(node)


_PASS = frozenset(
    "expr conditionalor conditionaland relation addition multiplication unary member primary paren_expr".split()  # noqa: SIM905
)


def _trees(node: Tree[Token]) -> list[Tree[Token]]:
    return [child for child in node.children if isinstance(child, Tree)]


def _need_kind(node: Tree[Token], part: _Part, *kinds: Kind) -> _Part:
    if part.kind not in kinds:
        wanted = " or ".join(_WORDS[kind] for kind in kinds)
        raise RuleFault(
            _column(node), S_("here %(wanted)s is needed, this is %(kind)s.", wanted=wanted, kind=_WORDS[part.kind])
        )
    return part


def _both(node: Tree[Token], stop: bool) -> _Part:
    """Kleene's `&&` (stop = False) and `||` (stop = True): one side that settles it is enough."""
    left, right = (_need_kind(child, _part(child), "truth") for child in _trees(node))

    def value(facts: Facts) -> Value:
        found = (left.value(facts), right.value(facts))
        if stop in found:
            return stop
        return None if None in found else not stop

    return _Part("truth", value, left.asks | right.asks)


def _choice(node: Tree[Token]) -> _Part:
    if len(node.children) != 3:
        raise _refuse(node)
    condition, then, otherwise = (_part(child) for child in _trees(node))
    _need_kind(_trees(node)[0], condition, "truth")
    _need_kind(_trees(node)[2], otherwise, then.kind)

    def value(facts: Facts) -> Value:
        found = condition.value(facts)
        return None if found is None else (then if found else otherwise).value(facts)

    return _Part(then.kind, value, condition.asks | then.asks | otherwise.asks)


_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "relation_lt": lambda a, b: a < b,
    "relation_le": lambda a, b: a <= b,
    "relation_gt": lambda a, b: a > b,
    "relation_ge": lambda a, b: a >= b,
    "relation_eq": lambda a, b: a == b,
    "relation_ne": lambda a, b: a != b,
    "relation_in": lambda a, b: a in b,
}
_CALCULATE: dict[str, Callable[[Any, Any], Any]] = {
    "addition_add": lambda a, b: a + b,
    "addition_sub": lambda a, b: a - b,
    "multiplication_mul": lambda a, b: a * b,
}


def _relation(node: Tree[Token]) -> _Part:
    head, last = _trees(node)
    left, right = _part(_trees(head)[0]), _part(last)
    name = str(head.data)
    if name == "relation_in":
        _need_kind(head, left, "text", "number")
        _need_kind(last, right, "list")
    elif name in ("relation_eq", "relation_ne"):
        _need_kind(last, right, left.kind)
    else:
        _need_kind(head, left, "number")
        _need_kind(last, right, "number")
    return _two(_COMPARE[name], "truth", left, right)


def _sum(node: Tree[Token]) -> _Part:
    head, last = _trees(node)
    calculate = _CALCULATE.get(str(head.data))
    if calculate is None:
        raise RuleFault(_column(head), N_("division is not possible here. Multiply the other side instead."))
    left = _need_kind(head, _part(_trees(head)[0]), "number")
    return _two(calculate, "number", left, _need_kind(last, _part(last), "number"))


def _two(operation: Callable[[Any, Any], Any], kind: Kind, left: _Part, right: _Part) -> _Part:
    def value(facts: Facts) -> Value:
        a, b = left.value(facts), right.value(facts)
        if a is None or b is None:
            return None
        found: Value = operation(a, b)
        return found

    return _Part(kind, value, left.asks | right.asks)


def _sign(node: Tree[Token]) -> _Part:
    head, last = _trees(node)
    part = _part(last)
    if head.data == "unary_not":
        _need_kind(last, part, "truth")
        return _Part("truth", lambda facts: _applied(lambda v: not v, part.value(facts)), part.asks)
    _need_kind(last, part, "number")
    return _Part("number", lambda facts: _applied(lambda v: -v, part.value(facts)), part.asks)


def _applied(operation: Callable[[Any], Value], value: Value) -> Value:
    return None if value is None else operation(value)


def _fact(node: Tree[Token]) -> _Part:
    owner, name = node.children
    identifiers = list(owner.find_data("ident")) if isinstance(owner, Tree) else []
    thing = str(identifiers[0].children[0]) if identifiers else ""
    # `a.b.c` has its own member_dot inside; only `need.x` and `organisation.x` are facts.
    plain = isinstance(owner, Tree) and not any(owner.find_data("member_dot"))
    if not plain or thing not in FACTS or str(name) not in FACTS[thing]:
        raise RuleFault(
            _column(node), S_("“%(name)s” is not known. You may use: %(known)s.", name=f"{thing}.{name}", known=KNOWN)
        )
    fact = str(name)
    kind = FACTS[thing][fact]
    return _Part(kind, lambda facts: _known(facts[thing].get(fact), kind), frozenset({(thing, fact)}))


def _known(value: Any, kind: Kind) -> Value:
    """A recorded fact (JSON) as a value of its kind."""
    if value is None or value == "":
        return None
    if kind == "number":
        return Decimal(str(value))
    if kind == "list":
        return tuple(value)
    return bool(value) if kind == "truth" else str(value)


def _list(node: Tree[Token]) -> _Part:
    parts = [_part(entry) for inner in _trees(node) for entry in _trees(inner)]
    if not parts or any(part.kind != parts[0].kind or part.asks for part in parts):
        raise RuleFault(_column(node), N_("list plain texts or plain numbers, such as ['research', 'production']."))
    _need_kind(node, parts[0], "text", "number")
    values = tuple(part.value({}) for part in parts)
    return _Part("list", lambda facts: values)


def _literal(node: Tree[Token]) -> _Part:
    token = node.children[0]
    text = str(token)
    kind = token.type if isinstance(token, Token) else ""
    if kind == "BOOL_LIT":
        truth = text == "true"
        return _Part("truth", lambda facts: truth)
    if kind == "STRING_LIT" and text[0] in "'\"":
        inner = text[1:-1]
        return _Part("text", lambda facts: inner)
    if kind in ("INT_LIT", "FLOAT_LIT") and re.fullmatch(r"-?\d{1,15}(\.\d{0,6})?|-?\.\d{1,6}", text):
        number = Decimal(text)
        return _Part("number", lambda facts: number)
    raise RuleFault(_column(node), N_("write plain numbers up to 15 digits and texts in quotes, such as 'research'."))


def _ident(node: Tree[Token]) -> _Part:
    raise RuleFault(
        _column(node), S_("“%(name)s” is not known. You may use: %(known)s.", name=node.children[0], known=KNOWN)
    )


_BUILDERS: dict[str, Callable[[Tree[Token]], _Part]] = {
    "expr": _choice,
    "conditionalor": lambda node: _both(node, True),
    "conditionaland": lambda node: _both(node, False),
    "relation": _relation,
    "addition": _sum,
    "multiplication": _sum,
    "unary": _sign,
    "member_dot": _fact,
    "list_lit": _list,
    "literal": _literal,
    "ident": _ident,
}
