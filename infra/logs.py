"""Where log lines go: JSON, one event a line, to a file for `run`, to standard error for `serve`."""

import logging
import re
import sys
from pathlib import Path
from typing import Any

import structlog

CONTENT = re.compile(r"(?m)^DETAIL:.*$")
"""PostgreSQL's detail repeats the row that failed."""


def _without_content(logger: Any, method: str, event: dict[str, Any]) -> dict[str, Any]:
    """What people wrote stays out of the log."""
    if isinstance(shown := event.get("exception"), str):
        event["exception"] = CONTENT.sub("DETAIL: (left out)", shown)
    return event


def configure(path: Path | None) -> None:
    """Send structlog and the libraries' logging to `path` (appended), or to standard error."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        handler: logging.Handler = logging.FileHandler(path, encoding="utf-8")
    else:
        handler = logging.StreamHandler(sys.stderr)
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
        _without_content,
    ]
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.getLogger("nats").setLevel(logging.WARNING)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        cache_logger_on_first_use=True,
    )
