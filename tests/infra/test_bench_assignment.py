"""The assignment benchmark runs at small size and reports every figure with its bar."""

import os
from pathlib import Path

import pytest

from infra.bench import assignment, assignment_cases, assignment_pipeline
from infra.embedded.state import StartError

PUBLIC = Path(os.environ.get("HECHUAN_DATA_DIR") or Path(__file__).resolve().parents[2].parent / "shared" / "data")


def public() -> Path:
    if not (PUBLIC / "projects").is_dir():
        pytest.skip("the public data folder is not here; set HECHUAN_DATA_DIR")
    return PUBLIC


def test_without_the_public_data_it_says_what_to_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HECHUAN_DATA_DIR", str(tmp_path))
    with pytest.raises(StartError, match="HECHUAN_DATA_DIR"):
        assignment.folder()


def test_the_pipeline_keeps_every_limit_and_joins_what_one_by_one_finds() -> None:
    found = assignment_pipeline.measure(public(), 60, 40, full=True)
    assert found["kept"]
    assert found["conflicts agree"]
    assert found["reviews"] == 180
    assert found["of the optimum over all pairs"] > 0.99
    assert found["total"] > found["greedy"] > 0


def test_people_hidden_under_a_second_record_are_found_and_false_alarms_listed() -> None:
    found = assignment_cases.measure_conflicts(public(), number=60, crowd=300)
    assert found["recall"] == 1.0
    assert found["missed"] == []
    assert sum(found["false alarms"].values()) == len(found["false alarms listed"])
    assert found["false alarms"]["certain"] == 0
    assert found["by same name alone"] < found["recall"]
