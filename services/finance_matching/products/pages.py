"""Products for people: a catalogue for everybody signed in, and the partner's own drafts."""

from typing import Any
from uuid import UUID

from fastapi import Request, Response

from services.finance_matching.products import actions, queries
from services.finance_matching.products.eligibility import FACTS
from services.finance_matching.products.rules import READ, TRANSITIONS, WRITE, Kind, State
from services.finance_matching.products.schemas import ProductCreate, ProductWithdrawal
from services.finance_matching.words import SECURITIES, STAGES, in_words, with_money
from shared.db.history import history
from shared.kernel.errors import Problem, Stale
from shared.kernel.types import Role, SecurityLabel
from shared.web.edge import ReadDep, WorkDep, page_room, service_of
from shared.web.forms import FormState, PostedForm, parse, read_form, stale_page
from shared.web.history import entries
from shared.web.i18n import _, lazy
from shared.web.links import chain_url
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import redirect
from shared.web.words import StateWord, label_word

pages = page_room("products")

STATES = {
    State.DRAFT: StateWord(lazy("Draft"), "neutral"),
    State.PUBLISHED: StateWord(lazy("On offer"), "success"),
    State.WITHDRAWN: StateWord(lazy("Withdrawn"), "warning"),
}
KINDS = {
    Kind.R_AND_D_LOAN: lazy("R&D loan"),
    Kind.POLICY_LOAN: lazy("Policy loan"),
    Kind.INTEGRATED_LOAN: lazy("Integrated loan"),
    Kind.SUPPLY_CHAIN_LOAN: lazy("Supply-chain loan"),
    Kind.BANK_CREDIT: lazy("Bank credit"),
    Kind.GUARANTEE: lazy("Guarantee"),
    Kind.INSURANCE: lazy("Insurance"),
    Kind.VENTURE: lazy("Venture capital"),
    Kind.ANGEL: lazy("Angel investment"),
    Kind.EQUITY: lazy("Equity"),
    Kind.FUND: lazy("Industrial or guiding fund"),
    Kind.RISK_FUND: lazy("Risk fund"),
    Kind.SUBSIDY: lazy("Subsidy"),
    Kind.INTEREST_SUBSIDY: lazy("Interest subsidy"),
    Kind.TAX_PREFERENCE: lazy("Tax preference"),
    Kind.GOVERNMENT_PURCHASE: lazy("Government purchase"),
    Kind.LEASING: lazy("Leasing"),
    Kind.BOND: lazy("Bond"),
    Kind.STOCK: lazy("Stock"),
    Kind.ABS: lazy("Asset-backed securities"),
}


def _words() -> dict[str, Any]:
    return {
        "STATES": STATES,
        "KINDS": KINDS,
        "STAGES": {value: _(word) for value, word in STAGES.items()},
        "SECURITIES": {value: _(word) for value, word in SECURITIES.items()},
        "kinds": [(kind.value, str(word)) for kind, word in KINDS.items()],
        "stages": [(value, _(word)) for value, word in STAGES.items()],
        "securities": [(value, _(word)) for value, word in SECURITIES.items()],
        "labels": [(label.value, label_word(label)) for label in SecurityLabel],
        "facts": [f"{thing}.{name}" for thing, names in FACTS.items() for name in names],
    }


@pages.get("/products", allow=READ)
async def product_list(request: Request, read: ReadDep) -> Response:
    view = ListView.read(
        request,
        columns=[
            Column("title", _("Product")),
            Column("institution", _("Finance partner")),
            Column("amount", _("Amount"), align="right"),
            Column("stages", _("Stage")),
            Column("valid", _("Valid until")),
            Column("state", _("State")),
        ],
        facets=[
            Facet("stage", _("Stage"), [Option(value, _(word)) for value, word in STAGES.items()]),
            Facet("state", _("State"), [Option(state.value, str(word.label)) for state, word in STATES.items()]),
            Facet("kind", _("Kind"), [Option(kind.value, str(word)) for kind, word in KINDS.items()]),
        ],
        default_sort="-created",
    )
    chosen = {name: list(view.chosen(name)) for name in ("stage", "state", "kind")}
    asked: dict[str, Any] = {
        "search": view.q,
        "states": chosen["state"],
        "kinds": chosen["kind"],
        "stages": chosen["stage"],
    }
    page = await queries.products(read, **asked, cursor=view.cursor, limit=25)
    total = await queries.count_products(read, **asked)
    items = [with_money(row, "min", "max") for row in page.items]
    return service_of(request).pages.render(
        request,
        "products/list.html",
        fragment="results",
        view=view.filled(items, total=total, next_cursor=page.next_cursor),
        may_write=read.actor.has(Role.FINANCE_PARTNER),
        **_words(),
    )


@pages.get("/products/new", allow=WRITE)
async def new_product(request: Request, read: ReadDep) -> Response:
    return _form(request, read, FormState.of({"label": SecurityLabel.PUBLIC.value}))


@pages.post("/products/new", allow=WRITE)
async def draft_product(request: Request, work: WorkDep) -> Response:
    posted = await read_form(request)
    fields = parse(ProductCreate, posted)
    if isinstance(fields, FormState):
        return _form(request, work, fields, status=422)
    try:
        product = await actions.draft_product(work, fields)
    except Problem as problem:
        await work.rollback()
        return _form(request, work, _refused(posted, problem), status=problem.status)
    return redirect(f"/finance/products/{product.id}", notice=_("The draft is saved. Publish it when it is complete."))


@pages.get("/products/{product_id}", allow=READ)
async def product_detail(request: Request, read: ReadDep, product_id: UUID) -> Response:
    return await _detail(request, read, product_id)


@pages.get("/products/{product_id}/edit", allow=WRITE)
async def edit_form(request: Request, read: ReadDep, product_id: UUID) -> Response:
    row = await queries.product(read, product_id)
    WRITE.require(read.actor, owners={row["institution_id"]}, thing="product")
    if State(row["state"]) not in TRANSITIONS["edit"][0]:
        return redirect(
            f"/finance/products/{product_id}",
            notice=_("Needs rely on what was published, so it is not edited. Withdraw it and offer a new product."),
            tone="warning",
        )
    state = FormState.of(_texts(row), version=row["version"])
    return _form(request, read, state, product_id=product_id)


@pages.post("/products/{product_id}/edit", allow=WRITE)
async def edit_product(request: Request, work: WorkDep, product_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ProductCreate, posted)
    if isinstance(fields, FormState):
        return _form(request, work, fields, product_id=product_id, status=422)
    try:
        await actions.edit_product(work, product_id, fields, posted.version)
    except Stale as stale:
        await work.rollback()
        row = await queries.product(work, product_id)
        page = stale_page(
            posted,
            _texts(row),
            _labels(),
            version=stale.extra["current_version"],
            view_url=f"/finance/products/{product_id}",
            action_url=f"/finance/products/{product_id}/edit",
        )
        return service_of(request).pages.stale(request, page)
    except Problem as problem:
        await work.rollback()
        return _form(request, work, _refused(posted, problem), product_id=product_id, status=problem.status)
    return redirect(f"/finance/products/{product_id}", notice=_("The draft is saved. Publish it when it is complete."))


@pages.post("/products/{product_id}/publication", allow=WRITE)
async def publish_product(request: Request, work: WorkDep, product_id: UUID) -> Response:
    posted = await read_form(request)
    try:
        await actions.publish_product(work, product_id, posted.version)
    except Problem as problem:
        await work.rollback()
        return await _detail(request, work, product_id, refusal=problem, status=problem.status)
    return redirect(f"/finance/products/{product_id}", notice=_("The product is on offer; open needs are matched."))


@pages.post("/products/{product_id}/withdrawal", allow=WRITE)
async def withdraw_product(request: Request, work: WorkDep, product_id: UUID) -> Response:
    posted = await read_form(request)
    fields = parse(ProductWithdrawal, posted)
    if isinstance(fields, FormState):
        return await _detail(request, work, product_id, withdrawal=fields, status=422)
    try:
        await actions.withdraw_product(work, product_id, fields.reason, posted.version)
    except Problem as problem:
        await work.rollback()
        state = FormState.refused(posted, problem)
        return await _detail(request, work, product_id, withdrawal=state, status=problem.status)
    return redirect(f"/finance/products/{product_id}", notice=_("The product is withdrawn."))


def _labels() -> dict[str, str]:
    return {
        "title": _("Title"),
        "title_zh": _("Title in Chinese"),
        "kind": _("Kind"),
        "stages": _("Stage"),
        "min": _("Smallest amount"),
        "max": _("Largest amount"),
        "term_months_min": _("Shortest term"),
        "term_months_max": _("Longest term"),
        "price": _("Price"),
        "regions": _("Regions"),
        "fields": _("Fields of work"),
        "security_required": _("Security asked for"),
        "valid_until": _("Valid until"),
        "rules": _("Eligibility rules"),
        "terms": _("Terms and conditions"),
        "label": _("Security label"),
    }


def _texts(row: dict[str, Any]) -> dict[str, Any]:
    """A product as its form shows it: lists of words in one line, rules one to a line."""
    shown = {name: row[name] for name in _labels()}
    joined = {
        "regions": ", ".join(row["regions"]),
        "fields": ", ".join(row["fields"]),
        "rules": "\n".join(row["rules"]),
    }
    return {**shown, **joined}


def _refused(posted: PostedForm, problem: Problem) -> FormState:
    """Faults of single rules stand at the one field in which all rules are typed."""
    state = FormState.refused(posted, problem)
    for name in [name for name in state.errors if name.startswith("rules-")]:
        state.with_errors({"rules": state.errors.pop(name)})
    return state


def _form(
    request: Request, rows: ReadDep | WorkDep, state: FormState, *, product_id: UUID | None = None, status: int = 200
) -> Response:
    return service_of(request).pages.render(
        request,
        "products/form.html",
        status=status,
        form=state,
        product_id=product_id,
        institution=rows.actor.organisation_name(rows.actor.organisation(Role.FINANCE_PARTNER)),
        **_words(),
    )


async def _detail(
    request: Request,
    rows: ReadDep | WorkDep,
    product_id: UUID,
    *,
    withdrawal: FormState | None = None,
    refusal: Problem | None = None,
    status: int = 200,
) -> Response:
    product = await queries.product(rows, product_id)
    mine = WRITE.allows(rows.actor, owners={product["institution_id"]}, label=SecurityLabel(product["label"]))
    return service_of(request).pages.render(
        request,
        "products/detail.html",
        status=status,
        product=with_money(product, "min", "max"),
        in_words=in_words,
        chain=chain_url("product", product_id),
        history=entries(await history(rows, product_id)),
        may_publish=mine and product["state"] == State.DRAFT,
        may_withdraw=mine and product["state"] == State.PUBLISHED,
        mine=mine,
        refusal=refusal,
        withdrawal=withdrawal or FormState(version=product["version"]),
        **_words(),
    )
