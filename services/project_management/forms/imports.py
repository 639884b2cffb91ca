"""Reading a form from a JSON Schema that anybody may have written. Pure; nothing of it is evaluated.

No reference is followed, no pattern of a stranger is run, and what is too large or too deep is refused before it is
looked at. Every fault is an entry with the JSON pointer of its place.
"""

import json
from collections.abc import Iterator
from typing import Any

from pydantic import ValidationError

from services.project_management.forms import rules
from services.project_management.forms.questions import (
    DIALECT,
    NOT_A_FORM,
    Form,
    Kind,
    Question,
    property_of,
    schema_of,
)
from shared.kernel.errors import Invalid
from shared.kernel.marks import N_, S_

Faults = list[dict[str, str]]
TOP = frozenset({
    "$schema", "type", "title", "description", "properties", "required", "additionalProperties", "allOf", "x-sections",
})  # fmt: skip
PLAIN = frozenset({
    "title", "description", "type", "enum", "format", "minLength", "maxLength", "items", "uniqueItems", "minItems",
    "maxItems", "minimum", "maximum",
})  # fmt: skip
"""What a property without `x-question` may say."""
_UNKNOWN = N_("This word of JSON Schema is not taken here. Leave it out.")


def form_from(given: Any) -> Form:
    """The form that a JSON Schema describes. Raises Invalid with the pointer of each fault."""
    _refuse(list(_hostile(given)))
    if not isinstance(given, dict) or given.get("type") != "object" or not isinstance(given.get("properties"), dict):
        raise Invalid(NOT_A_FORM)
    faults = [_fault(f"/{name}", _UNKNOWN) for name in given if name not in TOP]
    if given.get("$schema", DIALECT) != DIALECT:
        faults.append(_fault("/$schema", S_("Forms are written in JSON Schema 2020-12: %(dialect)s.", dialect=DIALECT)))
    required = given.get("required", [])
    if not isinstance(required, list):
        faults.append(_fault("/required", N_("Give a list of keys.")))
        required = []
    found = {}
    for key, about in given["properties"].items():
        question = _question(key, about, key in required, faults)
        if question is not None:
            found[key] = question
    faults += [
        _fault("/required", S_("It requires “%(key)s”, which is no question of the form.", key=one))
        for one in required
        if one not in given["properties"]
    ]
    _refuse(faults)
    form = _sections(given, found)
    _refuse(_disagreements(given, form))
    return form


def text_to_schema(text: str) -> Any:
    """The JSON in a text, refusing a key that stands twice. Raises Invalid."""
    if len(text.encode()) > rules.MOST_BYTES:
        raise Invalid(S_("The form is longer than %(most)s bytes of JSON.", most=rules.MOST_BYTES))
    try:
        return json.loads(text, object_pairs_hook=_once, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as fault:
        raise Invalid(
            S_("This is no JSON: look at line %(line)s, column %(column)s.", line=fault.lineno, column=fault.colno)
        ) from None
    except RecursionError:
        raise Invalid(_TOO_DEEP) from None


_TOO_DEEP = N_("The schema is nested too deeply for a form. Sections hold questions, and a table holds columns.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Invalid(
            S_("The key “%(key)s” stands twice in one place. Give each question a key of its own.", key=twice)
        )
    return found


def _hostile(given: Any) -> Iterator[dict[str, str]]:
    """References to elsewhere, what is too deep, and what no text can be made of."""
    waiting: list[tuple[str, Any, int]] = [("", given, 1)]
    seen = 0
    while waiting:
        path, value, depth = waiting.pop()
        seen += 1
        if depth > rules.DEEPEST or seen > rules.MOST_BYTES // 8:
            yield _fault(path, _TOO_DEEP)
            return
        if isinstance(value, dict):
            for key, inner in value.items():
                if str(key).startswith("$") and not (path == "" and key == "$schema"):
                    sentence = S_("“%(key)s” is not taken: a form stands alone and refers to nothing.", key=key)
                    yield _fault(f"{path}/{key}", sentence)
                waiting.append((f"{path}/{key}", inner, depth + 1))
        elif isinstance(value, list):
            waiting.extend((f"{path}/{n}", inner, depth + 1) for n, inner in enumerate(value))
        elif isinstance(value, float) or (isinstance(value, str) and ("\x00" in value or len(value) > 2_000)):
            yield _fault(path, N_('Give numbers as text, such as "0.5", and texts of at most 2,000 characters.'))


def _question(key: str, about: Any, required: bool, faults: Faults) -> Question | None:
    here = f"/properties/{key}"
    if not isinstance(about, dict):
        faults.append(_fault(here, N_("Describe the question as an object.")))
        return None
    before = len(faults)
    if "x-question" in about:
        ours = about["x-question"]
        entries = ours if isinstance(ours, dict) else {}
        if set(entries) & {"key", "label", "help"}:
            sentence = N_(
                "Key, label and help of a question stand outside: as the property's name, title, description."
            )
            faults.append(_fault(f"{here}/x-question", sentence))
        entries = {**entries, "label": about.get("title", ""), "help": about.get("description", "")}
    else:
        if "pattern" in about:
            sentence = N_("Patterns are not taken. Give a mask: 9 for a digit, A for a letter, * for either.")
            faults.append(_fault(f"{here}/pattern", sentence))
        faults += [_fault(f"{here}/{word}", _UNKNOWN) for word in about if word not in PLAIN | {"pattern"}]
        entries = {"label": about.get("title", key), "help": about.get("description", ""), **_guessed(about)}
        entries["required"] = required
    if len(faults) > before:
        return None
    try:
        return Question.model_validate({**entries, "key": key})
    except ValidationError as invalid:
        for error in invalid.errors(include_url=False):
            inside = "/".join(str(part) for part in error["loc"])
            faults.append(_fault(f"{here}/{inside}".rstrip("/"), _said(error)))
        return None


def _said(error: Any) -> str:
    """A fault of an entry, in words that both languages have."""
    if error["type"] == "missing":
        return N_("This entry is missing.")
    if error["type"] == "extra_forbidden":
        return N_("No question has such an entry. Leave it out.")
    if error["loc"] and error["loc"][-1] == "key":
        return N_("A key begins with a small letter and has small letters, digits and _ only, 40 at most.")
    if error["loc"] and error["loc"][-1] == "kind":
        return S_("The kinds of question are: %(kinds)s.", kinds=", ".join(Kind))
    return N_("This entry is not as the description of forms wants it. Compare with an exported form.")


def _guessed(about: dict[str, Any]) -> dict[str, Any]:
    """The kind of question that plain JSON Schema describes best."""
    kind, items = about.get("type"), about.get("items")
    if kind == "boolean":
        return {"kind": Kind.YES_NO}
    if kind in ("number", "integer"):
        limits = {ours: str(about[word]) for ours, word in (("least", "minimum"), ("most", "maximum")) if word in about}
        return {"kind": Kind.NUMBER, "decimals": 0 if kind == "integer" else 6, **limits}
    if kind == "array" and isinstance(items, dict) and "enum" in items:
        counts = {
            ours: about[word] for ours, word in (("fewest", "minItems"), ("at_most", "maxItems")) if word in about
        }
        return {"kind": Kind.CHOICES, "options": _options(items["enum"]), **counts}
    if "enum" in about:
        return {"kind": Kind.CHOICE, "options": _options(about["enum"])}
    if about.get("format") == "date":
        return {"kind": Kind.DATE}
    most = about.get("maxLength")
    if isinstance(most, int) and most <= 2000:
        return {"kind": Kind.SHORT_TEXT, "characters": most}
    return {"kind": Kind.LONG_TEXT} if kind == "string" else {"kind": str(kind)}


def _options(values: Any) -> list[dict[str, str]]:
    return [{"value": str(one), "label": str(one)} for one in values] if isinstance(values, list) else []


def _sections(given: dict[str, Any], found: dict[str, Question]) -> Form:
    named = given.get("x-sections")
    if named is None:
        title = str(given.get("title") or "Application")[:300]
        sections = [{"key": "application", "title": title, "questions": list(found.values())}]
        return Form.model_validate({"sections": sections if found else []})
    faults: Faults = []
    placed: list[str] = []
    entries = []
    for n, section in enumerate(named if isinstance(named, list) else []):
        keys = section.get("questions", []) if isinstance(section, dict) else []
        if not isinstance(section, dict) or not isinstance(keys, list):
            faults.append(_fault(f"/x-sections/{n}", N_("Describe the section as an object with a list of questions.")))
            continue
        for key in keys:
            if key not in found:
                faults.append(
                    _fault(f"/x-sections/{n}", S_("It holds “%(key)s”, which is no question of the form.", key=key))
                )
            elif key in placed:
                faults.append(
                    _fault(f"/x-sections/{n}", S_("“%(key)s” stands in two places. Keep it in one.", key=key))
                )
            placed.append(str(key))
        entries.append({**section, "questions": [found[key] for key in keys if key in found]})
    faults += [
        _fault("/x-sections", S_("No section holds “%(key)s”. Put it into one.", key=key))
        for key in found
        if key not in placed
    ]
    _refuse(faults)
    try:
        return Form.model_validate({"sections": entries})
    except ValidationError as invalid:
        raise Invalid(
            NOT_A_FORM,
            errors=[
                _fault("/x-" + "/".join(str(part) for part in error["loc"]), _said(error))
                for error in invalid.errors(include_url=False)
            ],
        ) from None


def _disagreements(given: dict[str, Any], form: Form) -> Faults:
    """Where the schema's own words say something else than what they are derived from."""
    faults = []
    for question in form.questions:
        about = given["properties"][question.key]
        if "x-question" in about and about != property_of(question):
            ours = property_of(question)
            word = next(word for word in {**about, **ours} if about.get(word) != ours.get(word))
            faults.append(
                _fault(
                    f"/properties/{question.key}/{word}",
                    S_("“%(word)s” follows from x-question and says something else. Change x-question.", word=word),
                )
            )
    derived = schema_of(form)
    if "allOf" in given and given["allOf"] != derived.get("allOf"):
        faults.append(_fault("/allOf", N_("When a question is shown is said in its x-question, as show_if, only.")))
    return faults


def _fault(pointer: str, detail: str) -> dict[str, str]:
    return {"pointer": pointer, "detail": detail}


def _refuse(faults: Faults) -> None:
    if faults:
        raise Invalid(
            N_("The form cannot be taken as it is. Correct the places named and send it again."), errors=faults
        )
