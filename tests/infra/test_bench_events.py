"""The events benchmark runs at small size and reports every figure with its bar."""

from pathlib import Path

import pytest

from infra.bench import events
from shared.kernel.settings import Settings

pytestmark = pytest.mark.anyio


async def test_the_events_benchmark_reports_figures_baselines_and_bars(tmp_path: Path) -> None:
    found = await events.run(Settings(state_dir=tmp_path), quick=True)
    for figures in found["by_history"]:
        assert figures["drain"]["ratio"] > 0
        assert figures["live"]["baseline"] > 0
        assert 0 < figures["latency"]["p50_ms"] <= figures["latency"]["p99_ms"]
    assert set(found["met"]) == {"drain", "live", "latency", "flat", "all"}
    assert not (tmp_path / "bench-events").exists()
