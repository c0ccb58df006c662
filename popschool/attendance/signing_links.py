"""Links that sign one half-day for one person, and nothing else."""

from popschool.auth import codes

PURPOSE, SECONDS = "sign half-day", 8 * 24 * 3600


def path_of(half_day_id: int, person_id: int) -> str:
    """Return the path of a link by which one person signs one half-day without a password."""
    return f"/s/{codes.sign(PURPOSE, [half_day_id, person_id])}"


def read(token: str) -> tuple[int, int] | None:
    """Return the half-day and the person of a link; None when it is not ours or too old."""
    facts = codes.signed(PURPOSE, token, SECONDS)
    return (facts[0], facts[1]) if facts else None
