"""What every answer tells the browser to refuse. Nothing inline, nothing from elsewhere, never inside a frame."""

from flask import Flask, Response

POLICY = "; ".join(
    (
        "default-src 'self'",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    )
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=(), interest-cohort=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
TWO_YEARS = "max-age=63072000; includeSubDomains"


def init_app(app: Flask) -> None:
    """Add the headers to every answer; over https, ask the browser to stay there."""
    settings = app.config.get("POPSCHOOL")
    given = HEADERS | ({"Strict-Transport-Security": TWO_YEARS} if settings and settings.is_production else {})

    @app.after_request
    def protect(response: Response) -> Response:
        said = {name.lower() for name, _value in response.headers}
        response.headers.extend((name, value) for name, value in given.items() if name.lower() not in said)
        if response.mimetype == "text/html":
            if "cache-control" not in said:
                response.headers.add("Cache-Control", "private, no-cache")
            response.headers.add("Vary", "Cookie")
        return response
