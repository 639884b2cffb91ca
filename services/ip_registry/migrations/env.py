import services.ip_registry.app  # noqa: F401 -- knows every feature, so every table is registered
from services.ip_registry.tables import Base
from shared.db.migrations import run

run(Base.metadata)
