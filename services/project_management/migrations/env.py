import services.project_management.app  # noqa: F401 -- knows every feature, so every table is registered
from services.project_management.tables import Base
from shared.db.migrations import run

run(Base.metadata)
