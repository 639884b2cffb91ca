import services.resource_catalog.app  # noqa: F401 -- knows every feature, so every table is registered
from services.resource_catalog.tables import Base
from shared.db.migrations import run

run(Base.metadata)
