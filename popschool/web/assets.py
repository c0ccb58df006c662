"""The one stylesheet, the scripts (one a page) and the mark: gathered at start, named by their content.

Served from memory, compressed when first asked for, and kept a year by browsers: another content has another name.
"""

import gzip
import hashlib
import json
import re
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

import brotli
from flask import Flask, Response, abort, request

from popschool.auth import guards
from popschool.web.addresses import url_for

STATIC = Path(__file__).parent / "static"
STYLE_ORDER = ("tokens.css", "base.css", "layout.css", "parts/*.css", "newer.css", "print.css")
KEEP = "public, max-age=31536000, immutable"
KINDS = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "png": "image/png",
}
ICONS = (180, 192, 512)


@dataclass(frozen=True)
class Asset:
    """A file ready to be sent, as it is and compressed."""

    name: str
    kind: str
    plain: bytes

    @cached_property
    def gzipped(self) -> bytes:
        return gzip.compress(self.plain, 9, mtime=0)

    @cached_property
    def brotlied(self) -> bytes:
        return brotli.compress(self.plain, quality=11)


def init_app(app: Flask) -> None:
    """Gather the assets, serve them, and let pages name them with `asset('style.css')`."""
    app.extensions["popschool.assets"] = gathered()
    app.add_url_rule("/static/<name>", "web.asset", serve)
    app.add_url_rule("/app.webmanifest", "web.manifest", manifest)
    app.add_url_rule("/sw.js", "web.service_worker", service_worker)
    app.jinja_env.globals["asset"] = lambda name: url_for("web.asset", name=gathered()[name].name)


@lru_cache(maxsize=1)
def gathered() -> dict[str, Asset]:
    """Return the assets by their plain name."""
    style = "".join(path.read_text() for pattern in STYLE_ORDER for path in sorted((STATIC / "css").glob(pattern)))
    script = "".join(path.read_text() for path in sorted((STATIC / "js").glob("*.js")))
    later, phone = ((STATIC / name).read_text() for name in ("js/later.js", "phone.js"))
    icons = {
        f"icon-{size}.png": _asset(f"icon-{size}", "png", (STATIC / f"icon-{size}.png").read_bytes()) for size in ICONS
    }
    return icons | {
        "phone.js": _asset("phone", "js", minify_js(later + phone)),
        "style.css": _asset("style", "css", minify_css(style)),
        "script.js": _asset("script", "js", minify_js(script)),
        "field.js": _asset("field", "js", minify_js((STATIC / "field.js").read_text())),
        "mark.svg": _asset("mark", "svg", (STATIC / "mark.svg").read_text()),
    }


@guards.public
def serve(name: str) -> Response:
    """Send an asset, in the smallest form that the browser takes."""
    found = next((asset for asset in gathered().values() if asset.name == name), None)
    if found is None:
        abort(404)
    if request.accept_encodings.quality("br"):
        body, encoding = found.brotlied, "br"
    elif request.accept_encodings.quality("gzip"):
        body, encoding = found.gzipped, "gzip"
    else:
        body, encoding = found.plain, None
    response = Response(
        body, content_type=KINDS[found.kind], headers={"Cache-Control": KEEP, "Vary": "Accept-Encoding"}
    )
    if encoding:
        response.headers["Content-Encoding"] = encoding
    return response


@guards.public
def manifest() -> Response:
    """Say what a phone needs to put us among its applications."""
    icons = [
        {"src": url_for("web.asset", name=gathered()[f"icon-{size}.png"].name), "sizes": f"{size}x{size}",
         "type": "image/png", "purpose": purpose}
        for size in (192, 512) for purpose in ("any", "maskable")
    ]  # fmt: skip
    said = {
        "name": "Pop School", "short_name": "Pop School", "lang": "fr", "id": "/", "start_url": "/", "scope": "/",
        "display": "standalone", "background_color": "#fffdf9", "theme_color": "#5c1864", "icons": icons,
    }  # fmt: skip
    body = json.dumps(said, ensure_ascii=False)
    return Response(body, content_type="application/manifest+json", headers={"Cache-Control": "public, max-age=86400"})


@guards.public
def service_worker() -> Response:
    """Send the script that lets some pages open with no network: at the root, and asked for again each time."""
    body = minify_js((STATIC / "sw.js").read_text())
    return Response(body, content_type=KINDS["js"], headers={"Cache-Control": "no-cache"})


def minify_css(text: str) -> str:
    """Remove what a browser does not read: comments, and spaces that separate nothing."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r" ?([{};,>]) ?", r"\1", text)
    text = re.sub(r"([{;][a-z-]+): ", r"\1:", text)
    return text.replace(";}", "}").strip()


def minify_js(text: str) -> str:
    """Remove comments on their own line, the indentation, and spaces around signs that no text of ours holds.

    Our scripts write one statement a line.
    """
    text = re.sub(r"/\*\*.*?\*/", "", text, flags=re.DOTALL)
    lines = (line.strip() for line in text.splitlines())
    kept = "\n".join(line for line in lines if line and not line.startswith("//"))
    kept = re.sub(r" (=>|===?|!==|&&|\|\||=|\+|\?|:|<|>) ", r"\1", kept)
    return re.sub(r"([,:]) |(\)) (?=\{)", r"\1\2", kept)


def _asset(stem: str, kind: str, content: str | bytes) -> Asset:
    plain = content.encode() if isinstance(content, str) else content
    fingerprint = hashlib.sha256(plain).hexdigest()[:10]
    return Asset(f"{stem}.{fingerprint}.{kind}", kind, plain)
