"""The heads of the record's chains, kept outside: whoever rewrites a chain whole cannot rewrite what left already.

An anchor is one line of JSON: the moment, then the chain, the number and the hash of each last line. It goes to the
file or the mail that POPSCHOOL_ANCHOR names; a file is best on another machine.
"""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path

from popschool import audit, mail
from popschool.audit import Head
from popschool.db import transaction

SUBJECT = "Popschool: anchor of the record of acts"


class AnchorUnreadable(ValueError):
    """A line that is not an anchor; says which."""


def anchor(now: datetime) -> str:
    """Return the anchor of this moment."""
    return json.dumps({"at": now.isoformat(), "heads": [asdict(head) for head in audit.heads()]})


def keep(to: str, now: datetime) -> None:
    """Add the anchor of this moment to a file, or send it by mail. What was added is on the disk at the end."""
    line = anchor(now)
    if "@" in to:
        with transaction():
            mail.send(to, SUBJECT, line)
        return
    with Path(to).open("a", encoding="utf-8") as file:
        file.write(line + "\n")
        file.flush()
        os.fsync(file.fileno())


def heads_in(lines: Iterable[str]) -> list[Head]:
    """Return the heads of every anchor of a file, or of mails that were saved one a line. Raises AnchorUnreadable."""
    found = []
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            found += [
                Head(int(one["chain"]), int(one["sequence"]), str(one["hash"])) for one in json.loads(line)["heads"]
            ]
        except (ValueError, TypeError, KeyError) as wrong:
            raise AnchorUnreadable(f"line {number} is not an anchor") from wrong
    return found
