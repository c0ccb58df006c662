"""One page rendered within its time. A failure is an answer, so that the others are still read."""

from popschool.courses.front import body_of
from popschool.courses.limits import TooSlow, within
from popschool.courses.quiz_rendering import render_quiz
from popschool.courses.workers import Done, Job
from popschool.markdown import Image, Video, render

LONGEST_SECONDS = 10
IMAGE_PARTS = 3


def render_job(job: Job) -> Done:
    """Render one page within its time."""

    def image(src: str) -> Image | Video | None:
        found = job.images.get(src)
        return None if not found else Image(*found) if len(found) == IMAGE_PARTS else Video(*found)

    try:
        with within(LONGEST_SECONDS):
            make = render_quiz if job.is_quiz else render
            return Done(job.hash, job.path, make(body_of(job.data), link=job.links.get, image=image))
    except TooSlow:
        return Done(job.hash, job.path, None, "Cette page prend trop de temps à préparer.")
    except (RecursionError, MemoryError):
        return Done(job.hash, job.path, None, "Cette page emboîte trop de choses les unes dans les autres.")
    except Exception as error:  # an author sees which page it was; the others are still read
        return Done(job.hash, job.path, None, f"Cette page ne peut pas être préparée ({type(error).__name__}).")
