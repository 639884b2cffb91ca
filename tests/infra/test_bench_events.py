"""The events benchmark runs at small size and reports every figure with its bar."""

from pathlib import Path

import pytest

from infra.bench import events
from shared.kernel.settings import Settings

pytestmark = pytest.mark.anyio


async def test_the_events_benchmark_reports_figures_baselines_and_bars(tmp_path: Path) -> None:
    found = await events.run(Settings(state_dir=tmp_path), quick=True)
    assert len(found.bars) == 11
    assert all(bar.value > 0 and bar.reason for bar in found.bars)
    assert all(value > 0 for value in found.baseline.values())
    assert found.as_json()["met"] is all(bar.met for bar in found.bars)
    assert not (tmp_path / "bench-events").exists()
