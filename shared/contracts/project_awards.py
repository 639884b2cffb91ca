"""Facts said by project management about how a decision becomes final. What was decided of an application stands in
`projects` (`AwardDecided`), and is said when it is final."""

from datetime import datetime
from typing import ClassVar, Literal
from uuid import UUID

from shared.contracts.base import Event
from shared.kernel.types import Amount, Currency


class DecisionProposed(Event):
    """The decision list of a call is written; `sha256` is of its canonical text. It is not final yet."""

    type: ClassVar[str] = "hechuan.projects.decision.proposed.v1"
    state: ClassVar[str] = "proposed"

    call_id: UUID
    number: int
    sha256: str
    reason: str


class DecisionApproved(Event):
    """One office of the call's chain has approved the list as it stands."""

    type: ClassVar[str] = "hechuan.projects.decision.approved.v1"

    call_id: UUID
    number: int
    sha256: str
    office: str
    note: str


class DecisionReturned(Event):
    """The list goes back to the programme office, from an office of the chain or because an objection was upheld."""

    type: ClassVar[str] = "hechuan.projects.decision.returned.v1"
    state: ClassVar[str] = "returned"

    call_id: UUID
    number: int
    office: str
    reason: str


class CallArchived(Event):
    """Everything about a call is done for some time; it can only be read."""

    type: ClassVar[str] = "hechuan.projects.call.archived.v1"
    state: ClassVar[str] = "archived"


class DecisionPublished(Event):
    """The list is shown in public until `until`; objections are taken until then."""

    type: ClassVar[str] = "hechuan.projects.decision.published.v1"
    state: ClassVar[str] = "in_notice"

    call_id: UUID
    number: int
    sha256: str
    until: datetime


class DecisionFinal(Event):
    """No more can be objected: the outcomes are said of the applications, and letters are issued."""

    type: ClassVar[str] = "hechuan.projects.decision.final.v1"
    state: ClassVar[str] = "final"

    call_id: UUID
    number: int
    sha256: str


class PanelConvened(Event):
    """Experts are asked to sit over the ranking of a call. No fact of a panel names who sits."""

    type: ClassVar[str] = "hechuan.projects.panel.convened.v1"
    state: ClassVar[str] = "convened"

    call_id: UUID
    meets_at: datetime


class PanelOpened(Event):
    type: ClassVar[str] = "hechuan.projects.panel.opened.v1"
    state: ClassVar[str] = "in_session"

    call_id: UUID


class PanelClosed(Event):
    """The minutes are closed; `sha256` is of their canonical text."""

    type: ClassVar[str] = "hechuan.projects.panel.closed.v1"
    state: ClassVar[str] = "closed"

    call_id: UUID
    sha256: str


class PanelCancelled(Event):
    type: ClassVar[str] = "hechuan.projects.panel.cancelled.v1"
    state: ClassVar[str] = "cancelled"

    call_id: UUID
    reason: str


class ObjectionLodged(Event):
    """Somebody objects to a list in public notice. It names neither who nor what: the office keeps that to itself."""

    type: ClassVar[str] = "hechuan.projects.objection.lodged.v1"
    state: ClassVar[str] = "lodged"

    call_id: UUID


class ObjectionWithdrawn(Event):
    type: ClassVar[str] = "hechuan.projects.objection.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    call_id: UUID


class ObjectionAnswered(Event):
    """Answered with reasons by somebody who is not concerned; upheld, the decision is made again."""

    type: ClassVar[str] = "hechuan.projects.objection.answered.v1"
    state: ClassVar[str] = "answered"

    call_id: UUID
    upheld: bool


class AwardOffered(Event):
    """An award became free and is offered to the next of the reserve list, by rule; to be answered until `until`."""

    type: ClassVar[str] = "hechuan.projects.offer.made.v1"
    state: ClassVar[str] = "offered"

    application_id: UUID
    amount: Amount
    currency: Currency
    until: datetime
    reason: str


class AwardOfferAnswered(Event):
    """The offer is over. An accepted one is followed by `AwardDecided`."""

    type: ClassVar[str] = "hechuan.projects.offer.answered.v1"
    state: ClassVar[str] = "answered"

    application_id: UUID
    answer: Literal["accepted", "refused", "lapsed"]
    reason: str


class AppealLodged(Event):
    """An applicant appeals against a decision letter."""

    type: ClassVar[str] = "hechuan.projects.appeal.lodged.v1"
    state: ClassVar[str] = "lodged"

    application_id: UUID


class AppealWithdrawn(Event):
    type: ClassVar[str] = "hechuan.projects.appeal.withdrawn.v1"
    state: ClassVar[str] = "withdrawn"

    application_id: UUID


class AppealDecided(Event):
    """By another person than those who decided. Granted, the outcome follows by rule from money and limits."""

    type: ClassVar[str] = "hechuan.projects.appeal.decided.v1"
    state: ClassVar[str] = "decided"

    application_id: UUID
    granted: bool
    reason: str
