"""A whole city's workbook (台账导入): ours against reading it with python-calamine and a bare bulk load."""

from __future__ import annotations

import json
import random
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from operator import truediv
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import xlsxwriter
from pysqlite3 import dbapi2 as sqlite
from python_calamine import CalamineWorkbook

from app.core.access import SYSTEM
from app.core.crypto import ensure_secrets
from app.core.db import db, transaction
from app.core.sheets import read_sheets
from app.households.rules import Category, read_ledger
from app.households.rules.identity import check_digit
from app.households.services import importing
from app.regions import services as regions
from app.regions.queries import index as divisions
from app.regions.rules import Level
from bench import city, seed
from bench.bare import PRAGMAS
from bench.measure import Figure, compare, in_turn

AT_MOST = 5.0
PERSONS_A_HUNDRED = 223.5  # 171,000 persons in 76,511 households
HEADINGS = (
    "序号", "镇（街道）", "村（居）委会", "家庭编号", "户主姓名", "姓名", "与户主关系", "性别",
    "公民身份号码", "出生年月", "联系电话", "救助类别", "家庭人口", "月人均收入（元）",
    "救助金额（元/月）", "家庭住址", "备注",
)  # fmt: skip
RELATIONS = ("户主", "子", "女", "孙子", "孙女")
GIB = 1 << 30


def workbook(households: int, say: city.Say) -> Path:
    """Return a workbook of invented people, one sheet for each district, a row for each person; kept once written."""
    path = city.CACHE / f"ledger-{city.EDITION}-{households}.xlsx"
    if path.exists():
        return path
    city.CACHE.mkdir(parents=True, exist_ok=True)
    begun = time.monotonic()
    chance = random.Random(households)
    half = path.with_suffix(".new")
    book = xlsxwriter.Workbook(half, {"constant_memory": True})
    districts = [one for one in divisions() if one.level == Level.DISTRICT]
    number = persons = 0
    for position, district in enumerate(districts, 1):
        sheet = book.add_worksheet(district.name)
        sheet.write_row(0, 0, [f"{district.name}帮扶对象台账"])
        sheet.write_row(1, 0, ["填报单位："])
        sheet.write_row(2, 0, HEADINGS)
        row = 3
        places = [
            one
            for one in divisions()
            if one.level == Level.COMMUNITY and one.code[:6] == district.code
        ]
        while number < households * position // len(districts):
            number += 1
            people = max(round(number * PERSONS_A_HUNDRED / 100) - persons, 1)
            for line in _household(number, people, places[chance.randrange(len(places))], chance):
                sheet.write_row(row, 0, line)
                row += 1
            persons += people
    book.close()
    half.rename(path)
    say(
        f"workbook of {number:,} households, {persons:,} persons written in {time.monotonic() - begun:.0f} s"
    )
    return path


def _household(number: int, people: int, place: Any, chance: random.Random) -> Iterator[list[Any]]:
    names = divisions()
    family = chance.choice(seed.SURNAMES)
    head = family + chance.choice(seed.GIVEN) + chance.choice(seed.GIVEN)
    facts: list[Any] = [
        names.name_of(place.code[:9]),
        place.name,
        f"H{number:06d}",
        head,
    ]
    money: list[Any] = [
        chance.choice(list(Category)).label,
        people,
        round(chance.randrange(150_000) / 100, 2),
        round(chance.randrange(120_000) / 100, 2),
        f"仕版街{number % 300}号{chance.randrange(1000)}",
        "",
    ]
    for position in range(people):
        born = date(1935 + 30 * min(position, 2), 1, 1) + timedelta(days=number % 9000)
        first = f"4406{23 + number // 9000 % 60:02d}{born:%Y%m%d}{(position * 211 + number // 540_000) % 1000:03d}"
        name = head if position == 0 else family + chance.choice(seed.GIVEN)
        sex = "男" if int(first[-1]) % 2 else "女"
        own = [
            name,
            RELATIONS[min(position, len(RELATIONS) - 1)],
            sex,
            first + check_digit(first),
            born.isoformat(),
            f"1{3_000_000_000 + number:010d}",
        ]
        is_first = position == 0
        yield [
            number if is_first else "",
            *(facts if is_first else [""] * len(facts)),
            *own,
            *(money if is_first else [""] * len(money)),
        ]


def run(households: int, rounds: int, say: city.Say) -> Iterator[Figure]:
    """Import into an empty city, and read and load bare, in turn: the file's rows, and all that we make of them."""
    path = workbook(households, say)
    memory: list[int] = []
    used: dict[str, list[float]] = {"ours": [], "file": [], "all": []}
    with TemporaryDirectory(dir=city.CACHE) as name:
        folder = Path(name)

        def side(which: str) -> float:
            done = _apart(which, path, folder)
            if which == "ours":
                assert done["households"] == households, done
                memory.append(done["memory"])
            used[which].append(done["processor"])
            return float(done["seconds"])

        full, plain, loaded = in_turn(
            [lambda: side("ours"), lambda: side("file"), lambda: side("all")], rounds, warm=0
        )
    for what, times, which, goal in (
        ("read and bulk load of its rows", plain, "file", AT_MOST),
        ("read and bulk load of all rows an import makes", loaded, "all", None),
    ):
        yield compare(
            f"import of {households:,} households / {what}",
            "s",
            full,
            times,
            goal,
            is_floor=False,
            extra={"by_processor": statistics.median(map(truediv, used["ours"], used[which]))},
        )
    yield compare(
        "memory of the import and its larger child / 1 GiB",
        "MiB",
        [value / 2**20 for value in memory],
        [GIB / 2**20] * len(memory),
        1.0,
        is_floor=False,
    )


def _apart(side: str, path: Path, folder: Path) -> dict[str, Any]:
    """Run one side in a process of its own, on a database of its own."""
    for old in folder.glob(f"{side}.sqlite3*"):
        old.unlink()
    done = subprocess.run(
        [sys.executable, "-m", "bench.importing", side, str(path), str(folder)],
        cwd=city.ROOT,
        stdout=subprocess.PIPE,
        check=True,
    )
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def import_ours(path: Path, folder: Path) -> dict[str, Any]:
    """Read, judge, compare and take in, as `households import --commit` does; returns seconds and bytes of memory."""
    app = city.app_on(folder / "ours.sqlite3")
    with app.app_context():
        db.create_all()
        with transaction():
            ensure_secrets()
            regions.load()
        begun, before = time.perf_counter(), _processor()
        with importing.Ahead(SYSTEM) as ahead:
            reading = read_ledger(read_sheets(path), divisions(), follow=ahead.follow)
            made = importing.plan(SYSTEM, reading, ahead)
        households = len(made.new)
        ready = importing.prepare(SYSTEM, made)
        with transaction():
            importing.commit(SYSTEM, ready)
        took = time.perf_counter() - begun
    parts = (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    memory = sum(resource.getrusage(part).ru_maxrss for part in parts) * 1024
    return {
        "seconds": took,
        "households": households,
        "memory": memory,
        "processor": _processor() - before,
    }


def import_file(path: Path, folder: Path) -> dict[str, Any]:
    """Read every sheet and load its rows as they are."""
    connection = _opened(folder / "file.sqlite3")
    columns = ", ".join(f"c{number}" for number in range(len(HEADINGS)))
    marks = ", ".join("?" * len(HEADINGS))
    connection.execute(f"CREATE TABLE person (id INTEGER PRIMARY KEY, {columns})")
    begun, before = time.perf_counter(), _processor()
    connection.execute("BEGIN IMMEDIATE")
    for rows in _sheets(path):
        connection.executemany(
            f"INSERT INTO person ({columns}) VALUES ({marks})",
            [[_plain(cell) for cell in row] for row in rows[3:]],
        )
    connection.execute("COMMIT")
    return {"seconds": time.perf_counter() - begun, "processor": _processor() - before}


def import_all(path: Path, folder: Path) -> dict[str, Any]:
    """Read every sheet, and load the very rows that our import made, sealed and sorted, into tables like ours."""
    source = _opened(folder / "ours.sqlite3")
    tables = ("household", "member", "household_change", "household_span", "search_token")
    made = {name: source.execute(f"SELECT * FROM {name}").fetchall() for name in tables}
    connection = _opened(folder / "all.sqlite3")
    for (statement,) in source.execute(
        "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%'"
    ).fetchall():
        connection.execute(statement)
    begun, before = time.perf_counter(), _processor()
    for rows in _sheets(path):
        len(rows)
    connection.execute("BEGIN IMMEDIATE")
    for name, rows in made.items():
        marks = ", ".join("?" * len(rows[0]))
        connection.executemany(f"INSERT INTO {name} VALUES ({marks})", rows)
    connection.execute("COMMIT")
    return {"seconds": time.perf_counter() - begun, "processor": _processor() - before}


def _opened(database: Path) -> Any:
    connection = sqlite.connect(database, isolation_level=None)
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def _sheets(path: Path) -> Iterator[list[list[Any]]]:
    book = CalamineWorkbook.from_path(str(path))
    for sheet in book.sheet_names:
        yield book.get_sheet_by_name(sheet).to_python(skip_empty_area=False)


def _processor() -> float:
    """Return the processor time of this process and of those it has waited for, in seconds."""
    parts = [resource.getrusage(part) for part in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(part.ru_utime + part.ru_stime for part in parts)


def _plain(cell: Any) -> Any:
    return cell if isinstance(cell, (str, int, float)) else str(cell)


if __name__ == "__main__":
    side, source, target = sys.argv[1:]
    work = {"ours": import_ours, "file": import_file, "all": import_all}[side]
    sys.stdout.write(json.dumps(work(Path(source), Path(target))))
