"""Text affinity: near texts are near in both languages, candidates are the best, and the measures are right."""

import itertools
import os
import time
import tracemalloc
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from infra.bench import affinity_parts
from services.project_management.assignments import affinity

PUBLIC = Path(os.environ.get("HECHUAN_DATA_DIR") or Path(__file__).resolve().parents[5] / "shared" / "data")

LASERS = "Narrow-linewidth lasers for optical clocks. Laser cavities are stabilised against optical clocks."
CORROSION = "Corrosion of ship steel. Steel plates corrode in sea water; coatings slow corrosion of ship hulls."
GENES = "Gene editing in rice. Edited genes make rice resistant to drought."
LASERS_ZH = "面向光钟的窄线宽激光器。研究激光谐振腔的稳频方法，用于光学原子钟。"
CORROSION_ZH = "船用钢板的海水腐蚀。研究海洋环境中钢板腐蚀机理与防腐涂层。"


def needs(part: str) -> Path:
    if not (PUBLIC / part).exists():
        pytest.skip(f"the public data folder has no {part} here; set HECHUAN_DATA_DIR")
    return PUBLIC


# -- terms and vectors ----------------------------------------------------------------------------------------------


def test_terms_are_singular_words_word_pairs_and_character_pairs() -> None:
    assert affinity.terms("Optical clocks, studies of the glass") == [
        "optical",
        "clock",
        "optical clock",
        "study",
        "clock study",
        "glass",
    ]
    assert affinity.terms("光学钟 LiDAR 雷") == ["光学", "学钟", "lidar", "雷"]
    assert affinity.terms("ＬＩＤＡＲ２") == ["lidar2"]
    assert affinity.terms(" ·?! of a") == []


def test_rare_terms_weigh_more_and_rows_have_length_one() -> None:
    lexicon = affinity.Lexicon.learn(["laser rice", "laser steel", "rice steel", "laser"], least=1)
    rows = lexicon.vectors(["laser rice", "", "unheard words"])
    assert rows.dtype == np.float32
    assert np.sqrt(rows.multiply(rows).sum(axis=1)).A1.tolist() == pytest.approx([1, 0, 0])
    weight = dict(zip(rows.indices[: rows.indptr[1]], rows.data, strict=False))
    assert weight[lexicon.numbers["rice"]] > weight[lexicon.numbers["laser"]]


def test_terms_of_one_text_only_and_of_very_many_are_left_out() -> None:
    texts = [f"common word{k % 50} only{k}" for k in range(affinity.SMALL)]
    lexicon = affinity.Lexicon.learn(texts)
    assert "common" not in lexicon.numbers
    assert "only7" not in lexicon.numbers
    assert "word7" in lexicon.numbers
    assert "common" in affinity.Lexicon.learn(texts[: affinity.SMALL - 1]).numbers


def test_the_same_texts_give_the_same_vectors_each_time() -> None:
    texts = [LASERS, CORROSION, GENES, LASERS_ZH, CORROSION_ZH]
    one, two = affinity.parts(texts, texts), affinity.parts(texts, texts)
    for left, right in zip(one, two, strict=True):
        difference = left.works - right.works
        assert abs(difference).max() == 0


def test_topics_bring_texts_together_that_share_no_word() -> None:
    bridge = ["laser cavity photon"] * 4 + ["photon optics"] * 4 + ["steel hull corrosion"] * 4 + ["hull coating"] * 4
    lexicon = affinity.Lexicon.learn(bridge)
    topics = affinity.Topics.learn(lexicon.vectors(bridge), rank=2)
    near = lexicon.vectors(["laser", "optics", "coating"])
    assert (near[0] @ near[1].T).sum() == 0
    spread = topics.vectors(near)
    assert spread[0] @ spread[1] > 0.5 > spread[0] @ spread[2]


def test_topics_are_the_strongest_singular_vectors() -> None:
    rows = affinity.unit(sparse.random(200, 80, 0.1, format="csr", dtype=np.float32, random_state=4))
    basis = affinity.Topics.learn(rows, rank=5).basis
    exact = np.linalg.svd(rows.toarray())[2][:5].T
    assert np.allclose(basis.T @ basis, np.eye(5), atol=1e-4)
    kept = np.linalg.norm(rows @ basis) / np.linalg.norm(rows @ exact)
    assert kept > 0.999


def test_no_texts_and_empty_texts_are_no_trouble() -> None:
    nothing = affinity.parts([], [])
    assert affinity.weights(np.zeros(0, int), np.zeros(0, int), nothing, np.zeros(0, int)).tolist() == []
    empty = affinity.parts(["", LASERS], ["", ""])
    assert affinity.weights(np.array([0, 1]), np.array([0, 0]), empty, np.array([0, 0])).tolist() == [0, 0]


# -- weights --------------------------------------------------------------------------------------------------------


def test_an_expert_of_the_field_is_nearest_in_both_languages() -> None:
    works = [LASERS, GENES, CORROSION, LASERS_ZH, CORROSION_ZH]
    owner = np.array([0, 0, 1, 2, 3])
    asked = [
        "An optical clock with stabilised lasers",
        "Coatings against corrosion of hulls",
        "激光器稳频与光学原子钟",
        "钢板海水腐蚀防护涂层",
    ]
    first, second = (side.ravel() for side in np.indices((4, 4)))
    found = affinity.weights(first, second, affinity.parts(asked, works), owner).reshape(4, 4)
    assert found.argmax(axis=1).tolist() == [0, 1, 2, 3]
    assert (found >= 0).all()
    assert (found <= 1).all()


def test_a_text_is_nearest_to_itself_and_that_is_nearly_one() -> None:
    texts = [LASERS, CORROSION, GENES]
    found = affinity.weights(np.arange(3), np.arange(3), affinity.parts(texts, texts), np.arange(3))
    assert found == pytest.approx([1.0] * 3, abs=0.03)


def test_works_count_by_rank_and_by_age() -> None:
    values, group = np.array([0.2, 0.9, 0.6, 0.4]), np.array([0, 0, 0, 2])
    assert affinity.ranked_mean(values, group, 3).tolist() == pytest.approx(
        [(0.9 + 0.6 / 2 + 0.2 / 3) / (1 + 1 / 2 + 1 / 3), 0, 0.4]
    )
    ages = np.array([0.0, affinity.HALF_LIFE, 0.0, 30.0])
    assert affinity.ranked_mean(values, group, 3, ages).tolist() == pytest.approx(
        [(0.9 / 2 + 0.6 / 2 + 0.2 / 3) / (1 / 2 + 1 / 2 + 1 / 3), 0, 0.4]
    )


def test_an_expert_without_works_has_no_affinity() -> None:
    found = affinity.weights(np.array([0, 0]), np.array([0, 1]), affinity.parts([LASERS], [LASERS]), np.array([1]))
    assert found[0] == 0
    assert found[1] > 0.9


def test_weights_do_not_depend_on_how_pairs_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(5)
    vocabulary = [f"word{k}" for k in range(60)]
    texts = [" ".join(draw.choice(vocabulary, 12)) for _ in range(40)]
    measures = affinity.parts(texts[:10], texts[10:])
    owner = draw.integers(0, 8, 30)
    first, second = draw.integers(0, 10, 50), draw.integers(0, 9, 50)
    whole = affinity.weights(first, second, measures, owner)
    monkeypatch.setattr(affinity, "PAIRS", 3)
    assert affinity.weights(first, second, measures, owner) == pytest.approx(whole)


def test_an_encoder_brings_together_what_words_cannot() -> None:
    def encoder(texts: Sequence[str]) -> np.ndarray:
        return np.array([[1.0, 0.0] if "laser" in text.casefold() or "激光" in text else [0.0, 2.0] for text in texts])

    works, owner = [LASERS, CORROSION], np.array([0, 1])
    with_it = affinity.weights(
        np.array([0, 0]), np.array([0, 1]), affinity.parts([LASERS_ZH], works, encoder=encoder), owner
    )
    without = affinity.weights(np.array([0, 0]), np.array([0, 1]), affinity.parts([LASERS_ZH], works), owner)
    assert without.tolist() == [0, 0]
    assert with_it[0] == pytest.approx(1 / 3)
    assert with_it[1] == 0


def test_shared_terms_say_why() -> None:
    lexicon = affinity.Lexicon.learn([LASERS, CORROSION, GENES], least=1)
    rows = lexicon.vectors([LASERS, "Optical clocks need lasers", GENES])
    told = affinity.shared_terms(lexicon, rows[0], rows[1], 3)
    assert {term for term, _ in told} <= set(affinity.terms(LASERS))
    assert "laser" in {term for term, _ in told}
    shares = [share for _, share in affinity.shared_terms(lexicon, rows[0], rows[1], 99)]
    assert sum(shares) == pytest.approx(1)
    assert shares == sorted(shares, reverse=True)
    assert affinity.shared_terms(lexicon, rows[0], rows[2]) == []


# -- candidates -----------------------------------------------------------------------------------------------------


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 6), st.integers(0, 6), st.integers(0, 10_000))
def test_candidates_are_both_sides_best(n: int, m: int, row: int, column: int, seed: int) -> None:
    draw = np.random.default_rng(seed)
    left, right = (affinity.unit(draw.random((k, 7), dtype=np.float32) * (draw.random((k, 7)) < 0.4)) for k in (n, m))
    full = left @ right.T
    dense = affinity.candidates(left, right, row, column)
    thin = affinity.candidates(sparse.csr_matrix(left), sparse.csr_matrix(right), row, column)
    assert all(np.allclose(one, two, atol=1e-6) for one, two in zip(dense, thin, strict=True)) or _ties(full)
    for first, second, weight in (dense, thin):
        assert len(set(zip(first.tolist(), second.tolist(), strict=True))) == len(first)
        assert weight == pytest.approx(full[first, second], abs=1e-6)
        assert ((weight > 0) & (weight <= 1)).all()
        held = np.zeros(full.shape, dtype=bool)
        held[first, second] = True
        for line, kept, count in [
            *((full[i], held[i], row) for i in range(n)),
            *((full[:, j], held[:, j], column) for j in range(m)),
        ]:
            wanted = np.sort(line[line > 1e-6])[::-1][:count]
            assert np.sort(line[kept])[::-1][: len(wanted)] == pytest.approx(wanted, abs=1e-6)


def _ties(full: np.ndarray) -> bool:
    lines = [*full, *full.T]
    return any((np.diff(np.sort(line[line > 0])) < 1e-5).any() for line in lines)


def test_candidates_over_many_blocks_are_those_of_one(monkeypatch: pytest.MonkeyPatch) -> None:
    draw = np.random.default_rng(8)
    left, right = (affinity.unit(draw.random((k, 9), dtype=np.float32)) for k in (300, 50))
    whole = affinity.candidates(left, right, 3, 4)
    monkeypatch.setattr(affinity, "BLOCK", 7)
    pieces = affinity.candidates(left, right, 3, 4)
    assert pieces[0].tolist() == whole[0].tolist()
    assert pieces[1].tolist() == whole[1].tolist()
    assert pieces[2] == pytest.approx(whole[2])


def test_the_strongest_terms_of_a_row_are_kept() -> None:
    rows = sparse.csr_matrix(np.array([[0.1, 0.9, 0.5, 0], [0, 0, 0, 0], [0, 0, 0, 0.2]], dtype=np.float32))
    assert affinity.strongest(rows, 2).toarray().tolist() == pytest.approx(
        np.array([[0, 0.9, 0.5, 0], [0, 0, 0, 0], [0, 0, 0, 0.2]], dtype=np.float32)
    )


def test_memory_grows_with_the_pairs_kept_not_with_all_pairs() -> None:
    draw = np.random.default_rng(11)
    left, right = (
        affinity.unit(sparse.random(k, 500, 0.02, format="csr", dtype=np.float32, random_state=draw))
        for k in (3000, 2500)
    )
    tracemalloc.start()
    begun = time.perf_counter()
    first, _, _ = affinity.candidates(left, right, 10, 10)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    print(f"3,000 × 2,500: {len(first)} pairs, {peak / 1e6:.0f} MB, {time.perf_counter() - begun:.2f} s")
    assert peak < 3000 * 2500 * 4


# -- against public data --------------------------------------------------------------------------------------------


def test_the_measure_counts_as_published() -> None:
    ratings, right = np.array([5.0, 4.0, 2.0, 1.0]), np.array([0.9, 0.8, 0.2, 0.1])
    assert affinity_parts.counts(ratings, right).tolist() == [0, 14, 4, 4, 1, 1]
    assert affinity_parts.counts(ratings, -right)[0] == 14
    assert affinity_parts.counts(ratings, right * 0).tolist() == [7, 14, 2, 4, 0.5, 1]
    with pytest.raises(ArithmeticError):
        affinity_parts.counts(ratings, right * np.nan)


def test_nested_choice_never_sees_the_people_it_is_measured_on() -> None:
    # Each option is right about one person only: whoever is held out, the best on the others is wrong about them.
    people = 10
    options = np.tile(np.array([1.0, 1, 0, 1, 0, 1]), (people, people, 1))
    for k in range(people):
        options[k, k, 0] = 0
    assert affinity_parts.nested(options)[:, 0].tolist() == [1.0] * people


def test_the_published_predictor_and_ours_on_the_labelled_set() -> None:
    found = affinity_parts.measure_gold(needs("assignment/gold"), background=False)
    for name, part in itertools.product(
        ("published TF-IDF", "shipped mixture", "chosen mixture"), ("loss", "easy", "hard")
    ):
        print(name, part, found[name][part])
    published = {part: found["published TF-IDF"][part]["value"] for part in ("loss", "easy", "hard")}
    assert published == {"loss": 0.268, "easy": 0.804, "hard": 0.637}
    assert found["shipped mixture"]["loss"]["value"] < 0.24
    assert found["chosen mixture"]["loss"]["value"] < 0.24


def test_a_chinese_abstract_is_found_from_its_title() -> None:
    found = affinity_parts.measure_chinese(needs("text_zh"))
    print(found)
    assert found["found first"] >= 0.97
