"""The benchmarks themselves run: a small city, a figure that is a ratio, the file that keeps it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.__main__ import wishes
from bench.measure import compare, in_turn

ROOT = Path(__file__).resolve().parent.parent.parent


def test_a_ratio_is_the_median_of_pairs_taken_in_turn() -> None:
    calls: list[str] = []

    def side(name: str, value: float) -> float:
        calls.append(name)
        return value

    ours, bare = in_turn([lambda: side("ours", 3.0), lambda: side("bare", 2.0)], 2, warm=1)
    figure = compare("x", "s", ours, bare, 1.25, is_floor=False)

    assert calls == ["ours", "bare"] * 3
    assert figure.ratio == 1.5
    assert figure.is_met is False


@pytest.mark.parametrize(
    ("typed", "size"), [([], "full"), (["--quick"], "quick"), (["--size", "tiny"], "tiny")]
)
def test_nothing_asked_for_means_the_full_size(typed: list[str], size: str) -> None:
    assert wishes(typed).size == size


@pytest.mark.parametrize("what", ["claims", "sizes"])
def test_the_smallest_city_can_be_measured(what: str, tmp_path: Path) -> None:
    latest = tmp_path / "latest.json"
    only = ["--page", "file page"] if what == "sizes" else []

    done = subprocess.run(
        [
            sys.executable, "-m", "bench", "--size", "tiny", "--only", what, *only,
            "--cache", str(tmp_path / "cache"), "--out", str(latest),
        ],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr
    figures = json.loads(latest.read_text(encoding="utf-8"))["figures"]
    assert figures
    assert all(figure["ratio"] > 0 for figure in figures)
