"""Comfort: how each person wants their pages. Kept in a cookie, and in the account of whoever is signed in.

The cookie holds nothing but these few words, each checked when it is read, so it needs no signature.
"""

from dataclasses import asdict, dataclass, replace
from functools import lru_cache
from urllib.parse import parse_qs, urlencode

from flask import Request, Response, g

from popschool.web import visitor

COOKIE = "comfort"
YEAR = 365 * 24 * 3600
CHOICES = {
    "theme": ("", "light", "dark"),
    "text": ("", "2", "3"),
    "space": ("", "1"),
    "simple": ("", "1"),
    "listen": ("", "1", "off"),
    "motion": ("", "off"),
    "keys": ("", "off"),
    "language": ("", "fr", "en", "ar", "uk", "fa", "tr", "pt"),
}


@dataclass(frozen=True)
class Comfort:
    """Empty means: as the phone does. `simple` shows the simple version of a page first, where there is one.

    `listen` says where a page offers to be read aloud: where there is much to read, on every page (1), nowhere (off).
    """

    theme: str = ""
    text: str = ""
    space: str = ""
    simple: str = ""
    listen: str = ""
    motion: str = ""
    keys: str = ""
    language: str = ""

    @classmethod
    def of(cls, values: dict) -> "Comfort":
        """Keep what makes sense, whatever comes in."""
        return cls(**{name: str(values.get(name) or "") for name, allowed in CHOICES.items()
                      if str(values.get(name) or "") in allowed})  # fmt: skip

    def as_dict(self) -> dict[str, str]:
        """Return only what was chosen."""
        return {name: value for name, value in asdict(self).items() if value}


def read(request: Request) -> Comfort:
    """Return the settings of this request: the account's when somebody is signed in, the cookie's otherwise."""
    if "comfort" not in g:
        person = visitor.person()
        kept = getattr(person, "preferences", None)
        if kept:
            g.comfort = Comfort.of({"language": person.language} | kept)
        else:
            g.comfort = read_cookie(request)
            if person is not None and not g.comfort.language:
                g.comfort = replace(
                    g.comfort, language=person.language if person.language in CHOICES["language"] else ""
                )
    return g.comfort


def read_cookie(request: Request) -> Comfort:
    """Return what this browser chose before signing in."""
    return _said_by(request.cookies.get(COOKIE, ""))


@lru_cache(maxsize=1024)
def _said_by(cookie: str) -> Comfort:
    return Comfort.of({name: found[-1] for name, found in parse_qs(cookie).items()})


def write(response: Response, preferences: Comfort, secure: bool = False) -> Response:
    """Keep the settings in this browser for a year."""
    response.set_cookie(
        COOKIE, urlencode(preferences.as_dict()), max_age=YEAR, httponly=True, samesite="Lax", secure=secure
    )
    return response
