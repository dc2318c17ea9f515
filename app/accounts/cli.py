"""Commands of accounts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import click

COMMANDS: tuple[click.Command, ...] = ()


def rewrap_names() -> int:
    """Seal every name and phone anew."""
    return 0
