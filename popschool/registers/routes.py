"""Pages of the registers."""

from popschool.registers import routes_house, routes_lists, routes_own, routes_records  # noqa: F401  their routes
from popschool.registers.routes_base import bp

__all__ = ["bp"]
