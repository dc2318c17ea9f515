"""Commands of exports (导出命令): a list of files, masked, as `households export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from app.core.access import SYSTEM
from app.core.sheets import Page, write_csv, write_xlsx
from app.exports.queries.lists import LISTS
from app.households.cli import group
from app.households.rules import Category, Recipient
from app.regions.queries import index as divisions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from app.exports.queries.steps import Line


@group.command("export")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="an .xlsx or a .csv")
@click.option("--region", default="", help="a division code of 6, 9 or 12 digits")
@click.option("--category", type=click.Choice([each.value for each in Category]))
@click.option("--for-charity", is_flag=True, help="only files that agreed to it, today")
def export(out: Path, region: str, category: str | None, *, for_charity: bool) -> None:
    """Write a list of files, masked (档案名册): nobody is named in it."""
    if region and region not in divisions():
        click.echo(f"没有 {region} 这个区划代码", err=True)
        raise SystemExit(1)
    listed = LISTS["households"]
    asked = {"region": region, "category": category or ""}
    if for_charity:
        asked["for"] = Recipient.CHARITY.value
    walk = listed.walk(SYSTEM, listed.chosen(asked))
    count = 0

    def rows() -> Iterator[Line]:
        nonlocal count
        for chunk in walk.chunks():
            count += len(chunk)
            yield from chunk

    if out.suffix.lower() == ".csv":
        with out.open("wb") as file:
            write_csv(file, listed.columns, rows())
    else:
        write_xlsx(out, [Page("档案", listed.columns, rows())], scratch=str(out.absolute().parent))
    click.echo(f"写好了 {count:,} 户：{out}", err=True)


COMMANDS: tuple[click.Command, ...] = ()  # it hangs under the group of households
