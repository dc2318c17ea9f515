"""The sample ledger (样本台账) against the answers that came with it."""

import io
import json
from pathlib import Path

import openpyxl
import pytest

from app.core.sheets import annotate, read_sheets
from app.households.rules import Reading, read_ledger
from app.regions.rules import RegionIndex

DATA = Path(__file__).parents[1] / "data"
ANSWERS = json.loads((DATA / "ledger-sample.answers.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def reading() -> Reading:
    sheets = read_sheets(DATA / "ledger-sample.xlsx")
    return read_ledger(sheets, RegionIndex.from_csv())


@pytest.mark.parametrize(
    "figure",
    ["households", "persons", "by_category", "by_district", "income_fen_sum", "aid_fen_sum"],
)
def test_the_figures_are_those_of_the_answers(reading: Reading, figure: str) -> None:
    assert reading.summary()[figure] == ANSWERS[figure]


def test_the_refused_households_are_those_of_the_answers(reading: Reading) -> None:
    refused = {tuple(sorted(each.items())) for each in reading.summary()["rejected"]}
    expected = {tuple(sorted(each.items())) for each in ANSWERS["rejected_households"]}

    assert refused == expected
    assert len(reading.rejections) == ANSWERS["rejected"]


@pytest.mark.parametrize(
    "code",
    ["fullwidth_id", "spaced_id", "dashed_phone", "town_short_name", "sex_differs_from_id",
     "spaced_name", "member_count_differs"],
)  # fmt: skip
def test_untidy_cells_are_counted_as_in_the_answers(reading: Reading, code: str) -> None:
    assert reading.warned[code] == ANSWERS["warned"][code]


def test_every_visible_sheet_is_accounted_for(reading: Reading) -> None:
    skipped = {layout.sheet: layout.skipped for layout in reading.layouts if layout.skipped}

    assert skipped == {"填报说明": "no_header", "字典": "hidden"}
    assert all(not layout.columns.unplaced for layout in reading.layouts if layout.columns)


def test_the_summary_is_plain_data(reading: Reading) -> None:
    assert json.loads(json.dumps(reading.summary())) == reading.summary()


def test_the_workbook_comes_back_with_its_bad_cells_marked(reading: Reading) -> None:
    out = io.BytesIO()

    annotate(DATA / "ledger-sample.xlsx", reading.problems, out)

    book = openpyxl.load_workbook(out)
    for problem in reading.errors:
        cell = book[problem.sheet][f"{problem.letter}{problem.row}"]
        assert problem.message in cell.comment.text
        assert cell.fill.fill_type == "solid"
    assert book["填报说明"]["A1"].comment is None
