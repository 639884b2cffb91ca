"""Writes about products."""

from typing import Any
from uuid import UUID

from services.finance_matching.products import rules
from services.finance_matching.products.model import Product
from services.finance_matching.products.schemas import ProductCreate
from shared.db.work import Work
from shared.kernel.errors import Conflict, Invalid
from shared.kernel.marks import N_
from shared.kernel.types import Role, SecurityLabel


async def draft_product(work: Work, fields: ProductCreate) -> Product:
    """Describe an instrument for the institution acted for. Raises Conflict, Invalid."""
    rules.WRITE.admits(work.actor)
    institution = work.actor.organisation(Role.FINANCE_PARTNER)
    if institution is None:
        raise Conflict(N_("Choose the institution you act for first."))
    rules.WRITE.require(work.actor, owners={institution}, label=fields.label)
    _check(work, fields)
    product = Product.model_validate(
        {
            **_stored(fields),
            "institution_id": institution,
            "institution_name": work.actor.organisation_name(institution),
            "drafted_by": work.actor.subject,
            "created_at": work.now,
        }
    )
    work.add(product)
    work.emit(product.drafted())
    await work.flush()
    return product


async def edit_product(work: Work, product_id: UUID, fields: ProductCreate, version: int | None) -> Product:
    """Put other terms in a draft's place. Raises NotFound, Stale, Invalid, ProductNotReady."""
    product = await _mine(work, product_id, version)
    rules.WRITE.require(work.actor, owners={product.institution_id}, label=fields.label)
    _check(work, fields)
    edited = product.edit(_stored(fields))
    if edited is not None:
        work.emit(edited)
        await work.flush()
    return product


async def publish_product(work: Work, product_id: UUID, version: int | None) -> Product:
    """Offer it; open needs are matched as soon as the fact is heard.

    Raises NotFound, Stale, Invalid, ProductNotReady.
    """
    product = await _mine(work, product_id, version)
    if fault := rules.validity_fault(product.valid_until, work.now):
        raise Invalid.field("/valid_until", fault)
    work.emit(product.publish())
    await work.flush()
    return product


async def withdraw_product(work: Work, product_id: UUID, reason: str, version: int | None) -> Product:
    """Offer it no longer. Raises NotFound, Stale, ProductNotReady."""
    product = await _mine(work, product_id, version)
    work.emit(product.withdraw(reason))
    await work.flush()
    return product


async def withdraw_expired(work: Work) -> None:
    """Take offers away whose validity has ended. Run by the clock."""
    found = await work.rows(
        """SELECT id FROM products WHERE state = 'published' AND valid_until <= %(now)s
           ORDER BY valid_until LIMIT 100 FOR UPDATE SKIP LOCKED""",
        {"now": work.now},
    )
    for row in found:
        async with work.apart(product=row["id"]):
            product = await work.get(Product, row["id"])
            work.emit(product.withdraw(N_("Its validity has ended.")))


async def _mine(work: Work, product_id: UUID, version: int | None) -> Product:
    rules.WRITE.admits(work.actor)
    product = await work.get(Product, product_id)
    rules.WRITE.require(
        work.actor, owners={product.institution_id}, label=SecurityLabel(product.label), thing="product"
    )
    work.must_match(product, version)
    return product


def _check(work: Work, fields: ProductCreate) -> None:
    faults = [
        {"pointer": f"/rules/{place}", "detail": fault} for place, fault in rules.rule_faults(fields.rules).items()
    ]
    if fault := rules.validity_fault(fields.valid_until, work.now):
        faults.append({"pointer": "/valid_until", "detail": fault})
    if faults:
        raise Invalid(N_("Correct the marked entries and send it again."), errors=faults)


def _stored(fields: ProductCreate) -> dict[str, Any]:
    """The schema's names and nested amounts as the row keeps them."""
    plain = fields.model_dump(exclude={"min", "max", "fields", "stages", "security_required"})
    return {
        **plain,
        "kind": fields.kind.value,
        "label": fields.label.value,
        "stages": [stage.value for stage in fields.stages],
        "security_required": [security.value for security in fields.security_required],
        "fields_of_work": fields.fields,
        "min_amount": fields.min.amount,
        "max_amount": fields.max.amount,
        "currency": fields.min.currency,
    }
