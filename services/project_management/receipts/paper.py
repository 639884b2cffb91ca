"""Receipts and letters on paper: PDF made of their facts, with the fonts in it, so that it reads alike everywhere."""

import asyncio
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from html import escape
from io import BytesIO
from pathlib import Path
from threading import Lock
from typing import Any

from services.project_management.receipts.keys import SigningKey
from shared.kernel.errors import Unavailable
from shared.kernel.marks import N_
from shared.web.i18n import LANGUAGES, language, speaking
from shared.web.static_files import VENDOR

FONT = "NotoSansSC"
INK, SOFT, LINE = "#16232e", "#4a5a67", "#c9d3db"
_ANYWHERE = re.compile(r"[\u3000-\u9fff\uf900-\uffef]|\S{24}")
"""What cannot end its lines between words alone."""
_one_at_a_time = Lock()
"""ReportLab keeps its fonts in one place for the whole process."""


@dataclass(frozen=True, slots=True)
class Paper:
    """What stands on the page, already in the reader's language."""

    title: str
    lead: str
    facts: Sequence[tuple[str, str]]
    check: str
    address: str
    """Where the receipt can be checked; also as a square code."""
    language: str
    made_of: datetime
    """The time of the submission: the file says no other, so that it is the same whenever it is drawn."""
    sections: "Sequence[tuple[str, Sequence[str | Grid]]]" = ()
    """Headings with their paragraphs and tables, below the facts."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table among the paragraphs of a section."""

    heads: Sequence[str]
    rows: Sequence[Sequence[str]]
    widths: Sequence[int] = ()
    """How wide the columns are beside each other; alike where it is not said."""


def in_both(paper: Callable[[str], Paper]) -> tuple[Paper, Paper]:
    """A paper in the reader's language, and in the other; it is given the code of the language that is spoken."""
    papers = []
    for code in sorted(LANGUAGES, key=lambda one: one != language()):
        with speaking(code):
            papers.append(paper(code))
    return papers[0], papers[1]


async def sealed(first: Paper, second: Paper, key: SigningKey) -> bytes:
    """The paper in the reader's language and then in the other, with the seal as its last line. Raises Unavailable."""
    try:
        return key.sealed(await asyncio.to_thread(drawn, first, VENDOR / "noto-sans-sc.ttf", second))
    except FileNotFoundError:
        raise Unavailable(N_("The font of receipts is missing. Run `make setup` again.")) from None


@cache
def _font(path: Path) -> str:
    from reportlab.pdfbase import pdfmetrics
    from reportlab.pdfbase.ttfonts import TTFont

    pdfmetrics.registerFont(TTFont(FONT, str(path)))
    return FONT


def drawn(paper: Paper, font: Path, also: Paper | None = None) -> bytes:
    """The paper as PDF, and on a page after it the same in another language.

    Raises FileNotFoundError when the font is not there.
    """
    # Here, for it takes as long to import as a service to start, and most processes never draw.
    from reportlab.graphics.barcode.qr import QrCodeWidget
    from reportlab.graphics.shapes import Drawing
    from reportlab.lib.colors import HexColor
    from reportlab.lib.pagesizes import A4
    from reportlab.lib.styles import ParagraphStyle
    from reportlab.lib.units import mm
    from reportlab.platypus import PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

    if not font.exists():
        raise FileNotFoundError(font)
    with _one_at_a_time:
        face = _font(font)
        head = ParagraphStyle("head", fontName=face, fontSize=20, leading=27, textColor=HexColor(INK), wordWrap="CJK")
        text = ParagraphStyle("text", parent=head, fontSize=10.5, leading=16)
        small = ParagraphStyle("small", parent=text, fontSize=9, leading=14, textColor=HexColor(SOFT))
        bold = ParagraphStyle("bold", parent=text, fontSize=12, leading=20, spaceBefore=4 * mm, keepWithNext=1)

        whole = {
            style.name: ParagraphStyle(f"whole {style.name}", parent=style, wordWrap=None) for style in (text, small)
        }

        def words(said: str, style: Any) -> Any:
            """In lines that end between words where it has words; Chinese, and what is too long, ends anywhere."""
            return Paragraph(
                escape(said).replace("\n", "<br/>"), style if _ANYWHERE.search(said) else whole[style.name]
            )

        def story(paper: Paper) -> list[Any]:
            rows = [[words(name, small), words(value, text)] for name, value in paper.facts]
            table = Table(rows, colWidths=[42 * mm, 128 * mm], hAlign="LEFT")
            table.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(LINE))])
            square = Drawing(30 * mm, 30 * mm)
            square.add(QrCodeWidget(paper.address, barWidth=30 * mm, barHeight=30 * mm))
            foot = [words(paper.check, small), words(paper.address, text)]

            def part(one: str | Grid) -> Any:
                if isinstance(one, str):
                    return words(one, text)
                cells = [[words(cell, small) for cell in row] for row in (one.heads, *one.rows)]
                shares = one.widths or [1] * len(one.heads)
                columns = [170 * mm * share / sum(shares) for share in shares]
                grid = Table(cells, colWidths=columns, hAlign="LEFT", repeatRows=1)
                grid.setStyle([("VALIGN", (0, 0), (-1, -1), "TOP"), ("GRID", (0, 0), (-1, -1), 0.4, HexColor(LINE))])
                return grid

            sections = [
                drawing
                for heading, paragraphs in paper.sections
                for drawing in (Paragraph(escape(heading), bold), *map(part, paragraphs))
            ]
            return [
                Paragraph(escape(paper.title), head),
                Spacer(1, 3 * mm),
                words(paper.lead, text),
                Spacer(1, 6 * mm),
                table,
                *sections,
                Spacer(1, 8 * mm),
                Table(
                    [[square, foot]],
                    colWidths=[34 * mm, 136 * mm],
                    hAlign="LEFT",
                    style=[("VALIGN", (0, 0), (-1, -1), "TOP")],
                ),
            ]

        target = BytesIO()
        document = SimpleDocTemplate(
            target,
            pagesize=A4,
            leftMargin=20 * mm,
            rightMargin=20 * mm,
            topMargin=22 * mm,
            bottomMargin=20 * mm,
            title=paper.title,
            author="Hechuan 合川",
            subject=paper.address,
            lang=paper.language,
            invariant=1,
        )
        document.build([*story(paper), *([PageBreak(), *story(also)] if also else [])])
        return target.getvalue()
