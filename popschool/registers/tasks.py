"""Jobs of registers: writing to those whose opinion is asked."""

from datetime import time

import structlog

from popschool import clock, jobs
from popschool.registers import services_outside, services_surveys

log = structlog.get_logger(__name__)


def remind() -> None:
    """Write to those who are asked their opinion, and again to those who have not answered."""
    sent = services_surveys.remind(clock.now(), clock.today())
    outside = services_outside.remind(clock.now(), clock.today())
    log.info("opinions asked", sent=sent, outside=outside)


jobs.recur("ask what people think of the training", "popschool.registers.tasks:remind", at=time(9, 40))
