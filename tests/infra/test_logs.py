"""The log says what failed, never what people wrote."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import structlog

from infra import logs
from tests.kit.servers import shared_servers


@pytest.fixture
def written(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    path = tmp_path / "log.json"
    logs.configure(path)
    yield path
    for handler in root.handlers:
        handler.close()
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_refused_row_is_not_repeated(written: Path) -> None:
    given = "nobody" + " may read this"
    with shared_servers().admin() as connection:
        connection.execute("CREATE TEMPORARY TABLE secrets (words text, n int CHECK (n > 0))")
        try:
            connection.execute("INSERT INTO secrets VALUES (%s, 0)", [given])
        except psycopg.errors.CheckViolation:
            structlog.get_logger().exception("insert_failed")
    (line,) = written.read_text("utf-8").splitlines()
    said = json.loads(line)
    assert "violates check constraint" in said["exception"]
    assert given not in line
