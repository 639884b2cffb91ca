"""Forms for tests."""

from typing import Any

from services.project_management.forms.questions import Form


def ask(key: str, kind: str = "short_text", **more: Any) -> dict[str, Any]:
    return {"key": key, "kind": kind, "label": key.capitalize(), **more}


def choice(key: str, *values: str, kind: str = "choice", **more: Any) -> dict[str, Any]:
    return ask(key, kind, options=[{"value": one, "label": one.upper()} for one in values], **more)


def form(*questions: dict[str, Any], **sections: list[dict[str, Any]]) -> Form:
    """The questions in one section "all", or sections by key."""
    found = sections or {"all": list(questions)}
    return Form.model_validate(
        {"sections": [{"key": key, "title": key.capitalize(), "questions": asked} for key, asked in found.items()]}
    )


def shown_if(question: str, *any_of: str) -> list[dict[str, Any]]:
    return [{"question": question, "any_of": list(any_of)}]
