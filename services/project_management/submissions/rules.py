"""What was handed in, and consented to: who may read it."""

from services.project_management.applications import rules as applications
from shared.kernel.policy import own
from shared.kernel.types import Role

READ = applications.READ
CONSENTED = own("submissions.consented", Role.APPLICANT, Role.REPRESENTATIVE)
"""What changed since its consent is for the partner that gave it."""
