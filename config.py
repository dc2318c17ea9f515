"""Settings (设置): the only reader of the environment; a wrong or missing one stops the start with one line."""

from __future__ import annotations

import base64
import binascii
import os
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parent
DEFAULT_PORT = 8000
DATA_KEY_BYTES = 32
LARGEST_KEY_NUMBER = 255  # it stands in the first byte of what it wrapped


class SettingsError(SystemExit):
    """A setting is missing or wrong; the message is the one line that the operator reads."""

    def __init__(self, line: str) -> None:
        """Stop the process with exit code 1 and this line on standard error."""
        super().__init__(f"shanlin: {line}")


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that differs between one installation and the next."""

    instance: Path
    database_url: str
    secret_key: str
    data_keys: str
    storage_url: str
    base_url: str
    port: int
    production: bool
    testing: bool = False
    operator: str = ""
    contact: str = ""
    smtp_url: str = ""

    @property
    def is_sqlite(self) -> bool:
        """Whether the embedded database is used."""
        return self.database_url.startswith("sqlite")

    @classmethod
    def from_env(cls, environ: dict[str, str] | None = None) -> Settings:
        """Read, check and complete the settings; `instance/settings.env` fills what the environment leaves out."""
        found = dict(os.environ if environ is None else environ)
        instance = Path(found.get("SHANLIN_INSTANCE") or ROOT / "instance").absolute()
        found = _from_file(instance / "settings.env") | found
        url = found.get("SHANLIN_DATABASE_URL") or f"sqlite:///{instance / 'shanlin.sqlite3'}"
        if not url.startswith(("sqlite:///", "postgresql+psycopg://")):
            line = "SHANLIN_DATABASE_URL must begin with sqlite:/// or postgresql+psycopg://"
            raise SettingsError(line)
        production = found.get("SHANLIN_ENV", "") == "production" or not url.startswith("sqlite")
        instance.mkdir(parents=True, exist_ok=True)
        port = _port(found.get("SHANLIN_PORT", ""))
        data_keys = _secret(
            found, "SHANLIN_DATA_KEYS", instance / "data.keys", production=production
        )
        check_data_keys(data_keys)
        return cls(
            instance=instance,
            database_url=url,
            secret_key=_secret(
                found, "SHANLIN_SECRET_KEY", instance / "secret.key", production=production
            ),
            data_keys=data_keys,
            storage_url=found.get("SHANLIN_STORAGE_URL") or (instance / "media").as_uri(),
            base_url=found.get("SHANLIN_BASE_URL") or f"http://127.0.0.1:{port}",
            port=port,
            production=production,
            operator=found.get("SHANLIN_OPERATOR", ""),
            contact=found.get("SHANLIN_CONTACT", ""),
            smtp_url=_smtp_url(found.get("SHANLIN_SMTP_URL", "")),
        )


def _smtp_url(text: str) -> str:
    """Check where e-mail leaves; empty means nowhere."""
    if not text:
        return ""
    line = "SHANLIN_SMTP_URL must read smtp[s]://[USER:PASSWORD@]HOST[:PORT]/?from=ADDRESS[&starttls=1]"
    try:
        parts = urlsplit(text)
        sender = parse_qs(parts.query).get("from", [""])[0]
        right = parts.scheme in {"smtp", "smtps"} and parts.hostname and "@" in sender
        right = right and (parts.port is None or parts.port > 0)
    except ValueError:
        right = False
    if not right:
        raise SettingsError(line)
    return text


def check_data_keys(text: str) -> None:
    """Refuse data keys that are not `number:base64 of 32 bytes`, separated by commas, the one in use first."""
    for part in text.split(","):
        number, _, key = part.strip().partition(":")
        try:
            plain = base64.b64decode(key, validate=True)
            right = 0 < int(number) <= LARGEST_KEY_NUMBER and len(plain) == DATA_KEY_BYTES
        except (ValueError, binascii.Error):
            right = False
        if not right:
            line = "SHANLIN_DATA_KEYS must read NUMBER:BASE64[,NUMBER:BASE64…] with 32-byte keys"
            raise SettingsError(line)


def _from_file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    lines = (line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    pairs = (line.partition("=") for line in lines if line and not line.startswith("#"))
    return {name.strip(): value.strip().strip("\"'") for name, _, value in pairs}


def _port(text: str) -> int:
    if not text:
        return DEFAULT_PORT
    if not text.isdigit() or not 0 < int(text) < 65536:  # noqa: PLR2004 - TCP's own limit
        line = "SHANLIN_PORT must be a number between 1 and 65535"
        raise SettingsError(line)
    return int(text)


def _secret(found: dict[str, str], name: str, path: Path, *, production: bool) -> str:
    """Take a secret from the environment, or make it once for the embedded default (file mode 0600)."""
    if found.get(name):
        return found[name]
    if path.is_file():
        return path.read_text(encoding="ascii").strip()
    if production:
        line = f"{name} is missing; in production it must be set"
        raise SettingsError(line)
    made = secrets.token_urlsafe(48)
    if name == "SHANLIN_DATA_KEYS":
        made = "1:" + base64.b64encode(secrets.token_bytes(DATA_KEY_BYTES)).decode("ascii")
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:  # two processes started together: the first one's secret counts
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(made + "\n")
    sys.stderr.write(
        f"shanlin: made {path.name} in the instance folder; keep a copy of it in a safe place\n"
    )
    return made
