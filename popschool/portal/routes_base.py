"""The blueprint of pages that gather, and that of the API, which has its own way in."""

from flask import Blueprint

bp = Blueprint("portal", __name__)
api = Blueprint("api", __name__, url_prefix="/api/v1")
