"""Answers to a call's form: everybody who takes part in the application writes them, as long as it is being written."""

from services.project_management.applications import rules as applications
from shared.kernel.policy import own
from shared.kernel.types import Role

READ = applications.READ
WRITE = own("answers.write", Role.APPLICANT, Role.REPRESENTATIVE)
WRITING = frozenset({applications.State.DRAFT, applications.State.RETURNED})
