"""What ours is held against (对照): a Flask application with nothing around it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask, abort, render_template, request
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import select

from app.core import clock, phrases
from app.core.crypto import KeyRing
from app.core.db import Base, _writing
from app.core.engine import engine_options
from app.households.models import Household
from app.households.rules.masking import mask_surname
from app.needs.rules import URGENCY_WORDS
from app.regions.queries import place_short
from app.tasks.models import Task
from app.tasks.rules import KIND_WORDS, VOLUNTEER_KINDS, seats_words
from bench.city import DATA_KEYS

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
    "cache_size=-64000",
    "wal_autocheckpoint=4000",
    "busy_timeout=10000",
)
ROWS = 20
# What stands in a row of ours stands in theirs, in plain HTML: the same facts, the same words, the same links.
TASKS = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>找任务</title></head><body>
{% for task in rows %}<article id="{{ task.code }}">
<h2><a href="/tasks/{{ task.code }}">{{ task.card_title }}</a></h2>
<b>{% if task.due_on < today %}等了 {{ (today - task.due_on).days }} 天{% elif task.urgency != "normal" %}
{{ urgency_words[task.urgency] }}{% else %}{{ kind_words[task.kind] }}{% endif %}</b>
<ul><li>{{ task.region_code|place_short }} · 就在{{ task.town_code|place_short }}</li>
<li>{% if task.starts_at and task.ends_at %}{{ task.starts_at|period(task.ends_at, today) }}{% else %}
{% if task.due_on < today %}原定 {% endif %}{{ task.due_on|day(today) }}前
{% if task.due_on >= today %} · {{ task.due_on|from_now(today) }}{% endif %}{% endif %}</li></ul>
<p>{{ seats_words(task.kind, task.capacity, task.taken, task.unit) }}
{% if task.skill %} · 最好{{ task.skill }}{% endif %}</p>
<a href="/tasks/{{ task.code }}">认领</a></article>
{% endfor %}</body></html>"""
FILES = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>档案</title></head><body><table>
<tr><th>户主</th><th>档案号</th><th>地方</th><th>类别</th><th>风险档</th><th>最近一次</th><th>下次探访</th></tr>
{% for file, name in rows %}<tr><td><a href="/households/{{ file.file_no }}">{{ name }}</a></td>
<td>{{ file.file_no }}</td><td>{{ file.town_code|place_short }} · {{ file.region_code|place_short }}</td>
<td>{{ file.category.label }}</td><td>{{ file.tier.label }}</td>
<td>{{ file.last_visit_on|day(today) if file.last_visit_on else "从没去过" }}</td>
<td>{{ file.next_visit_on|from_now(today, due=true) }}</td></tr>
{% endfor %}</table></body></html>"""


def pages(path: Path) -> Flask:
    """Return an application that selects twenty rows and renders them, and does nothing else.

    The rows are those that our own pages show, which the bench checks; their names are opened as ours are.
    """
    app = Flask("bare")
    ring = KeyRing(DATA_KEYS)
    db = _database(app, path)
    app.jinja_loader = DictLoader({"tasks.html": TASKS, "files.html": FILES})
    app.jinja_env.filters.update(phrases.FILTERS)
    app.jinja_env.filters.update(place_short=place_short)

    @app.get("/tasks")
    def tasks() -> str:
        rows = db.session.scalars(
            select(Task)
            .where(
                Task.is_public.is_(True),
                Task.state == "open",
                Task.town_code == request.args["in"],
                Task.kind.in_(sorted(VOLUNTEER_KINDS)),
            )
            .order_by(Task.due_on, Task.id)
            .limit(ROWS)
        ).all()
        return render_template(
            "tasks.html",
            rows=rows,
            today=clock.today(),
            kind_words=KIND_WORDS,
            urgency_words=URGENCY_WORDS,
            seats_words=seats_words,
        )

    @app.get("/households")
    def households() -> str:
        rows = db.session.scalars(
            select(Household)
            .where(Household.state == "active", Household.district_code == request.args["in"])
            .order_by(Household.next_visit_on, Household.id)
            .limit(ROWS)
        ).all()
        return render_template(
            "files.html", rows=[(row, surname(row)) for row in rows], today=clock.today()
        )

    def surname(file: Household) -> str:
        box = ring.box(file.data_key or b"", file.file_no)
        return mask_surname(box.open_json(file.head, f"household.head:{file.file_no}")["name"])

    return app


def claims(
    path: Path, statement: str, places: dict[str, list[int]], values: list[Any], *, by: str
) -> Flask:
    """Return an application whose one endpoint runs the conditional UPDATE of a claim, and does nothing else.

    `values` are the statement's parameters as the application sent them; `places` says at which positions the task,
    the person and the key stand. `by` a plain connection of each thread, which commits by itself, or by
    Flask-SQLAlchemy's session, as a Flask application does it.
    """
    app = Flask("bare")
    taken = _by_connection(path) if by == "connection" else _by_session(app, path)

    @app.post("/claim/<int:task>")
    def claim(task: int) -> str:
        mine = {"task": task, "user": int(request.form["user"]), "key": request.form["key"]}
        given = list(values)
        for name, positions in places.items():
            for position in positions:
                given[position] = mine[name]
        if not taken(statement, tuple(given)):
            abort(409)
        return "ok"

    return app


def _by_connection(path: Path) -> Callable[[str, tuple[Any, ...]], bool]:
    kept = threading.local()

    def run(statement: str, given: tuple[Any, ...]) -> bool:
        if not hasattr(kept, "connection"):
            kept.connection = sqlite.connect(path, isolation_level=None)
            for pragma in PRAGMAS:
                kept.connection.execute(f"PRAGMA {pragma}")
        return kept.connection.execute(statement, given).fetchone() is not None

    return run


def _by_session(app: Flask, path: Path) -> Callable[[str, tuple[Any, ...]], bool]:
    db = _database(app, path)

    def run(statement: str, given: tuple[Any, ...]) -> bool:
        token = _writing.set(True)  # so that the transaction begins as ours does
        try:
            found = db.session.connection().exec_driver_sql(statement, given).fetchone()
            db.session.commit()
        finally:
            _writing.reset(token)
        return found is not None

    return run


def _database(app: Flask, path: Path) -> SQLAlchemy:
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{path}",
        SQLALCHEMY_ENGINE_OPTIONS=engine_options("sqlite://"),
    )
    db = SQLAlchemy(metadata=Base.metadata)
    db.init_app(app)
    return db
