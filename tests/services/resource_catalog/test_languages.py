"""Every page in both languages, with something on it."""

import re

import pytest

from shared.kernel.types import Role
from tests.kit.platform import someone
from tests.services.resource_catalog.scene import COMPLETE, Scene, at, ok


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_is_whole_in_both_languages(scene: Scene, language: str) -> None:
    organisation = await scene.organisation()
    everything = someone(*Role, organisation_id=organisation)
    facility = await scene.facility(everything)
    wish = {"facility_id": facility, "starts_at": at(10), "ends_at": at(12), "purpose": "Test"}
    booking = ok(await scene.call(everything, "POST", "/bookings", json=wish), 201)["id"]
    result = ok(await scene.call(everything, "POST", "/achievements", json=COMPLETE), 201)["id"]
    body = {"name": "Ma", "organisation_id": str(organisation)}
    person = ok(await scene.call(everything, "POST", "/people", json=body), 201)["id"]
    for path in (
        "/organisations",
        "/organisations/new",
        f"/organisations/{organisation}",
        "/people",
        "/people/new",
        f"/people/{person}",
        "/facilities",
        "/facilities/new",
        f"/facilities/{facility}?day={at(10)[:10]}",
        "/bookings",
        f"/bookings/new?facility_id={facility}",
        f"/bookings/{booking}",
        "/achievements",
        "/achievements/new",
        f"/achievements/{result}",
        f"/achievements/{result}/edit",
    ):
        page = await scene.page(everything, f"{path}{'&' if '?' in path else '?'}lang={language}")
        if page.status_code in (302, 303, 307):
            pytest.fail(f"{path} leads to {page.headers['location']}")
        assert page.status_code == 200, path
        assert page.text.count("<h1") == 1, path
        (title,) = re.findall(r"<h1[^>]*>(.*?)</h1>", page.text, re.S)
        named = any(name in title for name in ("Institute", "Ma", "Large vibration", "Magnesium"))
        assert named or bool(re.search(r"[一-鿿]", title)) == (language == "zh"), (path, title)
        assert "&lt;time" not in page.text, path


async def test_pages_answer_for_things_that_are_not_there(scene: Scene) -> None:
    nowhere = "01890a5d-ac96-774b-bcce-b302099a8057"
    for noun in ("organisations", "people", "facilities", "bookings", "achievements"):
        page = await scene.page(scene.coordinator, f"/{noun}/{nowhere}")
        assert page.status_code == 404
        assert (await scene.page(scene.coordinator, f"/{noun}/nonsense")).status_code in (404, 422)
