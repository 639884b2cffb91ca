"""Which records are the same person."""

import pytest

from services.project_management.people.identities import Record, Strength, email, links
from services.project_management.people.pinyin import ANY, readings


def strength(left: Record, right: Record) -> tuple[str, tuple[str, ...]] | None:
    found = links([left, right])
    return (found[0].strength.value, found[0].evidence) if found else None


def named(one: str, other: str, **both: object) -> tuple[str, tuple[str, ...]] | None:
    return strength(Record("1", (one,), **both), Record("2", (other,), **both))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("one", "other", "kind"),
    [
        ("王晓明", "Wang Xiaoming", "reading"),
        ("王晓明", "Xiao-Ming WANG", "reading"),
        ("王晓明", "Wang, X. M.", "initials"),
        ("王晓明", "XM Wang", "initials"),
        ("解振华", "Xie Zhenhua", "reading"),
        ("单霁翔", "Shan Jixiang", "reading"),
        ("曾庆红", "Zeng Qinghong", "reading"),
        ("翟志刚", "Zhai Zhigang", "reading"),
        ("区伯雄", "Ou Boxiong", "reading"),
        ("欧阳自远", "Ouyang Ziyuan", "reading"),
        ("吕斌", "Lü Bin", "reading"),
        ("吕斌", "Lyu Bin", "reading"),
        ("李伟", "LI Wei", "reading"),
        ("樊刚", "Fan Gang", "reading"),
        ("李西安", "Li Xi'an", "reading"),
        ("张龑", "Zhang Yan", "reading"),
        ("Jürgen Müller", "Muller, Jurgen", "name"),
        ("John A. Smith", "J. Smith", "initials"),
        ("Guido van Rossum", "van Rossum, Guido", "name"),
        ("Dr Ada Lovelace", "Ada Lovelace", "name"),
    ],
)
def test_a_name_is_known_in_all_its_spellings(one: str, other: str, kind: str) -> None:
    assert named(one, other) == ("possible", (kind,))
    assert named(other, one) == ("possible", (kind,))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("王晓明", "王小明"),
        ("王晓明", "Li Xiaoming"),
        ("Guo Jing", "Guo Hao"),
        ("A. Smith", "Bob Smith"),
        ("Smith", "John Smith"),
        ("", "王"),
    ],
)
def test_other_names_are_other_people(one: str, other: str) -> None:
    assert named(one, other) is None


def test_a_name_alone_is_possible_with_an_organisation_likely_and_an_identifier_certain() -> None:
    place = frozenset({"org"})
    assert named("王晓明", "Wang Xiaoming", organisations=place) == ("likely", ("reading", "organisation"))
    assert named("王晓明", "Wang, X.", organisations=place) == ("possible", ("initials", "organisation"))
    by_mail = [Record("1", ("Ada",), ("Ada+hechuan@Example.org",)), Record("2", ("B",), ("ada@example.org",))]
    assert strength(*by_mail) == ("certain", ("email",))
    orcids = "0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"
    assert strength(*(Record(str(n), (f"N{n}",), orcid=one) for n, one in enumerate(orcids))) == ("certain", ("orcid",))


def test_two_orcids_are_two_people_whatever_they_are_called() -> None:
    pair = [Record(str(n), ("Wang Wei",), orcid=f"0000-0002-1825-009{n}") for n in range(2)]
    assert links(pair) == []


def test_links_come_strongest_first_and_each_once() -> None:
    found = links(
        [
            Record("1", ("Wang Wei", "王伟"), ("w@example.org",)),
            Record("2", ("Wei Wang",), ("w@example.org",)),
            Record("3", ("W. Wang",)),
        ]
    )
    assert [(one.first, one.second, one.strength) for one in found] == [
        ("1", "2", Strength.CERTAIN),
        ("1", "3", Strength.POSSIBLE),
        ("2", "3", Strength.POSSIBLE),
    ]
    assert found[0].evidence == ("email", "name")


def test_a_mailbox_is_one_whatever_stands_behind_a_plus() -> None:
    assert email(" Li.Wei+calls@Example.ORG ") == "li.wei@example.org"


def test_characters_are_read_as_families_read_them_and_unknown_ones_as_anything() -> None:
    assert readings("单", family=True) == {"dan", "shan"}
    assert readings("明") == {"ming"}
    assert readings("座") == {"zuo"}
    assert readings("龑") == {ANY}
    # One character from every part of the table, read by hand.
    known = (
        "安an 北bei 成cheng 德de 二er 方fang 国guo 海hai 江jiang 凯kai 龙long 明ming 宁ning 欧ou 平ping 强qiang 荣rong"
    )
    known += (
        " 胜sheng 涛tao 文wen 雪xue 勇yong 志zhi 春chun 栋dong 峰feng 刚gang 华hua 军jun 磊lei 敏min 娜na 鹏peng 琴qin"
    )
    assert {word[0]: word[1:] in readings(word[0]) for word in known.split()} == {w[0]: True for w in known.split()}
