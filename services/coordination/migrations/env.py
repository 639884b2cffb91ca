import services.coordination.app  # noqa: F401 -- knows every feature, so every table is registered
from services.coordination.tables import Base
from shared.db.migrations import run

run(Base.metadata)
