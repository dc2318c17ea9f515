"""Papers (纸质文书): A4 as PDF with the Chinese fonts inside, so that every machine prints the same.

A paper is made of headings, facts, running words and tables, one under the other; each page carries its number and,
where the paper needs one, a watermark.
"""

from __future__ import annotations

import io
from functools import cache
from typing import TYPE_CHECKING, Any

import pylopdf_fonts_zh_cn as fonts
from fontTools.ttLib import TTFont
from fpdf import FPDF
from fpdf.enums import WrapMode, XPos, YPos
from fpdf.fonts import FontFace
from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

FAMILY = "song"
INK, SOFT, FAINT, LINE = (30, 42, 38), (91, 103, 98), (226, 226, 226), (200, 196, 188)
MARGIN, WIDTH, HEIGHT = 18.0, 174.0, 297.0
LABEL = 30.0  # of a fact, in millimetres
TILE = (520, 260)


@cache
def known_characters() -> frozenset[int]:
    """Return the characters that the font can draw."""
    with TTFont(fonts.sans_path(), lazy=True) as font:
        return frozenset(font.getBestCmap())


def drawable(text: str) -> str:
    """Return text with what no font draws spelt out by its number: an empty box would lose part of a name."""
    known = known_characters()
    return "".join(
        one if ord(one) in known or one == "\n" else f"[U+{ord(one):04X}]"
        for one in text.replace("\r", "").replace("\t", " ")
    )


class Paper(FPDF):
    """One document on A4, page after page."""

    def __init__(self, title: str, *, made_at: datetime, mark: str = "", foot: str = "") -> None:
        """Begin a paper; `mark` is written across every page, `foot` stands beside the page number."""
        super().__init__(format="A4")
        self.mark, self.foot = drawable(mark), drawable(foot)
        for style in (
            "",
            "B",
        ):  # a table's heading asks for a bold face; there is one file for both
            self.add_font(FAMILY, style, fonts.sans_path())
        self.set_title(title)
        self.set_creator("善邻")
        self.set_creation_date(made_at)
        self.set_lang("zh-CN")
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=22)
        self.alias_nb_pages()
        self.add_page()

    def header(self) -> None:
        """Write the watermark across a new page, under everything else."""
        if not self.mark:
            return
        self.set_font(FAMILY, size=13)
        self.set_text_color(*FAINT)
        for row, y in enumerate(range(40, int(HEIGHT), 52)):
            with self.rotation(30, x=self.w / 2, y=y):
                for x in (-20 + (row % 2) * 40, 80 + (row % 2) * 40):
                    self.text(x, y, self.mark)
        self.set_text_color(*INK)

    def footer(self) -> None:
        """Number the page."""
        self.set_y(-15)
        self.set_font(FAMILY, size=8)
        self.set_text_color(*SOFT)
        self.cell(WIDTH * 0.75, 6, self.foot)
        self.cell(0, 6, f"第 {self.page_no()} 页，共 {{nb}} 页", align="R")
        self.set_text_color(*INK)

    def head(self, title: str, under: str = "") -> None:
        """Write the paper's name, and under it what it is about."""
        self.set_font(FAMILY, "B", 18)
        self._line(title, 11)
        if under:
            self.words(under, soft=True)
        self.ln(2)
        self._rule()

    def section(self, title: str, note: str = "") -> None:
        """Begin a part of the paper; it never stands alone at the foot of a page."""
        if self.will_page_break(24):
            self.add_page()
        self.ln(4)
        self.set_font(FAMILY, "B", 12)
        self._line(title, 8)
        if note:
            self.words(note, soft=True)

    def words(self, text: str, *, soft: bool = False) -> None:
        """Write running text."""
        self.set_font(FAMILY, size=9 if soft else 10)
        self.set_text_color(*(SOFT if soft else INK))
        self._line(text, 5.5)
        self.set_text_color(*INK)

    def facts(self, pairs: Sequence[tuple[str, str]]) -> None:
        """Write names and values, one pair a line; a pair without a value is left out."""
        for name, value in pairs:
            if not value:
                continue
            if self.will_page_break(8):
                self.add_page()
            self.set_font(FAMILY, size=10)
            self.set_text_color(*SOFT)
            self.cell(LABEL, 6.5, drawable(name))
            self.set_text_color(*INK)
            self._line(value, 6.5)

    def table(self, headings: Sequence[str], widths: Sequence[int], rows: Sequence[Any]) -> None:  # type: ignore[override]  # a table of ours
        """Write a table whose heading is repeated on every page it reaches."""
        self.set_font(FAMILY, size=9)
        self.set_draw_color(*LINE)
        heading = FontFace(emphasis="BOLD", color=INK, fill_color=(244, 241, 235))
        with super().table(
            col_widths=tuple(widths),
            borders_layout="HORIZONTAL_LINES",
            headings_style=heading,
            line_height=5.5,
            padding=(1, 1.5),
            text_align="LEFT",
            wrapmode=WrapMode.CHAR,
            width=WIDTH,
        ) as table:
            table.row([drawable(one) for one in headings])
            for row in rows:
                table.row([drawable(str(one)) for one in row])
        self.ln(1)

    def bytes(self) -> bytes:
        """Return the finished document."""
        return bytes(self.output())

    def _line(self, text: str, height: float) -> None:
        self.multi_cell(
            0,
            height,
            drawable(text),
            align="L",
            wrapmode=WrapMode.CHAR,
            new_x=XPos.LMARGIN,
            new_y=YPos.NEXT,
        )

    def _rule(self) -> None:
        self.set_draw_color(*LINE)
        self.line(MARGIN, self.get_y(), MARGIN + WIDTH, self.get_y())
        self.ln(2)


def watermark(words: str) -> bytes:
    """Return a faint tile with words across it, as PNG: what stands behind the cells of a marked workbook."""
    tile = Image.new("RGBA", TILE, (255, 255, 255, 0))
    font = ImageFont.truetype(str(fonts.sans_path()), 18)
    ImageDraw.Draw(tile).text((20, TILE[1] // 2), words, font=font, fill=(120, 120, 120, 70))
    out = io.BytesIO()
    tile.rotate(18, resample=Image.Resampling.BICUBIC).save(out, "PNG")
    return out.getvalue()
