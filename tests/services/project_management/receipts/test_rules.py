"""Receipts: numbers, seals, and that a receipt on paper reads alike everywhere."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reportlab.pdfbase.ttfonts import TTFontFile

from services.project_management.receipts import rules
from services.project_management.receipts.keys import SigningKey, genuine, signing_key, unsealed, verified
from services.project_management.receipts.paper import Paper, drawn
from services.project_management.submissions.api import FONT
from services.project_management.submissions.words import LABELS, receipt_paper
from shared.kernel.errors import Unavailable
from shared.web.i18n import speaking

KEY, OTHER = SigningKey(b"k" * 32), SigningKey(b"o" * 32)
KNOWN = {KEY.id: KEY.public}
AT = datetime(2026, 3, 31, 8, 59, 59, tzinfo=UTC)
FACTS = {
    "number": "HC-3F9A-07C2-11D4",
    "sha256": "a" * 64,
    "submitted_at": AT,
    "version": 1,
    "asked": 0,
    "call_title": "支线飞机轻合金 <Light & alloys>",
    "content": {
        "title": "镁合金座椅骨架的耐腐蚀研究",
        "requested": {"amount": "2400000.00", "currency": "CNY"},
        "lead": {"name": "轻合金研究所"},
        "partners": [{"name": "嘉陵大学"}, {"name": "Jialing <b>Works"}],
        "documents": [{"filename": "项目说明书.pdf", "sha256": "b" * 64}],
    },
}


def paper(language: str = "zh") -> Paper:
    with speaking(language):
        return receipt_paper(FACTS, "https://hechuan.example", KEY.id, language)


@given(st.binary(min_size=6, max_size=6))
def test_a_number_is_known_again_however_it_is_typed(random: bytes) -> None:
    number = rules.number_of(random)
    assert rules.meant(number) == rules.meant(f" {number.lower().replace('-', ' ')}\n") == (number, "")


@pytest.mark.parametrize("text", ["", "HC", "HC-12", "x" * 64, "HC-GGGG-0000-0000", "a" * 63])
def test_what_is_neither_number_nor_hash_is_neither(text: str) -> None:
    assert rules.meant(text) == ("", "")


def test_a_hash_is_known_again_in_capitals_and_with_blanks() -> None:
    assert rules.meant("AB " * 32) == ("", "ab" * 32)


def test_a_sealed_file_is_genuine_and_any_changed_byte_is_seen() -> None:
    sealed = KEY.sealed(drawn(paper(), FONT))
    assert genuine(sealed, KNOWN)
    for place in range(0, len(sealed), 997):
        changed = bytearray(sealed)
        changed[place] ^= 1
        assert not genuine(bytes(changed), KNOWN)
    assert not genuine(sealed + b" ", KNOWN)
    assert not genuine(sealed, {OTHER.id: OTHER.public})
    assert not genuine(sealed, {KEY.id: OTHER.public})
    assert unsealed(b"%PDF-1.4 without a seal") is None


def test_a_signature_is_of_this_content_by_this_key() -> None:
    signature = KEY.sign(b"content")
    assert verified(b"content", signature, KEY.public)
    assert not verified(b"another", signature, KEY.public)
    assert not verified(b"content", signature, OTHER.public)
    assert not verified(b"content", "no base64!", KEY.public)


def test_a_key_that_is_none_is_refused_with_what_to_do() -> None:
    for seed in ("", "ab", "zz" * 32):
        with pytest.raises(Unavailable, match="HECHUAN_RECEIPT_KEY"):
            signing_key(seed)


def test_the_page_is_the_same_whenever_it_is_drawn_and_has_its_font_in_it() -> None:
    first = drawn(paper(), FONT)
    assert first == drawn(paper(), FONT)
    assert first.startswith(b"%PDF-")
    assert b"/FontFile2" in first
    assert first != drawn(paper("en"), FONT)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_sign_of_a_receipt_is_in_the_font(language: str) -> None:
    found = paper(language)
    words = "".join([found.title, found.lead, found.check, found.address, *(a + b for a, b in found.facts)])
    with speaking(language):
        words += "".join(str(label) for label in LABELS.values())
    known = TTFontFile(str(FONT)).charToGlyph
    assert {sign for sign in words if ord(sign) not in known and not sign.isspace()} == set()
    assert (language == "zh") == any("\u4e00" <= sign <= "\u9fff" for sign in found.title)


def test_a_drawn_paper_names_its_number_and_other_files_none() -> None:
    file = drawn(paper(), FONT)
    assert rules.named_in(file) == FACTS["number"]
    for other in (b"", file[:200], b"/Subject (https://here/projects/receipts)", b"/Subject (x/receipts/HC-1)"):
        assert rules.named_in(other) == ""
