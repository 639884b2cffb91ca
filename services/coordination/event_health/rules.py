"""Who watches the flow of events, and where programs find how to speak to the platform."""

from shared.kernel.policy import anyone, roles
from shared.kernel.types import Role

WATCH = roles("events.watch", Role.ADMINISTRATOR, Role.COORDINATOR, Role.AUDITOR)
DESCRIBE = anyone("interfaces.read")
PREFIXES = {"coordination": "", "projects": "/projects", "ip": "/ip", "catalog": "/catalog", "finance": "/finance"}
"""Where each service answers: known without asking it."""
