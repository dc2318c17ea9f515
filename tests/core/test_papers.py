"""Papers (纸质文书): what stands on an A4 page on every machine."""

from __future__ import annotations

import io
from datetime import UTC, datetime

from pypdf import PdfReader

from app.core.papers import Paper, drawable, watermark

NOW = datetime(2026, 11, 27, 4, 0, tzinfo=UTC)
RARE = "㘵滘塱冼甪"


def a_paper(**more: str) -> Paper:
    return Paper("档案", made_at=NOW, **more)


def read(paper: Paper) -> PdfReader:
    return PdfReader(io.BytesIO(paper.bytes()))


def text_of(paper: Paper) -> list[str]:
    # pypdf reads a glyph's number as two characters, the first of them nothing
    return [page.extract_text().replace("\x00", "") for page in read(paper).pages]


def test_a_paper_says_what_was_written_in_fonts_of_its_own() -> None:
    paper = a_paper(foot="善邻 · 打码件")
    paper.head("困难家庭档案", "档案号 440606DB2026000001")
    paper.facts([("户主", RARE), ("没有", "")])

    paper_bytes = paper.bytes()
    [page] = text_of(paper)

    assert all(words in page for words in ("困难家庭档案", RARE, "打码件", "第 1 页，共 1 页"))
    assert "没有" not in page
    assert b"/FontFile" in paper_bytes


def test_a_character_without_a_glyph_is_spelt_out_and_not_lost() -> None:
    assert drawable("冼𠮷生") == "冼[U+20BB7]生"
    assert drawable(RARE) == RARE


def test_a_long_table_repeats_its_heading_and_counts_its_pages() -> None:
    paper = a_paper()
    paper.section("探访")
    paper.table(("日期", "结果"), (50, 124), [("2026-11-27", "见到了" * 9)] * 90)

    pages = text_of(paper)

    assert len(pages) > 2
    assert all("日期" in page for page in pages)
    assert f"第 2 页，共 {len(pages)} 页" in pages[1]


def test_a_mark_is_on_every_page() -> None:
    paper = a_paper(mark="梁慧敏 11月27日 用后销毁")
    paper.table(("日期",), (100,), [("2026-11-27",)] * 90)

    pages = text_of(paper)

    assert len(pages) > 1
    assert all("用后销毁" in page for page in pages)


def test_the_tile_behind_cells_is_a_picture_with_something_on_it() -> None:
    assert watermark("梁慧敏").startswith(b"\x89PNG")
    assert watermark("梁慧敏") != watermark("霍凤志")
