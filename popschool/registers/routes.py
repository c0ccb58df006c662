"""Pages of the registers."""

from popschool.registers import (  # noqa: F401  their routes
    routes_house,
    routes_lists,
    routes_outside,
    routes_own,
    routes_records,
)
from popschool.registers.routes_base import bp

__all__ = ["bp"]
