"""A small site that shows every macro of the frame, for tests and for people who write pages."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path
from typing import Any, Literal
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, Field
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp

from shared.kernel.actor import Actor, Grant
from shared.kernel.errors import Conflict
from shared.kernel.trace import Clause, DecisionTrace
from shared.kernel.types import Money, Role, SecurityLabel, Share
from shared.web.forms import FormState, parse, read_form, stale_page
from shared.web.lists import Column, Facet, ListView, Option
from shared.web.pages import Pages, redirect
from shared.web.stack import guarded
from shared.web.static_files import StaticFiles
from shared.web.words import StateWord

NOW = datetime(2026, 3, 2, 1, 30, tzinfo=UTC)
CHEN = Actor(
    subject="chen.yu",
    name="Chen Yu",
    grants=(
        Grant(Role.PROGRAMME_OFFICER, UUID(int=1), "Science and Technology Department of Sichuan"),
        Grant(Role.REVIEWER, UUID(int=2), "Southwest Institute of Materials"),
        Grant(Role.ADMINISTRATOR, UUID(int=2), "Southwest Institute of Materials"),
    ),
)
PAGES = Pages(Path(__file__).parents[1], actor=lambda request: None if "visitor" in request.query_params else CHEN,
              notices=lambda request: 3, now=lambda: NOW)  # fmt: skip
STATES = {
    "open": StateWord("Open", "success"),
    "signing": StateWord("In sign-off", "progress"),
    "draft": StateWord("Draft"),
}
TRACE = DecisionTrace(
    rule="eligibility.call",
    version=3,
    inputs={"region": "Sichuan", "running_projects": 1},
    clauses=(
        Clause(rule="region", outcome="yes", reason="The applicant is in Sichuan."),
        Clause(rule="limit", outcome="no", reason="Two projects run already.", remedy="Finish one of them first."),
        Clause(rule="admitted", outcome="unknown", reason="The admission is not decided yet."),
    ),
)
EVENTS = [
    {"when": NOW - timedelta(hours=2), "who": "Li Na", "what": "Milestone 1 accepted", "why": "All four bearings ran for 500 hours.", "tone": "success", "icon": "check"},  # noqa: E501
    {"when": NOW - timedelta(days=3), "who": "", "what": "Deadline lengthened by two hours", "tone": "warning", "icon": "clock", "trace": TRACE},  # noqa: E501
    {"when": NOW - timedelta(days=40), "who": "Chen Yu", "what": "Project started", "url": "/gallery/detail"},
]  # fmt: skip

PLACES = [
    ("Chengdu", "成都"),
    ("Mianyang", "绵阳"),
    ("Chongqing", "重庆"),
    ("Zürich", ""),
    ("Leshan", "乐山"),
    ("Deyang", "德阳"),
    ("Yibin", "宜宾"),
    ("Luzhou", "泸州"),
]
KINDS_OF = [
    ("Institute of Bearings", "轴承研究所"),
    ("University", "大学"),
    ("Test Works", "试验厂"),
    ("Optics", "光学"),
]
PARTNERS = [
    (f"p{n}", f"{place} {kind}", place_zh and place_zh + kind_zh)
    for n, ((place, place_zh), (kind, kind_zh)) in enumerate(product(PLACES, KINDS_OF))
]
"""More than anybody reads through, with both names."""


class Holder(BaseModel):
    organisation: Literal["a", "b"]
    partner: str = ""
    share: Share
    cost: Money | None = None


class CallFields(BaseModel):
    title: str = Field(min_length=5, max_length=120)
    abstract: str = ""
    place: str = ""
    field: Literal["materials", "energy"]
    partner: str
    invited: list[str] = []
    blindness: Literal["single", "double"]
    regions: list[Literal["sichuan", "chongqing"]] = []
    public_notice: bool = False
    budget: Money
    months: int = Field(ge=1, le=60)
    opens: date
    closes_at: AwareDatetime
    holders: list[Holder] = Field(default=[], max_length=3)


COLUMNS = [
    Column("title", "Title", sort=True),
    Column("state", "State"),
    Column("label", "Label"),
    Column("budget", "Budget", sort=True, align="right"),
    Column("closes", "Closes", sort=True),
]
FACETS = [
    Facet("state", "State", [Option("open", "Open", 2), Option("draft", "Draft", 1)]),
    Facet("region", "Region", [Option("sichuan", "Sichuan", 3), Option("chongqing", "Chongqing", 0)]),
]
CALLS = [
    {"title": "High-temperature composite bearings", "number": "2026-07", "state": STATES["open"], "label": SecurityLabel.PUBLIC, "budget": Money(amount=Decimal("12000000")), "closes": NOW + timedelta(days=9)},  # noqa: E501
    {"title": "耐高温复合材料轴承关键技术", "number": "2026-08", "state": STATES["signing"], "label": SecurityLabel.INTERNAL, "budget": Money(amount=Decimal("3500000.50")), "closes": NOW + timedelta(days=30)},  # noqa: E501
    {"title": "Shared calibration of inertial sensors for civil and defence test centres", "number": "2026-09", "state": STATES["draft"], "label": SecurityLabel.CONTROLLED, "budget": Money(amount=Decimal("800000"), currency="EUR"), "closes": NOW + timedelta(days=61)},  # noqa: E501
]  # fmt: skip


async def home(request: Request) -> Response:
    work = [
        {"title": "Sign the task book of project 3", "url": "/t/1", "kind": "Signature", "due": NOW + timedelta(hours=6), "urgency": "danger"},  # noqa: E501
        {"title": "Review application 7", "url": "/t/2", "kind": "Review", "due": NOW + timedelta(days=4), "urgency": "warning", "note": "Call 2026-07"},  # noqa: E501
        {"title": "Accept milestone 2", "url": "/t/3", "kind": "Milestone"},
    ]  # fmt: skip
    option = {
        "xAxis": {"type": "category", "data": ["Submitted", "Eligible", "Reviewed", "Funded"]},
        "yAxis": {"type": "value"},
        "grid": {"left": 40, "right": 10, "top": 20, "bottom": 30},
        "series": [{"type": "bar", "data": [42, 36, 30, 12], "barMaxWidth": 60}],
    }
    people = [{"name": "王伟", "detail": "成都"}, {"name": "Anna Schmidt", "detail": "Optics", "url": "/p/2"}]
    return PAGES.render(request, "gallery/home.html", work=work, option=option, events=EVENTS, people=people)


async def call_list(request: Request) -> Response:
    view = ListView.read(request, columns=COLUMNS, facets=FACETS, default_sort="-closes")
    rows: list[dict[str, Any]] = [] if "empty" in request.query_params else CALLS
    if view.q:
        rows = [row for row in rows if view.q.lower() in row["title"].lower()]
    view = view.filled(rows, total=len(rows), next_cursor="abc" if rows else None)
    return PAGES.render(request, "gallery/list.html", fragment="results", view=view)


async def detail(request: Request) -> Response:
    documents = [
        {"name": "Task book.pdf", "size": 2400000, "sha256": "ab" * 32, "url": "/d/1", "state": StateWord("Clean", "success")},  # noqa: E501
        {"name": "Raw measurements.zip", "size": 88, "sha256": "", "state": StateWord("Being checked", "progress"), "kind": "Evidence", "note": "Li Na"},  # noqa: E501
    ]  # fmt: skip
    return PAGES.render(
        request,
        "gallery/detail.html",
        money=Money(amount=Decimal("3000000")),
        share=Fraction(3, 5),
        third=Fraction(1, 3),
        rows=[("Southwest Institute of Materials", 1800000, 900000), ("Chongqing Bearing Works", 1200000, 350000)],
        trace=TRACE,
        documents=documents,
        events=EVENTS,
    )


async def form(request: Request) -> Response:
    if request.method == "GET":
        return PAGES.render(
            request,
            "gallery/form.html",
            form=FormState.of({"title": "", "months": 24}, version=4),
            partners=PARTNERS,
        )
    posted = await read_form(request)
    parsed = parse(CallFields, posted)
    if isinstance(parsed, FormState):
        return PAGES.render(request, "gallery/form.html", status=422, form=parsed, partners=PARTNERS)
    return redirect("/gallery/list", notice="The draft is saved.")


async def decision(request: Request) -> Response:
    return PAGES.render(request, "gallery/decision.html", form=FormState.of(version=2), trace=TRACE)


async def stale(request: Request) -> Response:
    posted = await read_form(request)
    labels = {"title": "Title", "budget": "Budget", "months": "Longest duration"}
    current = {"title": "Bearings, revised", "budget": Money(amount=Decimal("12000000")), "months": 24}
    return PAGES.stale(
        request,
        stale_page(posted, current, labels, version=5, view_url="/gallery/detail", action_url="/gallery/form"),
    )


async def error(request: Request) -> Response:
    status = int(request.path_params["status"])
    if status == 409:
        return PAGES.problem(request, Conflict("The milestone is already accepted. Open it to see by whom."))
    return PAGES.error(request, status)


async def empty(request: Request) -> Response:
    return PAGES.render(request, "frame/empty.html", empty_title="No booking yet", empty_text="Find a free slot.",
                        empty_url="/catalog/facilities", empty_action="Find a facility")  # fmt: skip


def site() -> ASGIApp:
    """The gallery behind all guards."""
    routes = [
        Mount("/static", StaticFiles()),
        Route("/gallery/home", home),
        Route("/gallery/list", call_list),
        Route("/gallery/detail", detail, methods=["GET", "POST"]),
        Route("/gallery/form", form, methods=["GET", "POST"]),
        Route("/gallery/decision", decision),
        Route("/gallery/stale", stale, methods=["POST"]),
        Route("/gallery/empty", empty),
        Route("/gallery/error/{status:int}", error),
    ]
    return guarded(Starlette(routes=routes))
