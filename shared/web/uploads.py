"""Forms with files, for pages and for the API: each file goes to quarantine while the form is still arriving."""

import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from uuid import UUID

from starlette.requests import Request

from shared.blobs.documents import Checked, Documents
from shared.blobs.refusals import UploadBroken
from shared.blobs.rows import Document
from shared.kernel.actor import Actor
from shared.kernel.errors import Invalid, Problem, TooLarge
from shared.kernel.marks import N_, S_
from shared.kernel.types import SecurityLabel
from shared.web.forms import PostedForm
from shared.web.multipart import MultipartForm, Part

DRAIN_BYTES = 256 * 2**20
"""A refused file is read on to its end, within reason: a browser shows no answer while it is still sending."""


@dataclass
class ReceivedForm:
    """What was typed, and what became of each file."""

    form: PostedForm = field(default_factory=lambda: PostedForm([]))
    documents: dict[str, list[Document]] = field(default_factory=dict)
    refusals: dict[str, Problem] = field(default_factory=dict)
    """By field; a form page shows them with `FormState.refused(received.form, received.problem)`."""

    def document(self, name: str = "file") -> Document | None:
        """The first accepted file of a field; None when none was chosen or it was refused."""
        return next(iter(self.documents.get(name, [])), None)

    @property
    def problem(self) -> Problem | None:
        """The first refusal, pointing to its field."""
        return next(iter(self.refusals.values()), None)


def desk_of(request: Request) -> Documents:
    """The documents of the service that answers this request."""
    service = request.app.state.service
    return Documents(service.name, service.blobs, service.database, service.settings)


async def receive_upload(
    request: Request,
    actor: Actor,
    *,
    fields: tuple[str, ...] = ("file",),
    organisation_id: UUID | None = None,
    label: SecurityLabel | None = None,
) -> ReceivedForm:
    """Read a form with files. Refused files do not end the reading, so that the page can show all that was typed.

    The form's own `organisation_id` and `label` are used where the caller names none. A second call for the same
    request gives the same answer. Raises UploadBroken when the form itself cannot be read, Unavailable.
    """
    earlier: ReceivedForm | None = getattr(request.state, "received_form", None)
    if earlier is not None:  # the unit of work is run again; the request can be read only once
        return earlier
    received = ReceivedForm()
    desk = desk_of(request)
    checked: list[tuple[str, Checked]] = []
    incoming = MultipartForm(request)
    async for part in incoming.parts():
        if part.filename is None:
            text = part.text.decode("utf-8", "replace").replace("\x00", "").replace("\r\n", "\n")
            received.form.fields.append((part.name, text))
        elif part.filename and part.name in fields:
            file = await _receive(desk, actor, incoming, part, organisation_id, received)
            if file:
                checked.append((part.name, file))
        else:
            await _drain(incoming.content())
    await _accept(desk, actor, checked, received, organisation_id, label)
    request.state.received_form = received
    return received


async def _receive(
    desk: Documents,
    actor: Actor,
    incoming: MultipartForm,
    part: Part,
    organisation_id: UUID | None,
    received: ReceivedForm,
) -> Checked | None:
    content = incoming.content()
    try:
        owner = desk.owner_for(actor, organisation_id, SecurityLabel.PUBLIC)
        return await desk.receive(
            actor, content, filename=part.filename or "", declared=part.declared, organisation_id=owner
        )
    except Problem as problem:
        if problem.status == 503:
            raise
        problem.errors = problem.errors or [{"pointer": f"/{part.name}", "detail": problem.detail}]
        received.refusals.setdefault(part.name, problem)
        await _drain(content)
        return None


async def _drain(content: AsyncIterator[bytes]) -> None:
    read = 0
    async for chunk in content:
        read += len(chunk)
        if read > DRAIN_BYTES:
            raise TooLarge(N_("The file is far too large. Make it smaller or split it, then upload it again."))


async def _accept(
    desk: Documents,
    actor: Actor,
    checked: list[tuple[str, Checked]],
    received: ReceivedForm,
    organisation_id: UUID | None,
    label: SecurityLabel | None,
) -> None:
    for name, file in checked:
        try:
            chosen = label or _label(received.form.get("label"))
            owner = desk.owner_for(actor, organisation_id or _organisation(received.form), chosen)
            document = await desk.accept(actor, file, organisation_id=owner, label=chosen)
            received.documents.setdefault(name, []).append(document)
        except Problem as problem:
            if problem.status != 503:
                await desk.give_up(actor, file, problem.detail)
                received.refusals.setdefault(name, problem)
                continue
            raise


def _label(given: str) -> SecurityLabel:
    if not given:
        return SecurityLabel.INTERNAL
    with contextlib.suppress(ValueError):
        return SecurityLabel(given)
    raise Invalid.field("/label", S_("Choose one of: %(labels)s.", labels=", ".join(SecurityLabel)))


def _organisation(form: PostedForm) -> UUID | None:
    given = form.get("organisation_id")
    if not given:
        return None
    with contextlib.suppress(ValueError):
        return UUID(given)
    raise Invalid.field("/organisation_id", N_("Give the organisation's id (a UUID), or leave it out."))


async def read_small_file(request: Request, most: int) -> bytes:
    """The bytes of the form's first file, which is looked at and not kept.

    Raises UploadBroken without one, TooLarge when it is longer than `most`.
    """
    form = MultipartForm(request)
    async for part in form.parts():
        if part.filename:
            found = bytearray()
            async for piece in form.content():
                found += piece
                if len(found) > most:
                    raise TooLarge(S_("The file is longer than %(most)s MB.", most=most // 1_048_576))
            return bytes(found)
    raise UploadBroken(N_("Choose a file."))
