"""Budget and claims on pages."""

from tests.kit.platform import Running
from tests.services.project_management.claims.test_api import spending
from tests.services.project_management.world import API


async def test_expenditure_is_claimed_returned_corrected_and_approved_on_pages(projects: Running) -> None:
    world, address = await spending(projects)
    here = address.replace(API, "/projects")
    form = {
        "items-0-category": "equipment",
        "items-0-year": "2027",
        "items-0-amount-amount": "250,000",
        "items-0-amount-currency": "CNY",
        "items-0-what": "Induction furnace",
        "note": "Invoice 12.",
    }
    receipts = {"file": ("receipts.txt", b"Invoice 12: 180,000 yuan.\n", "text/plain")}
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        assert "Claim expenditure" in (await lead.get(f"{here}/budget")).text
        assert "Claim expenditure" not in (await office.get(f"{here}/budget")).text
        refused = await lead.post(f"{here}/claims/new", data=form, files=receipts)
        assert refused.status_code == 409
        assert refused.text.count("would be over-run by 50,000.00 CNY") == 1
        assert refused.text.count("gives the line 50,000.00 CNY more") == 1
        assert "Not known yet" not in refused.text, "the claim breaks the rule"
        assert "Induction furnace" in refused.text, "what was typed is kept"
        made = await lead.post(
            f"{here}/claims/new", data=form | {"items-0-amount-amount": "180,000.50"}, files=receipts
        )
        assert made.status_code == 303, made.text
        at = made.headers["location"]
        judged = (await office.get(at)).text
        assert "Approve the claim" in judged
        assert "receipts.txt" in judged
        assert "CNY 180,000.50" in judged
        assert (await office.post(f"{at}/return", data={"version": "1", "reason": ""})).status_code == 422
        assert (await office.post(f"{at}/return", data={"version": "1", "reason": "Sign it."})).status_code == 303
        assert "Sign it." in (await lead.get(at)).text
        assert "Induction furnace" in (await lead.get(f"{at}/edit")).text
        again = form | {"items-0-amount-amount": "170000", "version": "2"}
        better = [("file", (f"page-{n}.txt", b"Invoice 12, signed.\n%d" % n, "text/plain")) for n in (1, 2)]
        assert (await lead.post(f"{at}/edit", data=again, files=better)).status_code == 303
        handed_in = (await office.get(at)).text
        assert all(name in handed_in for name in ("receipts.txt", "page-1.txt", "page-2.txt"))
        assert (await office.post(f"{at}/approval", data={"version": "3"})).status_code == 303
        shown = (await lead.get(f"{here}/budget")).text
        assert "CNY 170,000" in shown
        chinese = await lead.get(f"{here}/budget", params={"lang": "zh"}, follow_redirects=True)
        assert "设备费" in chinese.text
        assert "预算科目" in chinese.text


async def test_a_reason_typed_into_an_answer_that_is_refused_is_not_lost(projects: Running) -> None:
    world, address = await spending(projects)
    here = address.replace(API, "/projects")
    form = {
        "items-0-category": "equipment",
        "items-0-year": "2027",
        "items-0-amount-amount": "1,000",
        "items-0-amount-currency": "CNY",
        "items-0-what": "Crucible",
    }
    async with world.browser(world.institute) as lead, world.browser(world.officer) as office:
        made = await lead.post(f"{here}/claims/new", data=form, files={"file": ("r.txt", b"Invoice.\n", "text/plain")})
        at = made.headers["location"]
        late = await office.post(f"{at}/return", data={"version": "99", "reason": "The invoice is not signed."})
        assert late.status_code == 412
        assert late.text.count("The invoice is not signed.") == 1, "back in its field"
        assert 'name="version" value="1"' in late.text, "and can be sent again as it stands"
        again = await office.post(f"{at}/return", data={"version": "1", "reason": "The invoice is not signed."})
        assert again.status_code == 303
        gone = await office.post(f"{at}/approval", data={"version": "2", "note": "Paid on Friday."})
        assert gone.status_code == 409
        assert "You had written:" in gone.text
        assert "Paid on Friday." in gone.text, "shown where no form takes it any more"
