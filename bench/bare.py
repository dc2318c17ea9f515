"""What ours is held against (对照): a Flask application with nothing around it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from flask import Flask, abort, render_template, request
from flask_sqlalchemy import SQLAlchemy
from jinja2 import DictLoader
from pysqlite3 import dbapi2 as sqlite
from sqlalchemy import select

from app.core import clock, phrases
from app.core.db import Base, engine_options
from app.households.models import Household
from app.regions.queries import place_short
from app.tasks.models import Task

PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=NORMAL",
    "foreign_keys=ON",
    "secure_delete=ON",
    "temp_store=MEMORY",
    "cache_size=-64000",
    "busy_timeout=10000",
)
ROWS = 20
TASKS = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>找任务</title></head><body>
{% for task in rows %}<article id="{{ task.code }}">
<h2><a href="/tasks/{{ task.code }}">{{ task.who }} · {{ task.title }}</a></h2>
<ul><li>{{ task.town_code|place_short }} · {{ task.region_code|place_short }}</li>
<li>{{ task.due_on|day(today) }}前 · {{ task.due_on|from_now(today, due=true) }}</li></ul>
<p>{{ task.kind }} {{ task.urgency }} 还差 {{ task.capacity - task.taken }} {{ task.unit }} {{ task.skill }}</p>
</article>
{% endfor %}</body></html>"""
FILES = """<!doctype html><html lang="zh-CN"><head><meta charset="utf-8"><title>档案</title></head><body><table>
{% for file in rows %}<tr><td><a href="/households/{{ file.file_no }}">{{ file.file_no }}</a></td>
<td>{{ file.town_code|place_short }} · {{ file.region_code|place_short }}</td><td>{{ file.category.label }}</td>
<td>{{ file.tier.label }}</td><td>{{ file.last_visit_on|day(today) }}</td>
<td>{{ file.next_visit_on|from_now(today) }}</td></tr>
{% endfor %}</table></body></html>"""


def pages(path: Path) -> Flask:
    """Return an application that selects twenty rows and renders them, and does nothing else."""
    app = Flask("bare")
    app.config.update(
        SQLALCHEMY_DATABASE_URI=f"sqlite:///{path}",
        SQLALCHEMY_ENGINE_OPTIONS=engine_options("sqlite://"),
    )
    db = SQLAlchemy(metadata=Base.metadata)
    db.init_app(app)
    app.jinja_loader = DictLoader({"tasks.html": TASKS, "files.html": FILES})
    app.jinja_env.filters.update(phrases.FILTERS)
    app.jinja_env.filters.update(place_short=place_short)

    @app.get("/tasks")
    def tasks() -> str:
        rows = db.session.scalars(
            select(Task)
            .where(
                Task.is_public.is_(True), Task.state == "open", Task.town_code == request.args["in"]
            )
            .order_by(Task.due_on, Task.id)
            .limit(ROWS)
        ).all()
        return render_template("tasks.html", rows=rows, today=clock.today())

    @app.get("/households")
    def households() -> str:
        rows = db.session.scalars(
            select(Household)
            .where(Household.state == "active", Household.town_code == request.args["in"])
            .order_by(Household.next_visit_on, Household.id)
            .limit(ROWS)
        ).all()
        return render_template("files.html", rows=rows, today=clock.today())

    return app


def claims(path: Path, statement: str, places: dict[str, list[int]], values: list[Any]) -> Flask:
    """Return an application whose one endpoint runs the conditional UPDATE of a claim, and does nothing else.

    `values` are the statement's parameters as the application sent them; `places` says at which positions the task,
    the person and the key stand.
    """
    app = Flask("bare")
    kept = threading.local()

    def connection() -> Any:
        if not hasattr(kept, "connection"):
            kept.connection = sqlite.connect(path, isolation_level=None)
            for pragma in PRAGMAS:
                kept.connection.execute(f"PRAGMA {pragma}")
        return kept.connection

    @app.post("/claim/<int:task>")
    def claim(task: int) -> str:
        mine = {"task": task, "user": int(request.form["user"]), "key": request.form["key"]}
        given = list(values)
        for name, positions in places.items():
            for position in positions:
                given[position] = mine[name]
        if connection().execute(statement, given).fetchone() is None:
            abort(409)
        return "ok"

    return app
