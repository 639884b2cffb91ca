"""Whether one could apply, for people."""

from decimal import Decimal, InvalidOperation
from uuid import UUID

from fastapi import Request, Response

from services.project_management.applications.eligibility import APPLICANT_SETTLES, findings
from services.project_management.applications.words import advice, told
from services.project_management.calls.queries import call
from services.project_management.organisations.queries import choices
from services.project_management.prospects import queries
from services.project_management.prospects.rules import ASK
from shared.kernel.trace import Clause, Outcome, combined
from shared.kernel.types import Role, plain_number
from shared.web.edge import ReadDep, page_room, service_of
from shared.web.forms import FormState
from shared.web.i18n import _
from shared.web.words import bilingual

pages = page_room("prospects")
MOST = Decimal(10) ** 14


@pages.get("/calls/{call_id}/eligibility", allow=ASK)
async def prospect(request: Request, read: ReadDep, call_id: UUID) -> Response:
    lead = read.actor.organisation(Role.APPLICANT)
    partners = [
        (one["id"], *bilingual(one["name"], one["name_zh"])) for one in await choices(read) if one["id"] != lead
    ]
    known = {str(one[0]): one[0] for one in partners}
    chosen = [known[one] for one in request.query_params.getlist("partner_ids") if one in known][:20]
    typed = request.query_params.get("requested", "")[:40]
    amount = _amount(typed)
    inputs = await queries.prospect(read, call_id, requested=amount, partner_ids=chosen)
    form = FormState({"requested": [typed], "partner_ids": [str(one) for one in chosen]})
    if typed and amount is None:
        form = form.with_errors({"requested": [_("Write an amount, such as 2400000.")]})
    clauses = [finding.clause(told) for finding in findings(inputs)]
    return service_of(request).pages.render(
        request,
        "prospects/detail.html",
        call=await call(read, call_id),
        clauses=clauses,
        answer=_answer(clauses),
        advice=advice(inputs),
        lead_name=inputs["organisations"][0]["name"],
        partners=partners,
        form=form,
    )


def _answer(clauses: list[Clause]) -> Outcome:
    """What the applicant settles while it writes, such as the description, leaves the answer open for nobody."""
    return combined([one for one in clauses if one.outcome == "no" or one.rule not in APPLICANT_SETTLES])


def _amount(typed: str) -> Decimal | None:
    try:
        found = Decimal(plain_number(typed))
    except InvalidOperation:
        return None
    return found if found.is_finite() and 0 < found < MOST else None
