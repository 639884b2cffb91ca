"""Brings each service's database to the newest schema, forward only."""

from pathlib import Path

from alembic import command
from alembic.config import Config

from shared.kernel.settings import SERVICE_NAMES, Settings

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {
    "coordination": "coordination",
    "projects": "project_management",
    "ip": "ip_registry",
    "catalog": "resource_catalog",
    "finance": "finance_matching",
}
"""Service name → package under services/."""


def config(service: str, url: str) -> Config:
    """Alembic's configuration for one service; `url` is the owner's address."""
    conf = Config()
    folder = ROOT / "services" / PACKAGES[service] / "migrations"
    conf.set_main_option("script_location", str(folder).replace("%", "%%"))
    conf.set_main_option("file_template", "%%(rev)s_%%(slug)s")
    conf.set_main_option("sqlalchemy.url", ("postgresql+psycopg://" + url.split("://", 1)[1]).replace("%", "%%"))
    return conf


def migrate(settings: Settings, service: str) -> None:
    command.upgrade(config(service, settings.migration_url(service)), "head")


def migrate_all(settings: Settings) -> None:
    for service in SERVICE_NAMES:
        migrate(settings, service)


def revise(settings: Settings, service: str, message: str) -> None:
    """Write a new migration from the difference between the models and the database."""
    folder = ROOT / "services" / PACKAGES[service] / "migrations" / "versions"
    number = 1 + max((int(path.name[:4]) for path in folder.glob("[0-9]*.py")), default=0)
    command.revision(
        config(service, settings.migration_url(service)), message, autogenerate=True, rev_id=f"{number:04d}"
    )
