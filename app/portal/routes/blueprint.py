"""The portal's blueprint (门户蓝图), in a module of its own so that pages need not import each other."""

from flask import Blueprint

bp = Blueprint("portal", __name__)
