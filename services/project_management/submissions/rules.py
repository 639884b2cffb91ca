"""What was handed in: who may read its versions."""

from services.project_management.applications import rules as applications

READ = applications.READ
