"""Specimens of finance matching."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from services.finance_matching.matching.rules import judge
from shared.kernel.ids import new_id
from shared.kernel.types import SecurityLabel
from tests.kit.specimens.ground import OWNER_NAME, Ground, Maker, Thing

INPUTS: dict[str, Any] = {
    "at": "2026-01-01T00:00:00+00:00",
    "need": {
        "amount": "5000.00",
        "currency": "CNY",
        "term_months": 12,
        "stage": "research",
        "field": "",
        "region": "",
        "security": [],
        "has_project": False,
    },
    "organisation": {"kind": None, "assets": 0},
    "product": {
        "kind": "bank_credit",
        "stages": ["research"],
        "min": "1000.00",
        "max": "1000000.00",
        "currency": "CNY",
        "term_months_min": 6,
        "term_months_max": 36,
        "regions": [],
        "fields": [],
        "security_required": [],
        "valid_until": "2040-01-01T00:00:00+00:00",
        "rules": [],
    },
}
TRACE = judge(INPUTS).model_dump(mode="json")


async def settle(ground: Ground) -> None:
    for id, name in ground.organisations:
        await ground.row("organisations", id=id, version=1, name=name, state="admitted")


async def product(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    state = "published" if use in ("read", "withdrawal") else "draft"
    id = await _product(ground, label, state, institution_id=ground.owner, institution_name=OWNER_NAME)
    return Thing(id, frozenset({ground.owner}), label)


async def _product(ground: Ground, label: SecurityLabel, state: str, **whose: Any) -> Any:
    return await ground.row(
        "products",
        id=new_id(),
        version=1,
        kind="bank_credit",
        stages=["research"],
        min_amount=Decimal("1000.00"),
        max_amount=Decimal("1000000.00"),
        currency="CNY",
        term_months_min=6,
        term_months_max=36,
        regions=[],
        fields_of_work=[],
        security_required=[],
        rules=[],
        valid_until=datetime.now(UTC) + timedelta(days=365),
        label=label,
        state=state,
        **whose,
    )


async def need(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """A need is never public."""
    label = SecurityLabel.INTERNAL if label is SecurityLabel.PUBLIC else label
    id = await ground.row(
        "needs",
        id=new_id(),
        version=1,
        organisation_id=ground.owner,
        organisation_name=OWNER_NAME,
        stage="research",
        amount=Decimal("5000.00"),
        currency="CNY",
        term_months=12,
        security_offered=[],
        label=label,
        state="draft" if use == "opening" else "open",
    )
    return Thing(id, frozenset({ground.owner}), label)


async def match(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    """The owner's need with a product of its own: a policy knows one set of owners, so both sides are the same here."""
    of = await need(ground, label, "read", before)
    assert of.label is not None
    other = await _product(
        ground, SecurityLabel.PUBLIC, "published", institution_id=ground.owner, institution_name=OWNER_NAME
    )
    id = await ground.row(
        "matches",
        id=new_id(),
        version=1,
        need_id=of.id,
        product_id=other,
        organisation_id=ground.owner,
        institution_id=ground.owner,
        institution_name=OWNER_NAME,
        outcome=TRACE["result"]["outcome"],
        score=TRACE["result"]["score"],
        near_miss=False,
        trace=TRACE,
        label=of.label,
        state="found",
    )
    return Thing(id, frozenset({ground.owner}), of.label)


async def project(ground: Ground, label: SecurityLabel, use: str, before: dict[str, Thing]) -> Thing:
    id = await ground.row(
        "projects",
        id=new_id(),
        version=1,
        started=True,
        state="running",
        label=label,
        lead_id=ground.owner,
        lead_name=OWNER_NAME,
        parties=[{"id": str(ground.owner), "name": OWNER_NAME}],
        stage="research",
        amount=Decimal("5000.00"),
        currency="CNY",
    )
    return Thing(id, frozenset({ground.owner}), label)


MAKERS: dict[str, Maker] = {"product_id": product, "need_id": need, "match_id": match, "project_id": project}
