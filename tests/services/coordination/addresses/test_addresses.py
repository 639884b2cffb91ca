"""E-mail addresses of people: who keeps them, which are verified, and what is told of them."""

from typing import Any

import pytest

from services.coordination.access.actions import sign_in
from services.coordination.addresses import rules
from services.coordination.addresses.actions import claimed
from shared.contracts.coordination import PersonAddressesChanged, address_mark
from shared.kernel.actor import system_actor
from shared.kernel.errors import Unavailable
from shared.kernel.types import Role
from tests.kit.platform import Running, Someone, someone

API = "/api/v1"


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        (" Zhao.Min@Example.ORG ", "zhao.min@example.org"),
        ("zhao+grants@example.org", "zhao+grants@example.org"),
        ("ｚｈａｏ@example.org", "zhao@example.org"),
        ("zhao@example", ""),
        ("zhao@@example.org", ""),
        ("zhao min@example.org", ""),
        ("Zhao <zhao@example.org>", ""),
        (f"{'z' * 65}@example.org", ""),
        ("", ""),
    ],
)
def test_one_spelling_of_an_address(written: str, kept: str) -> None:
    assert rules.normal(written) == kept


def test_a_mark_needs_the_key_and_a_key_its_length() -> None:
    one, other = bytes(32), bytes([1] * 32)
    assert address_mark(one, "a@example.org") == address_mark(one, "a@example.org")
    assert len({address_mark(one, "a@example.org"), address_mark(other, "a@example.org")}) == 2
    for short in ("", "zz", "ab" * 31):
        with pytest.raises(Unavailable):
            rules.require_key(short)


async def came(running: Running, who: Someone, email: str = "", verified: bool = False) -> Any:
    """As the sign-in does it."""
    key = running.settings.address_key.get_secret_value()
    async with running.work(system_actor("coordination")) as work:
        account = await sign_in(work, who.subject, who.subject)
        await claimed(work, account, email, verified, key)
        return account.id


async def told(running: Running) -> list[tuple[int, int, int]]:
    """Of each fact the version, how many addresses, and how many of them are verified."""
    return [
        (one["data"]["version"], len(one["data"]["addresses"]), sum(a["verified"] for a in one["data"]["addresses"]))
        for one in await running.said(PersonAddressesChanged)
    ]


async def test_addresses_are_kept_by_the_person_and_their_representative(coordination: Running) -> None:
    zhao, stranger = someone(Role.APPLICANT), someone(Role.REPRESENTATIVE)
    head = someone(Role.REPRESENTATIVE, organisation_id=zhao.organisation_id)
    account_id = await came(coordination, zhao, "Zhao@Example.org", verified=True)
    await came(coordination, zhao, "zhao@example.org", verified=True)
    await came(coordination, zhao, "no address", verified=True)
    assert await told(coordination) == [(2, 1, 1)], "what is known is not told again"
    assert "zhao" not in str((await coordination.said(PersonAddressesChanged))[0]["data"]["addresses"])
    here = f"{API}/accounts/{account_id}/addresses"
    async with coordination.client(zhao) as http:
        made = await http.post(here, json={"address": "Min+home@example.org"})
        assert made.status_code == 201, made.text
        verified, own = made.json()["items"]
        assert (verified["address"], verified["verified"], verified["source"]) == ("zhao@example.org", True, "provider")
        assert (own["address"], own["verified"], own["source"]) == ("min+home@example.org", False, "person")
        again = await http.post(here, json={"address": "min+home@example.org"})
        assert again.json()["code"] == "known-already"
        assert (await http.post(here, json={"address": "zhao at home"})).status_code == 422
        refused = await http.post(f"{API}/addresses/{verified['id']}/removal")
        assert refused.json()["code"] == "from-provider"
        assert (await http.get(f"{API}/me/addresses")).json() == made.json()
    async with coordination.client(stranger) as http:
        assert (await http.get(here)).status_code == 404
        assert (await http.post(f"{API}/addresses/{own['id']}/removal")).status_code == 404
        assert (await http.get(f"{API}/me/addresses")).json()["items"] == []
    # The provider comes to know the address that Zhao had only named: it is verified once the provider vouches for it.
    await came(coordination, zhao, "min+home@example.org", verified=False)
    await came(coordination, zhao, "min+home@example.org", verified=True)
    assert await told(coordination) == [(2, 1, 1), (3, 2, 1), (4, 2, 2)]
    async with coordination.work(system_actor("coordination")) as work:
        await work.execute(
            """INSERT INTO role_grants (id, account_id, role, organisation_id, organisation_name, starts_at, reason,
                                        granted_by, granted_at, revocation_reason)
               VALUES (gen_random_uuid(), %(account)s, 'applicant', %(organisation)s, 'Institute', now(), 'x', 'x',
                       now(), '')""",
            {"account": account_id, "organisation": zhao.organisation_id},
        )
    page = f"/access/{account_id}/addresses"
    async with coordination.client(head) as http:
        http.headers["Origin"] = "http://test"
        shown = (await http.get(page)).text
        assert "zhao@example.org" in shown
        assert "Verified" in shown
        wrong = await http.post(f"{page}/new", data={"address": "zhao"})
        assert wrong.status_code == 422
        assert "rite an e-mail address such as" in wrong.text
        assert (await http.post(f"{page}/new", data={"address": "min@institute.example.org"})).status_code == 303
        (added,) = [one for one in (await http.get(here)).json()["items"] if one["source"] == "organisation"]
        assert (await http.post(f"/access/addresses/{added['id']}/removal")).status_code == 303
        assert "min@institute" not in (await http.get(page)).text
    assert (await told(coordination))[-2:] == [(5, 3, 2), (6, 2, 2)]
    (kept,) = await coordination.rows("SELECT removed_by FROM addresses WHERE removed_at IS NOT NULL")
    assert kept["removed_by"] == head.subject


async def test_without_a_key_a_sign_in_goes_on_and_says_nothing(coordination: Running) -> None:
    who = someone()
    async with coordination.work(system_actor("coordination")) as work:
        account = await sign_in(work, who.subject, "Zhao")
        await claimed(work, account, "zhao@example.org", True, "")
    assert await told(coordination) == []
