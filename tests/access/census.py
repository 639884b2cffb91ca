"""The routes of the platform as the matrix asks them: policy, parameters, a body that is good."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from re import findall
from tempfile import gettempdir
from typing import Any, get_args
from urllib.parse import urlencode

from fastapi import FastAPI
from pydantic import BaseModel, SecretStr

from infra.host import build
from shared.kernel.policy import Policy
from shared.kernel.settings import SERVICE_NAMES, Settings
from shared.web.census import entries
from shared.web.field_values import flat

SAFE = frozenset({"GET", "HEAD"})
FORMS: dict[tuple[str, str], dict[str, str]] = {
    ("coordination", "/sign-out"): {},
    ("coordination", "/acting-for"): {"organisation": "", "next": "/"},
}
"""Bodies of pages that have no face among the JSON routes."""


ASK_THE_PROVIDER = frozenset({"/sign-in", "/sign-in/callback"})
"""Answer 503 where no sign-in provider runs, as in these tests."""
BROKEN: dict[str, str] = {}
"""Services that cannot be built, and why; a test fails for each."""


@dataclass(frozen=True)
class Route:
    """One method of one path of one service."""

    service: str
    method: str
    path: str
    policy: Policy
    endpoint: Any
    page: bool

    def __str__(self) -> str:
        return f"{self.service} {self.method} {self.path}"

    @property
    def parameters(self) -> list[str]:
        return findall(r"{(\w+)", self.path)

    @property
    def safe(self) -> bool:
        return self.method in SAFE

    @property
    def use(self) -> str:
        """What is about to happen to the thing: "read" (of a part: "read ranking"), the verb at the end, the method."""
        last = self.path.rsplit("/", 1)[1]
        if self.safe:
            return "read" if last.startswith("{") or "{" not in self.path else f"read {last}"
        return self.method.lower() if last.startswith("{") else last

    @property
    def model(self) -> type[BaseModel] | None:
        """The schema of the JSON body."""
        field = self.endpoint.body_field
        return _model_in(field.field_info.annotation) if field is not None else None

    @property
    def takes_file(self) -> bool:
        content = (self.endpoint.openapi_extra or {}).get("requestBody", {}).get("content", {})
        return "multipart/form-data" in content

    @property
    def required_queries(self) -> dict[str, Any]:
        """Name → annotation of each query parameter that must be there."""
        return {
            field.alias: field.field_info.annotation
            for field in self.endpoint.dependant.query_params
            if field.field_info.is_required()
        }


def _model_in(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    return next((found for part in get_args(annotation) if (found := _model_in(part))), None)


@cache
def applications() -> dict[str, FastAPI]:
    """The five applications, built for counting: nothing of them is started."""
    nowhere = {f"{name}_database_url": "postgresql://nobody@127.0.0.1/nowhere" for name in SERVICE_NAMES}
    settings = Settings(
        state_dir=Path(gettempdir()) / "hechuan-counted",
        s3_url="http://127.0.0.1:1",
        nats_url="nats://127.0.0.1:1",
        oidc_issuer="https://sign-in.test",
        session_secret=SecretStr("for-counting-only-" + "0" * 32),
        **nowhere,  # type: ignore[arg-type]
    )
    found = {}
    for name in SERVICE_NAMES:
        try:
            found[name] = build(settings, [name])[0].app
        except Exception as error:  # one broken service must not hide the other four
            BROKEN[name] = repr(error)
    return found


@cache
def routes() -> tuple[Route, ...]:
    """Every route that stands under a policy."""
    return tuple(
        Route(service, method, entry.path, entry.policies[0], entry.route, not entry.route.include_in_schema)
        for service, app in applications().items()
        for entry in entries(app)
        if not entry.open
        for method in sorted(entry.methods - {"HEAD"})
    )


def json_face(route: Route) -> Route | None:
    """The JSON route that does what a page's form does: the same path below /api/v1, without "new" and "edit"."""
    wanted = _core(route)
    found = [one for one in routes() if one.service == route.service and not one.page and not one.safe]
    exact = [one for one in found if _core(one) == wanted]
    near = [one for one in found if _tail(_core(one)) == _tail(wanted)]
    return next(iter(exact or near or [one for one in found if _tail(_core(one))[1] == _tail(wanted)[1]]), None)


def _core(route: Route) -> tuple[str, str]:
    path = route.path.removeprefix("/api/v1")
    kind = "change" if path.endswith("/edit") or route.method in ("PATCH", "PUT") else "post"
    return kind, path.removesuffix("/new").removesuffix("/edit")


def _tail(core: tuple[str, str]) -> tuple[str, str]:
    kind, path = core
    start = path.rfind("/{")
    return kind, path[start:] if start >= 0 else path[path.rfind("/") :]


def example(model: type[BaseModel]) -> dict[str, Any]:
    """The schema's own example. Raises LookupError when it has none."""
    return examples(model)[0]


def examples(model: type[BaseModel]) -> list[dict[str, Any]]:
    """All examples of the schema. Raises LookupError when it has none."""
    extra = model.model_config.get("json_schema_extra")
    found = extra.get("examples") if isinstance(extra, dict) else None
    if not isinstance(found, list) or not found or not isinstance(found[0], dict):
        raise LookupError(f"{model.__module__}.{model.__name__} has no example: add one to its model_config")
    return [dict(one) for one in found if isinstance(one, dict)]


def form_body(model: type[BaseModel], values: dict[str, Any]) -> bytes:
    """The values as a page's form sends them."""
    fields = flat(values)
    return urlencode([(name, text) for name, texts in fields.items() for text in texts]).encode()


def query_value(annotation: Any) -> str:
    """Something fitting for a query parameter that is no specimen."""
    text = str(annotation)
    if "datetime" in text and "date" not in text.replace("datetime", ""):
        return datetime.now(UTC).isoformat()
    if "date" in text:
        return str((datetime.now(UTC) + timedelta(days=7)).date())
    return "1" if "int" in text else "specimen"
