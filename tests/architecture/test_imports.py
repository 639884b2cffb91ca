"""Who may import whom. The coarse rules stand in pyproject.toml; the rules inside a feature are checked here."""

import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[2]
ROOMS = ["rules", "model", "schemas", "queries", "actions"]
"""Lowest first; a room may import rooms below it."""
EDGES = {"api", "pages", "reactions"}
FRAMEWORKS = {"fastapi", "starlette", "jinja2", "nats", "minio"}


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("services", "shared", "infra", "seeds", include_external_packages=True)


def features() -> Iterator[str]:
    for folder in sorted((ROOT / "services").glob("*/*/")):
        if (folder / "__init__.py").exists() and folder.name not in {"migrations", "__pycache__"}:
            yield f"services.{folder.parent.name}.{folder.name}"


def room(module: str) -> str:
    return module.split(".")[3] if module.count(".") >= 3 else ""


def test_the_layers_of_the_house_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports"))], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("feature", list(features()))
def test_rooms_of_a_feature_import_downwards_only(feature: str) -> None:
    wrong = []
    for module in graph().find_descendants(feature):
        here = room(module)
        if here not in ROOMS:
            continue
        for target in graph().find_modules_directly_imported_by(module):
            if target.startswith(feature + "."):
                there = room(target)
                if there in EDGES or (there in ROOMS and ROOMS.index(there) > ROOMS.index(here)):
                    wrong.append(f"{module} imports {target}")
    assert not wrong


@pytest.mark.parametrize("feature", list(features()))
def test_the_inner_rooms_know_no_framework(feature: str) -> None:
    wrong = []
    for module in graph().find_descendants(feature):
        if room(module) not in {"rules", "model", "actions", "queries"}:
            continue
        targets = {target.split(".")[0] for target in graph().find_modules_directly_imported_by(module)}
        wrong += [f"{module} imports {name}" for name in targets & FRAMEWORKS]
        if room(module) == "rules" and targets & {"sqlalchemy", "sqlmodel", "psycopg", "httpx"}:
            wrong.append(f"{module} does input or output")
    assert not wrong


@pytest.mark.parametrize("feature", list(features()))
def test_the_inner_rooms_know_no_web(feature: str) -> None:
    """What they say they mark with `shared.kernel.marks`; the web says it in the reader's language. Rules do not reach
    the web by a detour either."""
    wrong = []
    for module in graph().find_descendants(feature):
        if room(module) in ROOMS:
            targets = graph().find_modules_directly_imported_by(module)
            if room(module) == "rules":
                targets = graph().find_upstream_modules(module)
            wrong += [f"{module} imports {target}" for target in targets if target.startswith("shared.web")]
    assert wrong == []


def test_nobody_but_app_imports_an_edge() -> None:
    wrong = []
    for feature in features():
        for module in graph().find_descendants(feature):
            if room(module) in EDGES:
                for importer in graph().find_modules_that_directly_import(module):
                    own_part = importer.startswith(module.rsplit(".", 1)[0] + ".") and room(importer) == room(module)
                    if not importer.endswith(".app") and not own_part:
                        wrong.append(f"{importer} imports {module}")
    assert not wrong
