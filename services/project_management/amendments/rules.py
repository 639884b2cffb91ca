"""What becomes of a call after its release: who may read its versions, and who is told of a new one."""

from services.project_management.applications import rules as applications
from services.project_management.calls import rules as calls

READ = calls.READ
CHANGES = applications.READ
"""Reading, beside an application, what changed in its call."""
ACKNOWLEDGE = applications.DRAFT
