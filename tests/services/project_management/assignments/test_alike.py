"""Experts who may be a second record of an author: by name, unless their ORCID iDs say that they are two people."""

from typing import Any

import pytest

from services.project_management.assignments.namesakes import alike

APPLICATION = {"id": "a1", "subjects": ["zhao"]}


def person(id: str, name: str, orcid: str | None = None, **more: Any) -> dict[str, Any]:
    return {"id": id, "name": name, "name_zh": "", "orcid": orcid, "employers": [], "places": [], **more}


@pytest.mark.parametrize(
    ("author", "expert", "found"),
    [
        (None, None, 1),
        ("0000-0002-1825-0097", None, 1),
        ("0000-0002-1825-0097", "0000-0001-5109-3700", 0),
    ],
)
def test_namesakes_with_ids_of_their_own_are_two_people(author: str | None, expert: str | None, found: int) -> None:
    authors = [person("p1", "Zhao Min", author, subject="zhao")]
    links = alike([APPLICATION], authors, [person("p2", "Min Zhao", expert)])
    assert len(links) == found
    assert all(one["expert_id"] == "p2" and one["strength"] == "possible" for one in links)


def test_who_shares_an_orcid_is_found_though_one_record_has_initials_only() -> None:
    authors = [person("p1", "M. Zhao", "0000-0002-1825-0097", subject="zhao")]
    (link,) = alike([APPLICATION], authors, [person("p2", "Min Zhao", "0000-0002-1825-0097")])
    assert (link["strength"], link["evidence"]) == ("certain", "The same ORCID.")
    assert alike([APPLICATION], [person("p1", "M. Zhao", subject="zhao")], [person("p2", "Min Zhao")]) == []
