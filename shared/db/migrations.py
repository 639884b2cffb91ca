"""What every service's Alembic env.py does: one database, one chain, the kernel's tables left to their own DDL."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlmodel.sql.sqltypes import AutoString

from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.db.schema import KERNEL_TABLES


def _ours(obj: Any, name: str | None, kind: str, reflected: bool, compared_to: Any) -> bool:
    table = obj.name if kind == "table" else getattr(getattr(obj, "table", None), "name", "")
    return not (table in KERNEL_TABLES or str(table).startswith("outbox_"))


def _plain_types(kind: str, obj: Any, autogen_context: Any) -> str | Literal[False]:
    """Write SQLAlchemy's own types into migrations, so that an old migration never imports today's code."""
    if kind == "type":
        if isinstance(obj, UtcDateTime):
            return "sa.DateTime(timezone=True)"
        if isinstance(obj, MoneyAmount):
            return "sa.Numeric(18, 2)"
        if isinstance(obj, Json):
            autogen_context.imports.add("from sqlalchemy.dialects import postgresql")
            return "postgresql.JSONB()"
        if type(obj).__module__.startswith("sqlmodel"):
            return "sa.Text()"
    return False


def _other_type(context_: Any, inspected: Any, declared: Any, found: Any, wanted: Any) -> bool | None:
    """SQLModel's strings are TEXT here; Alembic would report each of them for ever. None leaves it to Alembic."""
    if isinstance(found, sa.Text) and isinstance(wanted, AutoString) and wanted.length is None:
        return False
    return None


def run(metadata: sa.MetaData) -> None:
    """Run the migrations on the address that the caller put into the Alembic configuration."""
    if context.is_offline_mode():  # prints SQL, for the linter of migrations
        context.configure(dialect_name="postgresql", target_metadata=metadata)
        context.run_migrations()
        return
    given = context.config.attributes.get("connection")
    if given is not None:
        _migrate(given, metadata)
        return
    engine = sa.create_engine(context.config.get_main_option("sqlalchemy.url") or "", poolclass=sa.pool.NullPool)
    with engine.connect() as connection:
        _migrate(connection, metadata)
    engine.dispose()


def _migrate(connection: sa.Connection, metadata: sa.MetaData) -> None:
    context.configure(
        connection=connection,
        target_metadata=metadata,
        include_object=_ours,
        render_item=_plain_types,
        compare_type=_other_type,
        transaction_per_migration=True,
    )
    # Two starting processes must not migrate at once; the second waits, then finds nothing to do. The lock is the
    # session's, for each migration is a transaction of its own.
    connection.execute(sa.text("SELECT pg_advisory_lock(hashtext('hechuan_migrations'))"))
    # A migration that waits for a lock holds up everybody behind it: rather give up and be started again.
    connection.execute(sa.text("SET lock_timeout = '5s'"))
    connection.commit()
    try:
        with context.begin_transaction():
            context.run_migrations()
    finally:
        connection.rollback()
        connection.execute(sa.text("SELECT pg_advisory_unlock(hashtext('hechuan_migrations'))"))
        connection.commit()
