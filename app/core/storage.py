"""Storage (文件存储): one interface for bytes; a folder of this machine, or S3 where a city has outgrown it."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from flask import current_app

KEY_SHAPE = re.compile(r"[a-z0-9]{2}/[a-z0-9]{30}")


class Storage(Protocol):
    """Keeps bytes under a key that says nothing about them."""

    def put(self, data: bytes) -> str:
        """Keep the bytes for good before returning; returns their new key."""

    def get(self, key: str) -> bytes:
        """Return the bytes; FileNotFoundError when there are none."""

    def delete(self, key: str) -> None:
        """Forget the bytes; nothing happens when they are gone already."""


class FolderStorage:
    """Files in a folder, written whole or not at all."""

    def __init__(self, folder: Path) -> None:
        """Use this folder; it is made when the first file comes."""
        self.folder = folder

    def put(self, data: bytes) -> str:
        """Write beside, sync, then rename: a pulled plug leaves no half file under a key."""
        name = secrets.token_hex(16)
        key = f"{name[:2]}/{name[2:]}"
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        beside = path.with_suffix(".new")
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        for folder in (path.parent, self.folder):
            _sync_folder(folder)
        return key

    def get(self, key: str) -> bytes:
        """Read a file."""
        return self._path(key).read_bytes()

    def delete(self, key: str) -> None:
        """Remove a file."""
        self._path(key).unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        if not KEY_SHAPE.fullmatch(key):
            raise FileNotFoundError(key)
        return self.folder / key


def _sync_folder(folder: Path) -> None:
    """Write a folder's own list to disk: the new name must survive a pulled plug, not only the bytes."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def from_url(url: str) -> Storage:
    """Return the storage that a URL names (`file:///…`)."""
    parts = urlsplit(url)
    if parts.scheme != "file":
        message = f"SHANLIN_STORAGE_URL: {parts.scheme} is not a storage this version knows (file)"
        raise ValueError(message)
    return FolderStorage(Path(unquote(parts.path)))


def storage() -> Storage:
    """Return this application's storage."""
    found: Storage = current_app.extensions["storage"]
    return found
