"""Whether an organisation could apply, asked before it writes anything."""

from shared.kernel.policy import roles
from shared.kernel.types import Role

ASK = roles("prospects.ask", Role.APPLICANT)
