"""A video in a page: its player, what it weighs, and its words to read."""

import html
from dataclasses import dataclass

from popschool.typography import french

HELD = "\u00a0"


@dataclass(frozen=True)
class Video:
    """What an address of a video stands for: its weight in bytes, its captions, and their words in paragraphs."""

    url: str
    media_type: str
    size: int
    captions: str
    seconds: int
    paragraphs: tuple[str, ...] = ()


def facts_of(video: Video) -> str:
    """Return "vidéo, 4 min, 18,0 Mo"."""
    return f"vidéo, {_duration(video.seconds)}, {_weight(video.size)}"


def player(video: Video, alt: str, caption: str) -> str:
    """Return a video that loads nothing before it is asked for, with its words to read."""
    said = "".join(f"<p>{french(html.escape(one))}</p>" for one in video.paragraphs)
    return (
        f'<figure class="video"><video controls preload="none" playsinline width="640" height="360" aria-label="{alt}">'
        f'<source src="{html.escape(video.url)}" type="{video.media_type}">'
        f'<track kind="captions" src="{html.escape(video.captions)}" default></video>'
        f"<figcaption>{french(caption)} ({french(facts_of(video))})</figcaption></figure>"
        f'<details class="said"><summary>Lire ce que dit la vidéo</summary>{said}</details>'
    )


def _duration(seconds: int) -> str:
    return f"{max(1, round(seconds / 60))}{HELD}min" if seconds >= 55 else f"{seconds}{HELD}s"


def _weight(size: int) -> str:
    if size >= 950_000:
        return f"{size / 1_000_000:.1f}{HELD}Mo".replace(".", ",")
    return f"{max(1, round(size / 1000))}{HELD}ko"
