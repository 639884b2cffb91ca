"""What was said before, kept to be compared; and the check of an application against it."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Integer, Text
from sqlalchemy import Uuid as SqlUuid
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field

from services.project_management.duplicates import rules
from services.project_management.duplicates.rules import State, Verdict
from services.project_management.tables import Aggregate, Base
from shared.contracts.base import Event, ThingRef
from shared.contracts.project_duplicates import DuplicateJudged, DuplicatesChecked, OverlapExplained
from shared.contracts.projects import TaskAssigned, TaskDone
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.ids import new_id
from shared.kernel.marks import S_
from shared.kernel.types import Role, SecurityLabel

_STATES = ", ".join(f"'{one.value}'" for one in State)
_VERDICTS = ", ".join(f"'{one.value}'" for one in Verdict)
_KINDS = ", ".join(f"'{one.value}'" for one in rules.Kind)
TIME_TO_ANSWER = timedelta(days=7)


class KnownText(Base, table=True):
    """Something handed in, begun, released or recorded; a draft never is. `id` is the thing's own."""

    __tablename__ = "known_texts"
    __table_args__ = (
        CheckConstraint(f"kind IN ({_KINDS})", name="known_texts_kind"),
        # No list of pending entries: a search would read all of it, and searches are what this is for.
        Index("known_texts_marks", "marks", postgresql_using="gin", postgresql_with={"fastupdate": "off"}),
        Index("known_texts_of", "of_id"),
    )

    id: UUID = Field(primary_key=True)
    kind: str
    of_id: UUID | None = None
    """The application that a project came of, or the project that a result came of."""
    title: str
    abstract: str = ""
    """Empty for an earlier project: its record is public and stays."""
    people: list[str] = Field(sa_type=ARRAY(Text))
    organisations: list[str] = Field(sa_type=ARRAY(Text))
    number: str = ""
    amount: Decimal | None = Field(default=None, sa_type=MoneyAmount)
    label: str
    parties: list[UUID] = Field(sa_type=ARRAY(SqlUuid()))
    said_at: datetime = Field(sa_type=UtcDateTime)
    """When the source said it so."""
    marks: list[int] = Field(sa_type=ARRAY(Integer))
    """By which it is found (`passages.Profile.kept`)."""
    passages: bytes
    """All of them, sorted, four bytes each."""


class CommonPassage(Base, table=True):
    """A mark that stands in so many texts that it says nothing; `among` is how many texts were counted."""

    __tablename__ = "common_passages"

    mark: int = Field(primary_key=True)
    texts: int
    among: int


class TextsKnownUntil(Base, table=True):
    """Every thing of a kind that changed before `until` is kept or left out, so that it need not be looked for."""

    __tablename__ = "texts_known_until"

    kind: str = Field(primary_key=True)
    until: datetime = Field(sa_type=UtcDateTime)


class TextLeftOut(Base, table=True):
    """A text that could not be kept. It is tried again, and holds up no other."""

    __tablename__ = "texts_left_out"

    id: UUID = Field(primary_key=True)
    tried_at: datetime = Field(sa_type=UtcDateTime)


class DuplicateCheck(Aggregate, table=True):
    """One run over one handed-in version. What was found stands in it as it was found."""

    __tablename__ = "duplicate_checks"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="duplicate_checks_state"),
        CheckConstraint(f"verdict IS NULL OR verdict IN ({_VERDICTS})", name="duplicate_checks_verdict"),
        CheckConstraint("state <> 'decided' OR verdict IS NOT NULL", name="duplicate_checks_decided"),
        CheckConstraint("(verdict IS NULL) = (judged_by IS NULL)", name="duplicate_checks_judged"),
        Index("duplicate_checks_application", "application_id", "number", unique=True),
        Index("duplicate_checks_current", "application_id", unique=True, postgresql_where="state <> 'superseded'"),
    )

    application_id: UUID = Field(foreign_key="applications.id")
    application_version: int
    number: int
    title: str
    call_id: UUID
    office_id: UUID
    lead_id: UUID
    parties: list[str] = Field(sa_type=Json)
    label: str
    """The highest of the application and all that was found: who may not see that is not told that it was found."""
    application_label: str
    """The lead's task has it, who is asked of the application alone."""
    state: str
    found: list[dict[str, Any]] = Field(sa_type=Json)
    """What is listed: id, kind, title, label, and how alike."""
    trace: dict[str, Any] = Field(sa_type=Json)
    against: int
    """With how many texts it was compared."""
    run_by: str
    verdict: str | None = None
    reason: str = ""
    question: str = ""
    """What the lead is asked to explain; the lead reads it, and nothing of the reason."""
    judged_by: str | None = None
    judged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    explanation: str = ""
    explained_by: str | None = None
    explained_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    task_id: UUID | None = None

    @property
    def evidence(self) -> rules.Evidence:
        return rules.evidence(self.found, self.trace["clauses"])

    def begun(self, before: "DuplicateCheck | None", now: datetime) -> list[Event]:
        """The facts of this run: `before` is the one that it replaces. A decision on the same evidence stays."""
        facts = before.supersede() if before else []
        self.state = State.OPEN.value if self.trace["result"]["look"] else State.CLEAR.value
        if before and before.verdict and self._judged_in(before):
            self.verdict, self.reason, self.question = before.verdict, before.reason, before.question
            self.judged_by, self.judged_at = before.judged_by, before.judged_at
            self.explanation = before.explanation
            self.explained_by, self.explained_at = before.explained_by, before.explained_at
            waits = before.verdict == Verdict.OVERLAP.value
            asked = waits and not before.explanation
            self.state = State.EXPLAINING.value if asked else State.OPEN.value if waits else State.DECIDED.value
        outcome: Any = self.state
        facts.append(
            DuplicatesChecked(
                version=self.version, application_id=self.application_id, outcome=outcome, **self._frame()
            )
        )
        return facts + self._ask(now)

    def _judged_in(self, before: "DuplicateCheck") -> bool:
        same = self.application_version == before.application_version
        return rules.still_judged(self.evidence, before.evidence, same_text=same)

    def judge(self, verdict: Verdict, *, reason: str, question: str, subject: str, now: datetime) -> list[Event]:
        """Raises CheckNotReady."""
        self._go(rules.verb_for(verdict))
        done = self._done("judged")  # the task as it was asked, before what it is asked for changes
        self.verdict, self.reason, self.judged_by, self.judged_at = verdict.value, reason, subject, now
        self.question = question if verdict is Verdict.OVERLAP else ""
        self.explanation, self.explained_by, self.explained_at = "", None, None
        fact = DuplicateJudged(
            version=self.touch(),
            application_id=self.application_id,
            verdict=verdict.value,
            reason=reason,
            **self._frame(),
        )
        return [fact, *done, *self._ask(now)]

    def explain(self, explanation: str, subject: str, now: datetime) -> list[Event]:
        """Raises CheckNotReady."""
        self._go("explain")
        done = self._done("explained")
        self.explanation, self.explained_by, self.explained_at = explanation, subject, now
        fact = OverlapExplained(version=self.touch(), application_id=self.application_id, **self._frame())
        return [fact, *done, *self._ask(now)]

    def supersede(self) -> list[Event]:
        self._go("supersede")
        self.touch()
        return self._done("checked again")

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, State(self.state)).value

    def _frame(self) -> dict[str, Any]:
        """Of the office alone: even that something was found is not for those who compete."""
        return {
            "id": self.id,
            "title": self.title,
            "label": SecurityLabel(self.label),
            "owners": (self.office_id,),
            "arises_from": (ThingRef(kind="application", id=self.application_id),),
        }

    def _ask(self, now: datetime) -> list[Event]:
        """Who must act now: the office, or the lead who explains."""
        if self.state not in (State.OPEN.value, State.EXPLAINING.value):
            return []
        self.task_id = new_id()
        explains = self.state == State.EXPLAINING.value
        return [
            TaskAssigned(
                **self._task(explains=explains),
                version=1,
                role=Role.APPLICANT if explains else Role.PROGRAMME_OFFICER,
                organisation_id=self.lead_id if explains else self.office_id,
                kind="duplicates.explain" if explains else "duplicates.judge",
                url=f"/projects/applications/{self.application_id}/duplicates",
                due_at=now + TIME_TO_ANSWER,
                about=ThingRef(kind="application", id=self.application_id),
            )
        ]

    def over(self, outcome: str) -> list[Event]:
        """Nobody needs to act any more."""
        return self._done(outcome)

    def _done(self, outcome: str) -> list[Event]:
        """The task that waits is over, said as it was asked: before question and explanation change."""
        if self.task_id is None:
            return []
        done = TaskDone(**self._task(explains=self._explains), version=2, outcome=outcome)
        self.task_id = None
        return [done]

    @property
    def _explains(self) -> bool:
        return bool(self.question) and not self.explanation

    def _task(self, *, explains: bool) -> dict[str, Any]:
        told = (
            S_("Explain an overlap of “%(title)s”", title=self.title)
            if explains
            else S_("Look at what is like “%(title)s”", title=self.title)
        )
        owners = (
            tuple(sorted({*(UUID(one) for one in self.parties), self.office_id})) if explains else (self.office_id,)
        )
        label = SecurityLabel(self.application_label if explains else self.label)
        return self._frame() | {"id": self.task_id, "title": told, "owners": owners, "label": label}
