"""A real SMTP server that takes mails, and remembers them; its answers are given in advance."""

import logging
from email import message_from_bytes
from email.policy import default

from aiosmtpd.controller import Controller

from tests.processes import free_port

logging.getLogger("mail.log").setLevel(logging.WARNING)


class Postbox:
    """A server's memory: what it took, and what it will say to the next recipients and messages."""

    def __init__(self):
        self.taken = []
        self.rcpt_answers = []
        self.data_answers = []

    async def handle_RCPT(self, server, session, envelope, address, options):
        answer = self.rcpt_answers.pop(0) if self.rcpt_answers else "250 OK"
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server, session, envelope):
        answer = self.data_answers.pop(0) if self.data_answers else "250 OK"
        if answer.startswith("250"):
            self.taken.append(message_from_bytes(envelope.content, policy=default))
            self.weight = len(envelope.content)
        return answer


def listening(postbox, **options):
    """Start a server at a free port of this machine."""
    controller = Controller(postbox, hostname="127.0.0.1", port=free_port(), ready_timeout=60, **options)
    controller.start()
    return controller
