"""A process that tries to come in, as one of several web processes would: `python -m tests.auth.enter_probe`.

It says "ready", then answers each line of its input, `WHAT WHOM SECRET COUNT`, with one word per try: in, refused or
stopped.
"""

import sys

from app import create_app
from popschool import clock
from popschool.auth import services_invitations, services_signing
from popschool.auth.rules_signing import (
    CodeRefused,
    InvitationDead,
    Purpose,
    SignInRefused,
    TooManyAttempts,
    read_handle,
)
from popschool.db import db

ADDRESS = "192.0.2.1"


def main() -> None:
    app = create_app()
    clock.freeze(app.config["POPSCHOOL"].now)  # however long it took to start: codes pass in half a minute
    print("ready", flush=True)
    for line in sys.stdin:
        what, whom, secret, count = line.rstrip("\n").split("\t")
        with app.app_context():
            db.engine.dispose()  # each test has its own database
            print(" ".join(word(what, whom, secret) for _ in range(int(count))), flush=True)


def word(what: str, whom: str, secret: str) -> str:
    now = clock.now()
    try:
        if what == "code":
            services_signing.sign_in_with_code(read_handle(whom), Purpose.SIGN_IN, secret, ADDRESS, now)
        elif what == "password":
            services_signing.sign_in_with_password(read_handle(whom), secret, ADDRESS, now)
        elif what == "second":
            services_signing.check_second_factor(int(whom), secret, ADDRESS, now)
        else:
            services_invitations.accept(int(whom), None, ADDRESS, now)
    except (CodeRefused, SignInRefused, InvitationDead):
        return "refused"
    except TooManyAttempts:
        return "stopped"
    return "in"


if __name__ == "__main__":
    main()
