"""Layouts: which one a file has, and what its rows become."""

from pathlib import Path
from typing import Any

import pytest

from seeds.importing.cleaning import Cells, Unusable
from seeds.importing.profiles import PROFILES, Beside, LayoutUnknown, choose, without_nothing

NOWHERE = Beside(Path("nowhere"), "list")


def mapped(profile: str, values: dict[str, Any], beside: Beside = NOWHERE) -> tuple[dict[str, Any], Cells]:
    found = next(one for one in PROFILES if one.name == profile)
    cells = Cells(values)
    return without_nothing(found.row(cells, beside)), cells


@pytest.mark.parametrize("profile", PROFILES, ids=lambda profile: profile.name)
def test_every_layout_is_known_by_its_columns(profile: Any) -> None:
    assert choose(profile.kind, [*profile.columns, "something else"]) == profile
    assert choose(profile.kind, profile.columns, profile.name) == profile


def test_an_unknown_layout_is_told_with_what_was_found_and_what_is_known() -> None:
    with pytest.raises(LayoutUnknown) as unknown:
        choose("projects", ["Projekt", "Titel"])
    for words in ("Columns found: Projekt, Titel", "nsf-awards", "项目批准号", "projects: number, title"):
        assert words in str(unknown.value)


def test_a_file_of_another_kind_is_recognised() -> None:
    with pytest.raises(LayoutUnknown, match="try `hechuan import patents`"):
        choose("people", ["Publication Number", "Publication Date", "Title", "IPC", "Applicants", "Inventors"])


def test_a_profile_that_does_not_fit_or_exist_says_so() -> None:
    with pytest.raises(LayoutUnknown, match="needs the columns"):
        choose("projects", ["number", "title"], "nsfc")
    with pytest.raises(LayoutUnknown, match="no profile 'x'"):
        choose("projects", ["number", "title"], "x")
    with pytest.raises(LayoutUnknown, match="no kind"):
        choose("calls", ["number"])


def test_a_chinese_project() -> None:
    row, _ = mapped(
        "nsfc",
        {
            "项目批准号": "71701001",
            "项目类别": "面上项目",
            "项目名称": "可靠性评估",
            "依托单位": "安徽大学",
            "负责人": "陶志富",
            "金额": "18.5",
            "起止年月": "2018.01-2020.12",
            "总评": "尚未评估",
        },
    )
    assert row == {
        "number": "71701001",
        "title": "可靠性评估",
        "institution": "安徽大学",
        "people": ["陶志富"],
        "amount": "185000.00",
        "currency": "CNY",
        "starts_on": "2018-01-01",
        "ends_on": "2020-12-31",
        "programme": "面上项目",
        "language": "zh",
    }


def test_an_award_takes_names_from_the_lists_beside_it(tmp_path: Path) -> None:
    (tmp_path / "pi-names.csv").write_text("pi_id,name\n7,Ann Lee\n8,Bo Chen\n")
    (tmp_path / "pi-affiliations.csv").write_text("pi_id,inst_id\n7,3\n7,3\n8,3\n8,4\n")
    (tmp_path / "institutions.csv").write_text("id,org\n3,State University\n4,City College\n")
    award = {"awardID": "95", "title": "Melts", "effectiveDate": "1995-01-01", "PIcoPI": ["7", 8, "9"]}
    row, _ = mapped("nsf-awards", award, Beside(tmp_path, "awards"))
    assert row["people"] == ["Ann Lee", "Bo Chen"]
    assert row["institution"] == "State University"
    second, _ = mapped("nsf-awards", award | {"PIcoPI": [8]}, Beside(tmp_path, "awards"))
    assert "institution" not in second, "someone who was at two institutions proves neither"
    alone, _ = mapped("nsf-awards", award)
    assert "people" not in alone


def test_an_unknown_amount_is_not_zero_and_an_escaped_title_is_read() -> None:
    row, _ = mapped(
        "sbir",
        {
            "title": "CORC&amp;#174; wires",
            "url": "https://example.org/detail/67604",
            "award_amount": "0.0",
            "program": "SBIR",
            "phase": "Phase I",
            "award_year": "1983",
            "agency": "N/A",
        },
    )
    assert row == {
        "number": "67604",
        "title": "CORC® wires",
        "programme": "SBIR, Phase I, 1983",
        "language": "en",
    }


def test_a_row_of_another_table_is_no_patent() -> None:
    with pytest.raises(Unusable, match="no Indian patent number"):
        mapped("indian-grants", {"Patent Number": "CHENNAI", "Title of Invention": "[email]"})


def test_a_patentscope_record() -> None:
    row, cells = mapped(
        "patentscope",
        {
            "Publication Number": "US20050287165",
            "Publication Date": "29.12.2005",
            "Title": "Antigens",
            "Priority Data": "[60/573,832 25.05.2004 US, 9800760 1998-01-14T23:59:59.000Z GB,"
            " US 20030707 60/485,616, lost]",
            "IPC": "A61K 39/02;C12Q 1/68;A61K 39/02;A21D 13/;A21C 11/00 20060101A I20051008RMEP",
            "Inventors": "Pizza Mariagrazia;Grandi Guido",
        },
    )
    assert row["priority"] == "GB 9800760 (1998-01-14); US 60/485,616 (2003-07-07); US 60/573,832 (2004-05-25)"
    assert row["ipc"] == ["A61K39/02", "C12Q1/68", "A21C11/00"]
    assert row["inventors"] == ["Pizza Mariagrazia", "Grandi Guido"]
    assert [name for name, _ in cells.left_out] == ["priority", "ipc"]


def test_more_than_a_field_holds_is_cut_at_an_entry_and_said() -> None:
    cells = Cells({})
    assert cells.joined(["x" * 200, "y" * 90, "z" * 90], name="programme") == "x" * 200 + "; " + "y" * 90
    assert cells.left_out == [("programme", "the last entries do not fit the field")]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("Universidad Metropolitana", "university"),
        ("AGENTSHEETS INC", "company"),
        ("Institute of Optics", "institute"),
        ("Department of Labor", "department"),
    ],
)
def test_the_kind_of_an_organisation_is_read_from_its_name(name: str, kind: str) -> None:
    row, _ = mapped("nsf-institutions", {"id": "1", "org": name, "city": "Dayton", "state": "OH"})
    assert (row["kind"], row["region"]) == (kind, "Dayton, OH")


@pytest.mark.parametrize("name", ["Fleischer, Lisa K", "Geological Society of America", "21st Century School Fund"])
def test_nobody_is_made_a_company_by_default(name: str) -> None:
    with pytest.raises(Unusable, match="does not tell"):
        mapped("nsf-institutions", {"id": "1", "org": name, "city": "Dayton", "state": "OH"})


def test_plain_columns_become_rows() -> None:
    people, _ = mapped(
        "people", {"number": "1", "name": "Guo Wei", "fields": "optics; 激光", "expert": "是", "review_cap": "3"}
    )
    assert people == {"number": "1", "name": "Guo Wei", "fields": ["optics", "激光"], "expert": True, "review_cap": 3}
    patent, cells = mapped("patents", {"number": "X1", "title": "Pump", "filed_on": "1.2.2003", "granted_on": "soon"})
    assert patent == {"number": "X1", "title": "Pump", "filed_on": "2003-02-01"}
    assert cells.left_out == [("granted_on", "'soon' is no date")]
    project, _ = mapped("projects", {"number": "P1", "title": "Pump", "amount": "1,200", "currency": "eur"})
    assert (project["amount"], project["currency"]) == ("1200.00", "EUR")
