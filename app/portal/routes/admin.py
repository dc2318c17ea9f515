"""What the system administrator looks after (系统管理): jobs and settings; no household."""

from __future__ import annotations

from flask import current_app, render_template

from app.accounts.rules import Role
from app.core.access import roles
from app.core.db import db
from app.portal import queries
from app.portal.routes.blueprint import bp


@bp.get("/admin")
@roles(Role.ADMIN)
def admin() -> str:
    """Show the job history (任务运行记录) and the settings that hold no secret."""
    settings = current_app.config["SHANLIN"]
    runs = queries.latest_runs()
    newest = {run.name: run for run in reversed(runs)}
    return render_template(
        "portal/admin.html",
        jobs=[(job, newest.get(job.name)) for job in current_app.extensions["jobs"]],
        runs=runs,
        failed=queries.failed_runs(runs),
        settings={
            "数据库": f"{db.engine.dialect.name}（{db.engine.driver}）",
            "文件存放": settings.storage_url.partition(":")[0],
            "网址": settings.base_url,
            "运行方式": "正式" if settings.production else "单机",
        },
    )
