"""One e-mail address under two accounts: certainly one person where it is verified for both, else possibly."""

from itertools import permutations

import pytest

from services.project_management.people.identities import Record, Strength, links
from shared.contracts.coordination import AddressMark, PersonAddressesChanged
from shared.kernel.actor import system_actor
from shared.kernel.ids import new_id
from tests.kit.platform import Running, Someone
from tests.services.project_management.world import World


def changed(who: Someone, *marks: tuple[str, bool], version: int = 2) -> PersonAddressesChanged:
    addresses = tuple(AddressMark(mark=mark, verified=verified) for mark, verified in marks)
    return PersonAddressesChanged(
        id=new_id(), version=version, title="Ma", subject=who.subject, addresses=addresses
    )  # fmt: skip


@pytest.mark.parametrize(
    ("mine", "theirs", "strength", "evidence"),
    [
        ({"emails": ("m1",)}, {"emails": ("m1",)}, Strength.CERTAIN, "email"),
        ({"emails": ("m1",)}, {"unverified": ("m1",)}, Strength.POSSIBLE, "address"),
        ({"unverified": ("m1",)}, {"unverified": ("m1",)}, Strength.POSSIBLE, "address"),
        ({"emails": ("m1",)}, {"emails": ("m2",)}, None, ""),
    ],
)
def test_only_addresses_verified_for_both_are_certain(
    mine: dict[str, tuple[str, ...]], theirs: dict[str, tuple[str, ...]], strength: Strength | None, evidence: str
) -> None:
    found = links([Record("a", ("Zhao Min",), **mine), Record("b", ("Someone Else",), **theirs)])  # type: ignore[arg-type]
    assert [(one.strength, one.evidence[0]) for one in found] == ([(strength, evidence)] if strength else [])


async def test_an_expert_under_an_applicants_address_does_not_review(projects: Running) -> None:
    world = await World(projects).open(demand=1)
    await projects.know(world.institute)
    await world.apply(world.institute)
    ma, guo, _tan = [await world.expert(name) for name in ("Ma", "Guo", "Tan")]
    facts = [
        changed(world.institute, ("m1", True), version=1),
        changed(world.institute, ("m1", True), ("m2", False), version=2),
        changed(ma, ("m1", True)),
        changed(guo, ("m2", True)),
    ]
    for order in list(permutations(range(4)))[::7]:
        async with projects.work(system_actor("projects")) as work:
            await work.execute("DELETE FROM person_addresses", {})
            await work.execute("DELETE FROM inbox", {})
        await projects.hear(*(facts[n] for n in order), times=2)
        rows = await projects.rows("SELECT verified, unverified FROM person_addresses ORDER BY verified, unverified")
        assert [(one["verified"], one["unverified"]) for one in rows] == [
            (["m1"], []), (["m1"], ["m2"]), (["m2"], []),
        ]  # fmt: skip
    made = (await world.assign()).json()
    found = {one["expert"]: (one["kind"], one["reason"]) for one in made["conflicts"]}
    assert found["Ma"][0] == "author"
    assert found["Ma"][1].endswith("The same e-mail address.")
    assert found["Guo"][0] == "maybe_author"
    assert found["Guo"][1].endswith("The same e-mail address, which is not verified for both.")
    assert [one["expert"] for one in made["assignments"]] == ["Tan"]
