"""Brings each service's database to the newest schema, forward only."""

from pathlib import Path
from typing import TYPE_CHECKING

import psycopg

from shared.kernel.settings import SERVICE_NAMES, Settings

if TYPE_CHECKING:
    from alembic.config import Config

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {
    "coordination": "coordination",
    "projects": "project_management",
    "ip": "ip_registry",
    "catalog": "resource_catalog",
    "finance": "finance_matching",
}
"""Service name → package under services/."""


def config(service: str, url: str) -> "Config":
    """Alembic's configuration for one service; `url` is the owner's address."""
    from alembic.config import Config  # half a second, spent only when something is to be migrated

    conf = Config()
    folder = ROOT / "services" / PACKAGES[service] / "migrations"
    conf.set_main_option("script_location", str(folder).replace("%", "%%"))
    conf.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    conf.set_main_option("sqlalchemy.url", ("postgresql+psycopg://" + url.split("://", 1)[1]).replace("%", "%%"))
    return conf


def revisions(service: str) -> list[str]:
    """The service's migrations, oldest first: revision ids are the numbers their file names begin with."""
    folder = ROOT / "services" / PACKAGES[service] / "migrations" / "versions"
    return sorted(path.name[:4] for path in folder.glob("[0-9]*.py"))


def is_newest(settings: Settings, service: str) -> bool:
    """Asked before alembic is, which reads every model to find that nothing is to be done: a second a service."""
    with psycopg.connect(settings.migration_url(service)) as connection:
        try:
            found = connection.execute("SELECT version_num FROM alembic_version").fetchall()
        except psycopg.errors.UndefinedTable:
            return False
    return found == [(revisions(service)[-1],)]


def migrate(settings: Settings, service: str) -> None:
    if not is_newest(settings, service):
        from alembic import command

        command.upgrade(config(service, settings.migration_url(service)), "head")


def migrate_all(settings: Settings) -> None:
    for service in SERVICE_NAMES:
        migrate(settings, service)


def revise(settings: Settings, service: str, message: str) -> None:
    """Write a new migration from the difference between the models and the database."""
    from alembic import command

    number = 1 + int(revisions(service)[-1])
    command.revision(
        config(service, settings.migration_url(service)), message, autogenerate=True, rev_id=f"{number:04d}"
    )
