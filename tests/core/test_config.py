"""Settings (设置): a wrong one stops the start with one line; secrets are made once and kept from others."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from pathlib import Path

import pytest

from config import Settings, SettingsError, check_data_keys

ROOT = Path(__file__).resolve().parents[2]
KEY = base64.b64encode(bytes(32)).decode()
SHORT_KEY = base64.b64encode(bytes(16)).decode()


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """A folder that does not exist yet."""
    return tmp_path / "instance"


def settings(instance: Path, **environ: str) -> Settings:
    return Settings.from_env({"SHANLIN_INSTANCE": str(instance), **environ})


def test_the_embedded_default_needs_no_setting(instance: Path) -> None:
    found = settings(instance)

    assert found.is_sqlite
    assert not found.production
    assert found.database_url == f"sqlite:///{instance / 'shanlin.sqlite3'}"
    assert found.base_url == "http://127.0.0.1:8000"


def test_secrets_are_made_once_and_only_the_owner_reads_them(instance: Path) -> None:
    first, second = settings(instance), settings(instance)

    assert (first.secret_key, first.data_keys) == (second.secret_key, second.data_keys)
    assert len(first.secret_key) >= 32
    check_data_keys(first.data_keys)
    for name in ("secret.key", "data.keys"):
        assert (instance / name).stat().st_mode & 0o777 == 0o600


def test_two_installations_share_no_secret(tmp_path: Path) -> None:
    one, other = settings(tmp_path / "a"), settings(tmp_path / "b")

    assert one.secret_key != other.secret_key
    assert one.data_keys != other.data_keys


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({"SHANLIN_PORT": "http"}, "SHANLIN_PORT must be a number"),
        ({"SHANLIN_PORT": "70000"}, "SHANLIN_PORT must be a number"),
        ({"SHANLIN_PORT": "-1"}, "SHANLIN_PORT must be a number"),
        ({"SHANLIN_DATABASE_URL": "mysql://x"}, "SHANLIN_DATABASE_URL must begin with"),
        ({"SHANLIN_DATABASE_URL": "postgresql://x/y"}, "SHANLIN_DATABASE_URL must begin with"),
        ({"SHANLIN_DATA_KEYS": "secret"}, "SHANLIN_DATA_KEYS must read"),
        ({"SHANLIN_DATA_KEYS": f"0:{KEY}"}, "SHANLIN_DATA_KEYS must read"),
        ({"SHANLIN_DATA_KEYS": f"256:{KEY}"}, "SHANLIN_DATA_KEYS must read"),
        ({"SHANLIN_DATA_KEYS": f"1:{SHORT_KEY}"}, "SHANLIN_DATA_KEYS must read"),
        ({"SHANLIN_DATA_KEYS": f"1:{KEY},2"}, "SHANLIN_DATA_KEYS must read"),
        ({"SHANLIN_ENV": "production"}, "SHANLIN_DATA_KEYS is missing"),
        ({"SHANLIN_ENV": "production", "SHANLIN_DATA_KEYS": f"1:{KEY}"}, "SHANLIN_SECRET_KEY is missing"),
        ({"SHANLIN_DATABASE_URL": "postgresql+psycopg://h/d"}, "SHANLIN_DATA_KEYS is missing"),
        ({"SHANLIN_SMTP_URL": "mail.example.org"}, "SHANLIN_SMTP_URL must read"),
        ({"SHANLIN_SMTP_URL": "smtp://mail.example.org"}, "SHANLIN_SMTP_URL must read"),
        ({"SHANLIN_SMTP_URL": "smtp://h:port/?from=a@b.cn"}, "SHANLIN_SMTP_URL must read"),
        ({"SHANLIN_SMTP_URL": "http://h/?from=a@b.cn"}, "SHANLIN_SMTP_URL must read"),
    ],
    ids=str,
)  # fmt: skip
def test_a_wrong_or_missing_setting_stops_the_start_with_one_line(
    instance: Path, environ: dict[str, str], words: str
) -> None:
    with pytest.raises(SettingsError) as stop:
        settings(instance, **environ)

    line = str(stop.value)
    assert line.startswith("shanlin: ")
    assert words in line
    assert "\n" not in line
    assert KEY not in line


def test_the_operator_sees_one_line_and_no_stack(instance: Path) -> None:
    environ = {"SHANLIN_INSTANCE": str(instance), "SHANLIN_PORT": "x", "PATH": os.defpath}
    done = subprocess.run(
        [sys.executable, "-c", "import wsgi"],
        cwd=ROOT,
        env=environ,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == "shanlin: SHANLIN_PORT must be a number between 1 and 65535\n"


def test_a_file_fills_what_the_environment_leaves_out(instance: Path) -> None:
    instance.mkdir()
    (instance / "settings.env").write_text(
        "# the town's own\nSHANLIN_PORT=8100\nSHANLIN_BASE_URL='https://shanlin.example.org'\n",
        encoding="utf-8",
    )

    assert settings(instance).port == 8100
    assert settings(instance).base_url == "https://shanlin.example.org"
    assert settings(instance, SHANLIN_PORT="8200").port == 8200


def test_several_data_keys_may_stand_side_by_side(instance: Path) -> None:
    found = settings(instance, SHANLIN_DATA_KEYS=f"2:{KEY}, 1:{KEY}")

    assert found.data_keys.startswith("2:")


def test_production_with_its_keys_starts(instance: Path) -> None:
    found = settings(
        instance,
        SHANLIN_ENV="production",
        SHANLIN_DATA_KEYS=f"1:{KEY}",
        SHANLIN_SECRET_KEY="from-the-safe",
        SHANLIN_SMTP_URL="smtps://u:p@mail.example.org/?from=a@b.cn",
    )

    assert found.production
    assert found.secret_key == "from-the-safe"
    assert not (instance / "secret.key").exists()
