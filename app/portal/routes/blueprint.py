"""The portal's blueprint (门户蓝图), in a module of its own so that pages need not import each other."""

from flask import Blueprint

from app.accounts.rules import Role
from app.core.access import roles

bp = Blueprint("portal", __name__)
readers = roles(Role.WORKER, Role.SUPERVISOR, Role.OFFICER)
