"""Shanlin 善邻: charity and volunteer matching (困难群众帮扶平台). The only module that knows every feature."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from flask_babel import Babel
from flask_migrate import Migrate
from jinja2 import StrictUndefined

from app.accounts import cli as accounts_cli
from app.accounts import routes as accounts
from app.accounts.jobs import JOBS as ACCOUNT_JOBS
from app.audit import cli as audit_cli
from app.audit.jobs import JOBS as AUDIT_JOBS
from app.audit.routes import bp as audit
from app.core import cli as core_cli
from app.core import http, phrases
from app.core.crypto import KeyRing
from app.core.db import APPEND_ONLY, Code, UtcDateTime, db
from app.core.engine import engine_options
from app.core.site import Site
from app.core.storage import from_url
from app.exports import cli as exports_cli
from app.exports.jobs import JOBS as EXPORT_JOBS
from app.exports.routes import bp as exports
from app.households import cli as households_cli
from app.households.jobs import JOBS as HOUSEHOLD_JOBS
from app.households.routes import bp as households
from app.ledger import cli as ledger_cli
from app.ledger import queries as ledger
from app.ledger.jobs import JOBS as LEDGER_JOBS
from app.needs.jobs import JOBS as NEED_JOBS
from app.needs.routes import bp as needs
from app.notices import models as _notice_models  # noqa: F401
from app.notices.jobs import JOBS as NOTICE_JOBS
from app.notices.routes import bp as notices
from app.portal import cli as portal_cli
from app.portal.jobs import JOBS as PORTAL_JOBS
from app.portal.routes import bp as portal
from app.programmes.routes import bp as programmes
from app.regions import models as _region_models  # noqa: F401 - nothing imports it as a class
from app.regions.queries import place, place_short
from app.resources import cli as resources_cli
from app.resources import queries as resource_queries
from app.resources.routes import bp as resources
from app.tasks.jobs import JOBS as TASK_JOBS
from app.tasks.routes import bp as tasks
from app.visits import cli as visits_cli
from app.visits import models as _highest_models  # noqa: F401 - brings every table into the metadata
from app.visits.jobs import JOBS as VISIT_JOBS
from app.visits.routes import bp as visits

if TYPE_CHECKING:
    from flask import Flask

    from app.core.jobs import Job
    from config import Settings

BLUEPRINTS = (
    accounts.bp,
    audit,
    notices,
    households,
    programmes,
    needs,
    tasks,
    visits,
    resources,
    exports,
    portal,
)
JOBS: tuple[Job, ...] = (
    *AUDIT_JOBS,
    *ACCOUNT_JOBS,
    *NOTICE_JOBS,
    *HOUSEHOLD_JOBS,
    *LEDGER_JOBS,
    *NEED_JOBS,
    *TASK_JOBS,
    *VISIT_JOBS,
    *EXPORT_JOBS,
    *PORTAL_JOBS,
)
COMMANDS = (
    *core_cli.COMMANDS,
    *accounts_cli.COMMANDS,
    *audit_cli.COMMANDS,
    *households_cli.COMMANDS,
    *exports_cli.COMMANDS,
    *ledger_cli.COMMANDS,
    *visits_cli.COMMANDS,
    *resources_cli.COMMANDS,
    *portal_cli.COMMANDS,
)
REWRAP = (
    households_cli.rewrap_data_keys,
    resources_cli.rewrap_line_keys,
)
# what `ledger verify` and the night prove; a feature that keeps its own totals adds its proof here
PROOFS = (ledger.verify, resource_queries.verify)
ROOT = Path(__file__).resolve().parent.parent


def create_app(settings: Settings) -> Flask:
    """Build the application for these settings."""
    app = Site(
        "app",
        template_folder=str(ROOT / "templates"),
        static_folder=str(ROOT / "static"),
        instance_path=str(settings.instance),
    )
    app.config.update(
        SHANLIN=settings,
        SECRET_KEY=settings.secret_key,
        TESTING=settings.testing,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        SESSION_COOKIE_NAME="shanlin",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings.base_url.startswith("https://"),
        PERMANENT_SESSION_LIFETIME=timedelta(days=14),
        SESSION_REFRESH_EACH_REQUEST=False,  # who.py sends it anew when it notes that the session is in use
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_ENABLED=not settings.testing,
        MAX_FORM_PARTS=2000,
    )
    _set_up_logging()
    app.extensions["keyring"] = KeyRing(settings.data_keys)
    app.extensions["storage"] = from_url(settings.storage_url)
    app.extensions["jobs"] = JOBS
    app.extensions["rewrap"] = REWRAP
    app.extensions["proofs"] = PROOFS
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(phrases.FILTERS)
    app.jinja_env.filters.update(place=place, place_short=place_short)
    db.init_app(app)
    Migrate(
        app, db, directory=str(ROOT / "migrations"), render_as_batch=True, render_item=_render_item
    )
    # a validator that brings no sentence of its own still speaks Chinese: WTForms' catalogue, chosen by this locale
    Babel(app, default_locale="zh", default_timezone="Asia/Shanghai")
    http.init_app(app)
    accounts.init_app(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    for command in COMMANDS:
        app.cli.add_command(command)
    return app


def _set_up_logging() -> None:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def _render_item(_kind: str, item: object, _context: object) -> str | bool:
    """Write our column types into migrations as plain SQLAlchemy, so that an old migration needs no old code."""
    if isinstance(item, UtcDateTime):
        return "sa.DateTime(timezone=True)"
    if isinstance(item, Code):
        length = item.length
        return f"sa.String(length={length}).with_variant(sa.String(length={length}, collation='C'), 'postgresql')"
    if type(item).__name__ == "SealedText":
        return "sa.LargeBinary()"
    return False


__all__ = ["APPEND_ONLY", "BLUEPRINTS", "JOBS", "create_app"]
