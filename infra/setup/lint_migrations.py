"""Shows every service's migrations to squawk, which knows the statements that lock or break a table in use."""

import io
import subprocess
import sys
from pathlib import Path

from alembic import command

from infra.migrate import PACKAGES, ROOT, config
from shared.kernel.settings import SERVICE_NAMES

# The first migration makes empty tables: nobody waits for its locks.
FIRST = "0001"
EXCLUDED = (
    "prefer-robust-stmts",  # Alembic runs each migration in a transaction
    "prefer-text-field",
    "require-lock-timeout",  # set for every migration in shared/db/migrations.py
    "require-statement-timeout",  # migrations run while nothing else does; an index may take its time
    "constraint-missing-not-valid",  # for the same reason a check may be validated where it is made
    "ban-drop-constraint",  # a check of states is made wider: dropped and made again in one transaction
    "prefer-bigint-over-int",  # counters of a few units; keys are UUIDs
)


def later_migrations(service: str) -> str:
    """The SQL of all migrations after the first; empty when there is no other."""
    versions = ROOT / "services" / PACKAGES[service] / "migrations" / "versions"
    if all(path.name.startswith(FIRST) for path in versions.glob("[0-9]*.py")):
        return ""
    written = io.StringIO()
    alembic = config(service, "postgresql://offline/offline")
    alembic.output_buffer = written
    command.upgrade(alembic, f"{FIRST}:head", sql=True)
    return written.getvalue()


def main() -> int:
    failed = 0
    for service in SERVICE_NAMES:
        text = later_migrations(service)
        if not text:
            continue
        linter = Path(sys.prefix) / "bin" / "squawk"
        words = [str(linter), "--assume-in-transaction", "--stdin-filepath", f"{service}.sql"]
        words += [f"--exclude={','.join(EXCLUDED)}"]
        failed |= subprocess.run(words, input=text, text=True, check=False).returncode  # noqa: S603 - our own linter
    return failed


if __name__ == "__main__":
    sys.exit(main())
