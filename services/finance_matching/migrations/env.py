import services.finance_matching.app  # noqa: F401 -- knows every feature, so every table is registered
from services.finance_matching.tables import Base
from shared.db.migrations import run

run(Base.metadata)
