"""A call, its released versions, and its transitions. Each transition raises `version` and returns its fact."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlmodel import Field

from services.project_management.calls import rules
from services.project_management.calls.duties import Duties
from services.project_management.calls.terms import SCALE, USUAL, CallTerms
from services.project_management.tables import Base
from shared.contracts.base import ThingRef
from shared.contracts.project_awards import CallArchived
from shared.contracts.projects import (
    CallAmended,
    CallCancelled,
    CallClosed,
    CallDecided,
    CallDecisionStarted,
    CallDrafted,
    CallEdited,
    CallExtended,
    CallReleased,
    CallReturned,
    CallSentToSignoff,
    CallSigned,
    CallSignedOff,
    TaskAssigned,
)
from shared.db.rows import Json, MoneyAmount, UtcDateTime
from shared.kernel.actor import Actor
from shared.kernel.types import Money

_STATES = ", ".join(f"'{state.value}'" for state in rules.State)


class CallVersion(Base, table=True):
    """What was released, word for word: `content` is the canonical JSON that `sha256` was taken of."""

    __tablename__ = "call_versions"

    call_id: UUID = Field(primary_key=True, foreign_key="calls.id")
    number: int = Field(primary_key=True)
    content: str
    sha256: str
    released_by: str
    released_at: datetime = Field(sa_type=UtcDateTime)
    note: str = ""
    """Why there is this version after the one before."""


class Call(Duties, table=True):
    __tablename__ = "calls"
    __table_args__ = (
        CheckConstraint(f"state IN ({_STATES})", name="calls_state"),
        CheckConstraint("stage IN ('research', 'design_finalisation', 'production')", name="calls_stage"),
        CheckConstraint("label IN ('public', 'internal', 'controlled', 'confidential')", name="calls_label"),
        CheckConstraint("credit IN ('', 'fair', 'good')", name="calls_credit"),
        CheckConstraint("blindness IN ('single', 'double')", name="calls_blindness"),
        CheckConstraint("closes_at > opens_at", name="calls_open_before_closing"),
        CheckConstraint("ceiling_amount <= budget_amount", name="calls_ceiling_within_budget"),
        Index("calls_list", "closes_at", "id"),
        Index("calls_to_close", "closes_at", postgresql_where="state = 'released'"),
        Index(
            "calls_title_trigram",
            "title",
            "title_zh",
            postgresql_using="gin",
            postgresql_ops={"title": "gin_trgm_ops", "title_zh": "gin_trgm_ops"},
        ),
    )

    title_zh: str = ""
    summary: str = ""
    field: str
    stage: str
    budget_amount: Decimal = Field(sa_type=MoneyAmount)
    budget_currency: str
    ceiling_amount: Decimal = Field(sa_type=MoneyAmount)
    ceiling_currency: str
    closes_at: datetime = Field(sa_type=UtcDateTime)
    kinds: list[str] = Field(sa_type=Json)
    regions: list[str] = Field(sa_type=Json)
    sectors: list[str] = Field(default_factory=list, sa_type=Json)
    """Empty lists mean: any."""
    running_per_organisation: int = 0
    running_per_person: int = 0
    """The lead, and who writes the application, lead fewer running projects than this; 0 means: any number."""
    credit: str = ""
    """The least credit standing of the lead; empty means: any."""
    reviewers_per_application: int
    blindness: str = "single"
    """Double: reviewers are not told who applies."""
    form: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What applicants are asked, as JSON Schema; None where there is no form."""
    criteria: list[dict[str, str]] = Field(sa_type=Json)
    """[{"name": …, "weight": "40"}]; weights sum to 100. Scores run from 0 to 10, or to "scale"; "anchors" explain."""
    portfolio: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """Share limits; see `portfolio`."""
    award_terms: dict[str, Any] = Field(default_factory=lambda: dict(rules.AWARD_TERMS), sa_type=Json)
    """Who approves the decision, how long it is shown in public, what letters say, and until when one may appeal."""
    terms: dict[str, Any] = Field(default_factory=USUAL.stored, sa_type=Json)
    """Days and rules of what comes after it: `CallTerms`."""
    budget_terms: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """What the budget of an application by lines keeps to; empty where none is asked for."""
    indicators: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """What its projects are measured by, as numbers: `indicators`."""
    inventor_floor: str
    """Exact fraction 'n/d' of the income from results that goes to their inventors at least."""
    state: str = Field(default=rules.State.DRAFT.value)
    state_reason: str = ""
    organisation_name: str = ""
    drafted_by: str
    offices: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """Who signs its release and its amendments, in order; none means: a coordinator."""
    released_offices: list[dict[str, Any]] | None = Field(default=None, sa_type=Json)
    """Who signed its release, where an amendment named other offices since."""
    signatures: list[dict[str, str]] = Field(default_factory=list, sa_type=Json)
    """Under the draft as it stands, in order: office, subject, at, note."""
    signed_off_by: str | None = None
    """Who signed last."""
    released_version: int | None = None
    sha256: str | None = None
    applications: int | None = None
    """How many were submitted when it closed; nobody is told earlier."""

    @property
    def budget(self) -> Money:
        return Money(amount=self.budget_amount, currency=self.budget_currency)

    @property
    def ceiling(self) -> Money:
        return Money(amount=self.ceiling_amount, currency=self.ceiling_currency)

    @property
    def weights(self) -> dict[str, Decimal]:
        """Criterion → weight of 100."""
        return {one["name"]: Decimal(one["weight"]) for one in self.criteria}

    @property
    def scales(self) -> dict[str, Decimal]:
        """Criterion → the highest score."""
        return {one["name"]: Decimal(one.get("scale", SCALE)) for one in self.criteria}

    @property
    def floor(self) -> Fraction:
        return Fraction(self.inventor_floor)

    @property
    def agreed(self) -> CallTerms:
        return CallTerms.of(self.terms)

    @property
    def chain(self) -> list[dict[str, Any]]:
        return rules.chain_of(self.offices)

    @property
    def signers(self) -> set[str | None]:
        """Of the draft as it stands; calls of earlier days kept the last one alone."""
        return {self.signed_off_by, *(one["subject"] for one in self.signatures)}

    def drafted(self, arises_from: tuple[ThingRef, ...] = ()) -> CallDrafted:
        return CallDrafted(version=self.version, arises_from=arises_from, **self._draft_frame())

    def content(self) -> dict[str, Any]:
        """What a release fixes."""
        return {
            "id": str(self.id),
            "title": self.title,
            "title_zh": self.title_zh,
            "summary": self.summary,
            "field": self.field,
            "stage": self.stage,
            "budget": {"amount": f"{self.budget_amount:.2f}", "currency": self.budget_currency},
            "ceiling": {"amount": f"{self.ceiling_amount:.2f}", "currency": self.ceiling_currency},
            "opens_at": self.opens_at.astimezone(UTC).isoformat(),
            "closes_at": self.closes_at.astimezone(UTC).isoformat(),
            "kinds": self.kinds,
            "regions": self.regions,
            "sectors": self.sectors,
            "running_per_organisation": self.running_per_organisation,
            "running_per_person": self.running_per_person,
            "credit": self.credit,
            "reviewers_per_application": self.reviewers_per_application,
            "criteria": self.criteria,
            "portfolio": self.portfolio,
            "award_terms": self.award_terms,
            "inventor_floor": self.inventor_floor,
            "label": self.label,
            "organisation_id": str(self.organisation_id),
            # Left out where a call of earlier days had none: its hash stays what it was.
            **({"offices": self.offices} if self.offices else {}),
            **({"indicators": self.indicators} if self.indicators else {}),
            **({"terms": own} if (own := self.agreed.different()) else {}),
            **({"blindness": self.blindness} if self.blindness != "single" else {}),
            **{name: kept for name, kept in (("form", self.form), ("budget_terms", self.budget_terms)) if kept},
        }

    def edit(self, values: dict[str, Any]) -> CallEdited | None:
        """Take over new values; None when nothing differs."""
        self._go("edit")
        changed = [name for name, value in values.items() if getattr(self, name) != value]
        if not changed:
            return None
        for name in changed:
            setattr(self, name, values[name])
        return CallEdited(version=self.touch(), changed=tuple(changed), **self._draft_frame())

    def request_signoff(self, now: datetime) -> tuple[CallSentToSignoff, TaskAssigned]:
        rules.next_state("request_signoff", rules.State(self.state))
        rules.not_too_late(self.closes_at, now)
        rules.asks_something(self.form)
        self._go("request_signoff")
        self.state_reason, self.signatures = "", []
        return CallSentToSignoff(version=self.touch(), **self._draft_frame()), self.next_signature_due(now)

    def sign(self, actor: Actor, reason: str, now: datetime) -> CallSigned | CallSignedOff:
        """For the office whose turn it is; with the last signature the call is signed off.

        Raises CallNotReady, OwnSignoff, NotYourSignature.
        """
        signed = len(self.signatures)
        verb = "approve" if signed + 1 == len(self.chain) else "sign"
        rules.next_state(verb, rules.State(self.state))
        step = self.chain[signed]
        rules.signing(step, actor, self.drafted_by, [one["subject"] for one in self.signatures])
        self._go(verb)
        signature = {"office": step["office"], "subject": actor.subject, "note": reason, "at": now.isoformat()}
        self.signatures = [*self.signatures, signature]
        if verb == "sign":
            told = {"office": step["office"], "number": signed + 1, "of": len(self.chain)}
            return CallSigned(version=self.touch(), reason=reason, **told, **self._draft_frame())
        self.state_reason, self.signed_off_by = reason, actor.subject
        return CallSignedOff(version=self.touch(), reason=reason, **self._draft_frame())

    def next_signature_due(self, now: datetime) -> TaskAssigned:
        signed = [one["subject"] for one in self.signatures]
        return self.signoff_due(self.chain[len(signed)], {self.drafted_by, *signed}, now)

    def withdraw(self, reason: str) -> CallReturned:
        """By its own office, before the release."""
        return self._back("withdraw", reason)

    def send_back(self, actor: Actor, reason: str) -> CallReturned:
        """By the office whose turn it is, or by any of its chain once all have signed. Raises as `sign`."""
        state = rules.State(self.state)
        rules.next_state("return", state)
        rules.returning(state, self.chain, self.signatures, actor, self.drafted_by)
        return self._back("return", reason)

    def _back(self, verb: str, reason: str) -> CallReturned:
        self._go(verb)
        self.state_reason, self.signatures, self.signed_off_by = reason, [], None
        return CallReturned(version=self.touch(), reason=reason, **self._draft_frame())

    def release(self, subject: str, now: datetime, sha256: str) -> CallReleased:
        """Raises OwnRelease for who signed it off, CallNotReady."""
        rules.next_state("release", rules.State(self.state))
        rules.released_by_another(subject, self.signers)
        rules.not_too_late(self.closes_at, now)
        self._go("release")
        self.state_reason = ""  # said between the offices about the sign-off; a released call is read by everybody
        self.released_version = (self.released_version or 0) + 1
        self.released_at = now
        self.sha256 = sha256
        return CallReleased(
            version=self.touch(),
            call_version=self.released_version,
            field=self.field,
            title_zh=self.title_zh,
            budget=self.budget_amount,
            currency=self.budget_currency,
            opens_at=self.opens_at,
            closes_at=self.closes_at,
            sha256=sha256,
            **self._frame(),
        )

    def extend(
        self, closes_at: datetime, *, sha256: str, reason: str, arises_from: tuple[ThingRef, ...]
    ) -> CallExtended:
        """Close later: a version of its own, of which `sha256` was taken with the new time in it."""
        self._go("extend")
        before, self.closes_at = self.closes_at, closes_at
        self.released_version = (self.released_version or 0) + 1
        self.sha256 = sha256
        return CallExtended(
            version=self.touch(),
            call_version=self.released_version,
            closed_at=before,
            closes_at=closes_at,
            sha256=sha256,
            reason=reason,
            arises_from=arises_from,
            **self._frame(),
        )

    def amend(self, values: dict[str, Any], reason: str, hashed: Callable[[dict[str, Any]], str]) -> CallAmended:
        """A new version with these columns; `hashed` keeps its content and answers with the SHA-256."""
        self._go("amend")
        if "offices" in values and self.released_offices is None:
            self.released_offices = self.offices
        for name, value in values.items():
            setattr(self, name, value)
        self.released_version = (self.released_version or 0) + 1
        self.sha256 = hashed(self.content())
        return CallAmended(
            version=self.touch(),
            call_version=self.released_version,
            changed=tuple(values),
            title_zh=self.title_zh,
            closes_at=self.closes_at,
            sha256=self.sha256,
            reason=reason,
            **self._frame(),
        )

    def close(self, applications: int) -> CallClosed:
        self._go("close")
        self.applications = applications
        return CallClosed(version=self.touch(), applications=applications, **self._frame())

    def start_deciding(self) -> CallDecisionStarted:
        self._go("start_deciding")
        return CallDecisionStarted(version=self.touch(), **self._frame())

    def decide(self, funded: int, reason: str, verb: str = "decide") -> CallDecided:
        self._go(verb)
        self.state_reason = reason
        return CallDecided(version=self.touch(), funded=funded, reason=reason, **self._frame())

    def cancel(self, reason: str) -> CallCancelled:
        self._go("cancel")
        self.state_reason = reason
        return CallCancelled(version=self.touch(), reason=reason, **self._seen_frame())

    def archive(self) -> CallArchived:
        self._go("archive")
        return CallArchived(version=self.touch(), **self._seen_frame())

    def _go(self, verb: str) -> None:
        self.state = rules.next_state(verb, rules.State(self.state)).value
