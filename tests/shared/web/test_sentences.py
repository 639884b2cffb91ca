"""Sentences that rules computed are known again by their patterns and said in the reader's language."""

import time
from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog

from shared.kernel.marks import S_
from shared.web import sentences
from shared.web.extract import extract, mismarked, parts
from shared.web.i18n import set_language, speaking
from shared.web.pages import Pages
from shared.web.sentences import COMPUTED, PART, Pattern, named, patterns, said


@pytest.fixture(autouse=True)
def chinese() -> Iterator[None]:
    set_language("zh")
    yield
    set_language("en")


def test_the_mark_gives_plain_english() -> None:
    sentence = S_("Milestone %(number)s is not accepted yet: “%(title)s”.", number=2, title="100 % done")
    assert sentence == "Milestone 2 is not accepted yet: “100 % done”."
    assert type(sentence) is str


def test_english_stays_as_it_is() -> None:
    with speaking("en"):
        assert said("Give a score for “Merit”.") == "Give a score for “Merit”."
        assert named("Booking of Bench") == "Booking of Bench"


def test_a_sentence_is_known_by_its_pattern() -> None:
    assert said("Milestone 2 is not accepted yet: “Bench run”.") == "里程碑 2 尚未通过验收：“Bench run”。"
    assert said("Triage the disclosure “Pulsed “cold” melts”") == "研判发明披露“Pulsed “cold” melts”"


def test_a_message_without_parts_is_translated() -> None:
    assert said("Wrote or submitted this application.") == "撰写或提交了本申报。"
    assert said("Not found") == "未找到"


def test_parts_that_are_words_are_translated_and_names_are_not() -> None:
    roles = said(
        "This needs one of the roles: programme officer, coordinator. "
        "Ask your organisation's administrator to grant it."
    )
    assert roles == "此操作需要以下角色之一：项目主管、统筹协调员。请联系贵单位的管理员授予。"
    states = said("The call is in signoff; this is possible only while it is draft or released.")
    assert states == "申报通知目前为“送签中”，只有在草稿或已发布状态下才能这样做。"
    # “Draft” and “Institute” are words of the catalogues, but here somebody's names.
    assert said("Complete the project “Draft”") == "办理项目“Draft”的结题验收"
    assert said("Works for Institute, a partner in this application.").startswith("任职于Institute，")


def test_a_sentence_within_a_sentence_is_said_too() -> None:
    inside = "“Alloys”: Rank 2 of 4, mean 5.10 of 10 from 3 reviews: below the pass mark of 6."
    assert said(inside) == "“Alloys”：第 2 名（共 4 项），3 份评审平均 5.10 分（满分 10 分）：低于合格线 6 分。"
    assert said("“Alloys”: Decided by the programme officer: too dear") == "“Alloys”：由项目主管决定：too dear"


def test_sentences_said_one_after_the_other_are_said_each() -> None:
    text = "Give a score for “Merit”. Give a score for “Plan”."
    assert said(text) == "请为“Merit”评分。请为“Plan”评分。"
    text = "The times do not meet the facility's slots. Slots take 60 minutes and begin at 08:00."
    assert said(text).endswith("每个时段 60 分钟，自 08:00 起。")
    mixed = "Give a score for “Merit”. I think that is enough."
    assert said(mixed) == mixed


@pytest.mark.parametrize(
    "words",
    [
        "",
        " ",
        ". . . ",
        "Please add the missing annex. Then we can talk.",
        "Milestone two is not accepted yet.",
        "Works for us!",
        "已经是中文。",
        "%(name)s of %(number)s, 100 %",
    ],
)
def test_what_nobody_marked_stays_as_it_is(words: str) -> None:
    assert said(words) == words
    assert named(words) == words


def test_a_thing_s_name_is_left_alone_but_a_computed_title_is_said() -> None:
    assert named("Finance") == "Finance"
    assert said("Finance") == "科技金融"
    assert named("Booking of Fatigue bench") == "Fatigue bench 的预约"


def test_of_two_patterns_that_fit_the_one_that_says_more_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    catalogue = Catalog(locale="zh_Hans")
    catalogue.add("It is %(what)s.", "是%(what)s。", auto_comments=[COMPUTED])
    catalogue.add("It is %(what)s, but %(why)s.", "是%(what)s，但%(why)s。", auto_comments=[COMPUTED])
    catalogue.add("%(who)s is here, but %(why)s.", "%(who)s在，但%(why)s。", auto_comments=[COMPUTED])
    catalogue.add("It was %(what)s.", "曾是%(what)s。")
    monkeypatch.setattr(sentences, "catalogues", lambda: [catalogue])
    patterns.cache_clear()
    try:
        assert said("It is red.") == "是red。"
        assert said("It is red, but old.") == "是red，但old。"
        assert said("It is here, but old.") == "It在，但old。"
        assert said("It was red.") == "It was red."
        assert said("He is here, but old.") == "He在，但old。"
    finally:
        monkeypatch.undo()
        patterns.cache_clear()


def test_hostile_text_is_quick_and_stays_text() -> None:
    rank = "Rank  of  of , mean  of 10 from  reviews. Good enough, but for the same money rank "
    attacks = [
        "Rank " + " of " * 450,
        rank * 20,
        "Give a score for “" * 90,
        "“" * 1_999,
        "“X”: " * 380,
        "It is not. " * 180,
        "A" * 5_000_000,
    ]
    started = time.process_time()
    for text in attacks:
        said(text)
        named(text)
    assert time.process_time() - started < 1
    too_long = f"Review “{'x' * 2_000}”"
    assert said(too_long) == too_long


def test_a_page_escapes_what_is_said() -> None:
    template = Pages().environment.from_string("{{ text|said }}")
    shown = template.render(text="Review “<script>alert(1)</script>”")
    assert shown == "评审“&lt;script&gt;alert(1)&lt;/script&gt;”"
    assert type(said("Review “x”")) is str


def test_every_pattern_can_be_known_again() -> None:
    unknown = []
    for group in patterns().values():
        for pattern in group:
            names = {name: f"<{name}>" for name in pattern.names}
            filled = "".join(
                piece + (names[pattern.names[place]] if place < len(pattern.names) else "")
                for place, piece in enumerate(pattern.pieces)
            )
            if said(filled) != pattern.chinese % names:
                unknown.append(filled)
    assert unknown == []


def test_patterns_have_something_fixed_between_their_parts() -> None:
    for directory, _catalogue in parts().values():
        for found in extract(directory).values():
            if found.computed:
                pattern = Pattern.of(str(found.id), "")
                assert all(piece for piece in pattern.pieces[1:-1]), found
                assert pattern.weight > 3, found
                assert len(set(pattern.names)) == len(pattern.names) == len(PART.findall(str(found.id))), found


@pytest.mark.parametrize("part", sorted(parts()))
def test_the_catalogues_know_which_messages_are_computed(part: str) -> None:
    assert mismarked(part) == {}, "run `python -m shared.web.i18n update`"


def test_a_thing_that_is_also_counted_has_its_plain_word() -> None:
    assert said("There is no project here that you may see.") == "这里没有您可以查看的项目。"
