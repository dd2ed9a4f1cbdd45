"""The page that shows the terminal, its files, and the headers that keep it to itself."""

from importlib.resources import files
from string import Template
from typing import Final, NamedTuple

FONT_SIZE_PX: Final = 15

REFUSED: Final = (
    "This is a cryptex terminal that somebody else opened.\n\n"
    "Open the address that `cryptex tui --serve` printed, in a browser on the same machine. It works once; start the "
    "command again for another.\n"
)
FULL: Final = "Too many terminals are open here: close one first.\n"

HEADERS: Final = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}


class StaticFile(NamedTuple):
    """A file of the page: where it lies in an installed package, and what it is."""

    package: str
    path: str
    media_type: str


STATIC: Final = {
    "textual.js": StaticFile("textual_serve", "static/js/textual.js", "text/javascript"),
    "xterm.css": StaticFile("textual_serve", "static/css/xterm.css", "text/css"),
    "terminal.ttf": StaticFile("textual_serve", "static/fonts/RobotoMono-VariableFont_wght.ttf", "font/ttf"),
    "page.css": StaticFile("cryptex.tui.browser", "page.css", "text/css"),
    "page.js": StaticFile("cryptex.tui.browser", "page.js", "text/javascript"),
}
"""All that can be had under /static, by name."""


def page(host: str) -> str:
    """Return the page, whose websocket is at `host`."""
    template = Template(_read("cryptex.tui.browser", "page.html").decode("utf-8"))
    return template.substitute(websocket_url=f"ws://{host}/ws", font_size=str(FONT_SIZE_PX))


def static_bytes(file: StaticFile) -> bytes:
    """Return what is in a file of the page."""
    return _read(file.package, file.path)


def policy(host: str) -> str:
    """Return the Content-Security-Policy: nothing from elsewhere, and nothing to elsewhere."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; font-src 'self'; img-src data:; "
        f"connect-src 'self' ws://{host}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )


def _read(package: str, path: str) -> bytes:
    return files(package).joinpath(path).read_bytes()
