"""The blueprint of files (档案蓝图), and who may open its pages."""

from flask import Blueprint

from app.accounts.rules import Role
from app.core.access import roles

bp = Blueprint("households", __name__)
readers = roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
writers = roles(Role.WORKER, Role.SUPERVISOR)
