"""Contracts are locked: hearers rely on what was said."""

import re
from pathlib import Path
from typing import cast

import pytest
from pydantic import Field, create_model

from shared.contracts import EVENTS, Event
from shared.contracts import lock as snapshots

TYPE = re.compile(r"^hechuan\.(coordination|projects|ip|catalog|finance)\.[a-z_]+\.[a-z_]+\.v[1-9]\d*$")


def test_no_contract_differs_from_its_snapshot() -> None:
    assert snapshots.changed() == {}, "python -m shared.contracts.lock writes the snapshots of new events"


def test_event_types_read_service_noun_past_version() -> None:
    assert [name for name in EVENTS if not TYPE.match(name)] == []


def test_a_changed_contract_is_seen_and_not_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = "hechuan.ip.asset.registered.v1"
    first = EVENTS[name]
    monkeypatch.setattr(snapshots, "LOCKED", tmp_path)
    monkeypatch.setattr(snapshots, "EVENTS", {name: first})
    assert snapshots.lock() == 0
    kept = (tmp_path / f"{name}.json").read_bytes()
    assert snapshots.changed() == {}

    wider: type[Event] = create_model("Wider", __base__=first, colour=(str, Field()))
    monkeypatch.setattr(snapshots, "EVENTS", {name: wider})
    assert snapshots.changed() == {name: "it differs from what was locked"}
    assert snapshots.lock() == 1
    assert (tmp_path / f"{name}.json").read_bytes() == kept
    assert snapshots.lock(take_changes=True) == 0
    assert snapshots.changed() == {}


def test_words_about_a_contract_may_improve() -> None:
    first = EVENTS["hechuan.ip.asset.registered.v1"]
    reworded = create_model("Reworded", __base__=first, __doc__="Better words.")
    assert snapshots.schema(cast(type[Event], reworded)) == snapshots.schema(first)
