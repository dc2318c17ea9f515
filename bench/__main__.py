"""`python -m bench`: measure, print a table of ratios, write bench/latest.json."""

from __future__ import annotations

import argparse
import json
import logging
import os
import platform
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from bench import city, http, importing, sizes
from bench.measure import Figure

LATEST = Path(__file__).with_name("latest.json")
NAMES = ("claims", "pages", "workers", "sizes", "import")
FULL, QUICK, TINY = 76_511, 7_651, 765


def _figures(name: str, args: argparse.Namespace, say: city.Say) -> Iterator[Figure]:
    base = {"full": FULL, "quick": QUICK, "tiny": TINY}[args.size]
    rounds = args.rounds or {"full": 9, "quick": 5, "tiny": 1}[args.size]
    small = min(base, QUICK)  # over HTTP the stack is measured, not the size of the city
    makers: dict[str, Callable[[], Iterator[Figure]]] = {
        "claims": lambda: http.claims(small, rounds, say),
        "pages": lambda: http.pages(small, rounds, say),
        "workers": lambda: http.workers(small, rounds, say),
        "sizes": lambda: sizes.run(
            base, rounds, say, args.page, (1, 10) if base == TINY else (1, 10, 100)
        ),
        "import": lambda: importing.run(base, min(rounds, 3), say),
    }
    return makers[name]()


def wishes(arguments: list[str]) -> argparse.Namespace:
    """Return what was asked for; nothing means everything at full size."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", choices=NAMES, action="append", help="may be repeated")
    parser.add_argument("--quick", dest="size", action="store_const", const="quick")
    parser.add_argument("--size", choices=("full", "quick", "tiny"), default="full")
    parser.add_argument("--page", default="", help="of `sizes`, only those with these words")
    parser.add_argument("--rounds", type=int, help="pairs of runs; more mean less chance")
    parser.add_argument("--out", type=Path, default=LATEST, help="bench/latest.json otherwise")
    parser.add_argument("--cache", type=Path, help="where cities are kept; .cache/bench otherwise")
    parser.set_defaults(size="full")
    return parser.parse_args(arguments)


def main(arguments: list[str]) -> int:
    """Run what was asked for; exit code 1 only when something could not be measured."""
    args = wishes(arguments)
    if args.cache:
        city.CACHE = args.cache
    logging.disable(logging.WARNING)
    found: list[Figure] = []
    begun = time.monotonic()
    _print_head()
    for name in args.only or NAMES:
        for figure in _figures(name, args, _say):
            found.append(figure)
            _print(figure)
    if not found:
        _say("nothing was measured")
        return 1
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    load = os.getloadavg()[0]
    _say(f"{machine}, load {load:.1f}, {time.monotonic() - begun:.0f} s")
    args.out.write_text(
        json.dumps(
            {
                "machine": machine,
                "load": load,
                "size": args.size,
                "figures": [figure.as_json() for figure in found],
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n",
        encoding="utf-8",
    )
    return 0


def _say(words: str) -> None:
    print(words, file=sys.stderr, flush=True)


def _print_head() -> None:
    print(
        f"{'what':<58}{'ours':>10}{'bare':>10} {'':<5}{'ratio':>7}  {'quarters':<13} {'cpu':>5}  {'goal':<8}met"
    )


def _print(figure: Figure) -> None:
    goal = "" if figure.goal is None else f"{'≥' if figure.is_floor else '≤'} {figure.goal}"
    met = {True: "yes", False: "NO", None: ""}[figure.is_met]
    used = figure.extra.get("by_processor")
    by_processor = "" if used is None else f"{used:.2f}"
    spread = f"{figure.low:.2f}–{figure.high:.2f}"
    print(
        f"{figure.name:<58}{figure.ours:>10.1f}{figure.bare:>10.1f} {figure.unit:<5}"
        f"{figure.ratio:>7.2f}  {spread:<13} {by_processor:>5}  {goal:<8}{met}",
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
