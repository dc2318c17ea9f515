"""What stops an operator's command (运维命令的婉拒)."""

from __future__ import annotations


class CannotKeep(Exception):  # noqa: N818 - says what happened
    """A backup cannot be made or used; the message is the line the operator reads."""
