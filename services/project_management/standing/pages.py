"""The ledger for people."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.project_management.standing import actions, queries, rules
from services.project_management.standing.rules import (
    ANSWER,
    DECIDE,
    EXCLUSIONS,
    KEEP,
    PROPOSE,
    READ,
    TARIFF,
    TARIFFS,
    Sort,
    State,
)
from services.project_management.standing.schemas import (
    AnswerCreate,
    AppealCreate,
    EnforcementCreate,
    EntryCreate,
    EntryReasonCreate,
    NoticeCreate,
    RulingCreate,
)
from services.project_management.standing.words import ANNULLED, FACTS, KINDS, SORTS, STATES, SUBJECTS, exported_cells
from shared.db.history import history
from shared.db.work import Rows
from shared.kernel.actor import Actor
from shared.kernel.errors import Problem
from shared.kernel.types import Role, SecurityLabel
from shared.web.answers import Answers, Refused, answer
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.exports import BATCH, exported, pages_of, wanted
from shared.web.forms import FormState, Model, PostedForm, parse
from shared.web.history import entries
from shared.web.i18n import _
from shared.web.links import chain_url, thing_url, thing_word
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.sentences import said
from shared.web.uploads import receive_upload
from shared.web.words import bilingual

pages = page_room("standing")


@pages.get("/exclusions", allow=EXCLUSIONS)
async def exclusion_list(request: Request, read: ReadDep) -> Response:
    return service_of(request).pages.render(
        request, "standing/exclusions.html", exclusions=await queries.exclusions(read)
    )


@pages.get("/standing", allow=READ)
async def entry_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("subject", _("Subject")),
            Column("kind", _("What happened")),
            Column("term", _("Counts")),
            Column("state", _("State")),
        ],
        facets=[
            Facet("state", _("State"), [Option(one.value, str(word)) for one, word in STATES.items()]),
            Facet("kind", _("What happened"), [Option(one, str(word).capitalize()) for one, word in KINDS.items()]),
        ],
    )
    states, kinds = list(view.chosen("state")), list(view.chosen("kind"))
    total = await queries.count_entries(read, search=view.q, states=states, kinds=kinds)
    if wanted(request):
        asked: dict[str, Any] = {"search": view.q, "states": states, "kinds": kinds}
        rows = pages_of(lambda at: queries.entries(read, **asked, cursor=at, limit=BATCH))
        return exported(request, "standing", exported_cells(), rows, total)
    page = await queries.entries(read, search=view.q, states=states, kinds=kinds, cursor=view.cursor, limit=25)
    return service_of(request).pages.render(
        request,
        "standing/list.html",
        fragment="results",
        view=view.filled(page.items, total=total, next_cursor=page.next_cursor),
        own=await queries.own_effects(read),
        may_propose=read.actor.has(*(PROPOSE.roles or ())),
        **_words(),
    )


@pages.get("/standing/new", allow=PROPOSE)
async def new_entry(request: Request, read: ReadDep, project_id: UUID | None = None) -> Response:
    state = FormState({"project_id": [str(project_id)]}) if project_id else FormState()
    return await _form(request, read, state)


@pages.post("/standing/new", allow=PROPOSE)
async def propose_entry(request: Request, read: ReadDep, work: WorkDep) -> Response:
    # `work` is not asked anything before the file is there: its transaction, and its place in the pool, would wait.
    office = read.actor.organisation(Role.PROGRAMME_OFFICER)
    assert office
    received = await receive_upload(request, read.actor, organisation_id=office, label=SecurityLabel.INTERNAL)
    posted, document = received.form, received.document()
    if received.problem:
        await work.rollback()
        return await _form(request, read, FormState.refused(posted, received.problem), received.problem.status)
    given = [*posted.fields, *([("document_id", str(document.id))] if document else [])]
    fields = parse(EntryCreate, PostedForm(given, {}))
    if isinstance(fields, FormState):
        return await _form(request, read, fields, 422)
    try:
        entry = await actions.propose_entry(work, fields)
    except Problem as problem:
        await work.rollback()
        return await _form(request, read, FormState.refused(posted, problem), problem.status)
    return redirect(
        f"/projects/standing/{entry.id}", notice=_("The entry is proposed. Its subject learns of it with the notice.")
    )


@pages.get("/standing/{entry_id}", allow=READ)
async def entry_detail(request: Request, read: ReadDep, entry_id: UUID) -> Response:
    return await _detail(request, read, entry_id)


@pages.post("/standing/{entry_id}/notice", allow=KEEP)
async def give_notice(request: Request, work: WorkDep, entry_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        entry_id,
        "notice",
        NoticeCreate,
        lambda fields, version: actions.give_notice(work, entry_id, fields.days, version),
        _("Notice is given."),
    )


@pages.post("/standing/{entry_id}/answer", allow=ANSWER)
async def answer_notice(request: Request, work: WorkDep, entry_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        entry_id,
        "answer",
        AnswerCreate,
        lambda fields, version: actions.answer_notice(work, entry_id, fields.text, version),
        _("Your answer is with the programme office."),
    )


@pages.post("/standing/{entry_id}/enforcement", allow=KEEP)
async def enforce_entry(request: Request, work: WorkDep, entry_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        entry_id,
        "enforcement",
        EnforcementCreate,
        lambda fields, version: actions.enforce_entry(work, entry_id, fields.note, version),
        _("The entry is in force from today."),
    )


@pages.post("/standing/{entry_id}/withdrawal", allow=KEEP)
async def withdraw_entry(request: Request, work: WorkDep, entry_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        entry_id,
        "withdrawal",
        EntryReasonCreate,
        lambda fields, version: actions.withdraw_entry(work, entry_id, fields.reason, version),
        _("The entry is withdrawn."),
    )


@pages.post("/standing/{entry_id}/appeal", allow=ANSWER)
async def appeal_entry(request: Request, work: WorkDep, entry_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        entry_id,
        "appeal",
        AppealCreate,
        lambda fields, version: actions.appeal_entry(work, entry_id, fields.text, version),
        _("Your appeal is with the coordination office."),
    )


@pages.post("/standing/{entry_id}/ruling", allow=DECIDE)
async def rule_on_appeal(request: Request, work: WorkDep, entry_id: UUID) -> Response:
    return await _answer(
        request,
        work,
        entry_id,
        "ruling",
        RulingCreate,
        lambda fields, version: actions.rule_on_appeal(work, entry_id, fields.decision, fields.reason, version),
        _("The appeal is decided."),
    )


async def _answer(
    request: Request,
    work: WorkDep,
    entry_id: UUID,
    name: str,
    model: type[Model],
    act: Callable[[Model, int | None], Awaitable[Any]],
    notice: str,
) -> Response:
    return await answer(
        request,
        work,
        name,
        model,
        act,
        lambda refused: _detail(request, work, entry_id, refused),
        (f"/projects/standing/{entry_id}", notice),
    )


async def _form(request: Request, rows: Rows, form: FormState, status: int = 200) -> Response:
    sections = [
        {
            "what": said(rules.WHAT[kind]),
            "sort": SORTS[one.sort],
            "of": SUBJECTS[one.of],
            "brings": rules.foretold(kind),
        }
        for kind, one in TARIFFS[TARIFF].items()
    ]
    return service_of(request).pages.render(
        request,
        "standing/form.html",
        status=status,
        form=form,
        kinds=[(kind.value, said(rules.WHAT[kind]).capitalize()) for kind in TARIFFS[TARIFF]],
        sections=sections,
        organisations=[
            (str(one["id"]), *bilingual(one["name"], one["name_zh"])) for one in await queries.subjects(rows)
        ],
        projects=[
            (str(one["id"]), f"{one['title']} · {one['lead_name']}") for one in await queries.projects_to_name(rows)
        ],
    )


async def _detail(request: Request, rows: Rows, entry_id: UUID, refused: Refused | None = None) -> Response:
    entry = await queries.entry(rows, entry_id)
    actor, state, version = rows.actor, State(entry["state"]), entry["version"]
    owners = {entry["organisation_id"]}
    keeps = KEEP.in_charge(actor, entry["office_id"], owners)
    concerned = ANSWER.allows(actor, owners=owners, person=entry["leader"])
    punishment = entry["sort"] == Sort.PUNISHMENT.value
    answered = entry["answered_at"] is not None
    over = entry["answer_due_at"] is not None and rows.now >= entry["answer_due_at"]
    made_it = actor.subject in (entry["proposed_by"], entry["noticed_by"], entry["enforced_by"])
    facts = await history(rows, entry_id)
    words = FACTS | ({State.LIFTED: ANNULLED} if entry["annulled_at"] else {})
    told = [
        shown | {"what": str(words.get(fact["data"].get("now", ""), shown["what"]))}
        for shown, fact in zip(entries(facts), facts, strict=True)
    ]
    evidence = entry["evidence"]
    return service_of(request).pages.render(
        request,
        "standing/detail.html",
        status=refused.status if refused else 200,
        entry=entry,
        may_notice=keeps and state is State.PROPOSED,
        may_withdraw=keeps and state in (State.PROPOSED, State.NOTICED),
        may_enforce=keeps and state is State.NOTICED and (answered or over or not punishment),
        waits=keeps and state is State.NOTICED and punishment and not answered and not over,
        may_answer=concerned and state is State.NOTICED and punishment and not answered and not over,
        may_appeal=concerned
        and state is State.IN_FORCE
        and entry["appeal_until"] is not None
        and rows.now < entry["appeal_until"],
        may_rule=state is State.APPEALED and not made_it and DECIDE.allows(actor, owners=owners),
        refused=refused,
        answers=Answers(refused, version),
        punishment=punishment,
        evidence_url=thing_url(evidence["kind"], evidence["id"], actor) if evidence else "",
        evidence_word=thing_word(evidence["kind"]) if evidence else "",
        history=told,
        chain_url=chain_url("standing", entry_id) if _chained(actor, entry) else "",
        **_words(),
    )


def _chained(actor: Actor, entry: dict[str, Any]) -> bool:
    """Whether the chain shows the entry to the reader: to its organisations, and since the notice to the overseers.

    The leader of a team reads the entry as a person; the chain knows organisations and offices only.
    """
    if entry["noticed_at"] is None:
        return entry["office_id"] in actor.organisations()
    return bool({entry["office_id"], entry["organisation_id"]} & actor.organisations()) or actor.has(*rules.OVERSEERS)


def _words() -> dict[str, Any]:
    return {"STATES": STATES, "KINDS": KINDS, "SORTS": SORTS, "SUBJECTS": SUBJECTS}
