"""Commands of households."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

COMMANDS: tuple[click.Command, ...] = ()


def rewrap_data_keys() -> int:
    """Wrap every household's data key anew."""
    return 0
