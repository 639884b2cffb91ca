"""A due date with the rule, the version and the calendar it came from."""

from datetime import date
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.ip_registry.docket import rules
from services.ip_registry.tables import Aggregate


class Deadline(Aggregate, table=True):
    __tablename__ = "deadlines"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'met', 'missed')", name="deadlines_state"),
        CheckConstraint("due_on >= unshifted_on", name="deadlines_shift"),
        Index("deadlines_asset", "asset_id", "rule", unique=True),
        Index("deadlines_open", "due_on", postgresql_where="state = 'open'"),
    )

    asset_id: UUID = Field(foreign_key="assets.id")
    rule: str
    rule_version: int
    rule_source: str
    what: str
    trigger_on: date
    unshifted_on: date
    due_on: date
    calendar: str
    state: str = rules.State.OPEN.value
    note: str = ""
    task_id: UUID

    def close(self, verb: str, note: str = "") -> None:
        self.state = rules.next_state(verb, rules.State(self.state)).value
        self.note = note
        self.touch()
