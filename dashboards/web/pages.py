"""The pages as HTML: one template each, in each language, made once and kept."""

import hashlib
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from dashboards.web.bokehfiles import chart_files
from dashboards.words import LANGUAGES, words

HERE = Path(__file__).parent
STATIC: Path = HERE / "static"
"""The folder of style sheets, scripts and the icon, served under ``/static``."""
ADDRESSES = {"now": ".", "use": "use", "size": "size", "sensors": "sensors", "kiosk": "kiosk"}
"""The pages and their addresses, seen from one another."""
CHARTED = frozenset({"use", "size"})
"""Pages that draw charts."""
_SHEETS = ("colours.css", "page.css", "plan.css", "figures.css", "site.css")
_KIOSK_SHEETS = ("kiosk.css",)
_STRICT = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'self'"
)
CONTENT_SECURITY_POLICY = _STRICT
"""Nothing from elsewhere, no inline script, no inline style: names from site files stay text."""
CHARTED_POLICY = f"{_STRICT}; style-src 'self' 'unsafe-inline'"
"""For pages with charts: bokeh writes style sheets of its own into its shadow trees (docs/decisions/0014)."""
_IMPORT = re.compile(r'from "\./([\w-]+\.js)"')


class Page(NamedTuple):
    """A page as it is sent."""

    html: bytes
    etag: str
    policy: str


@cache
def page(name: str, language: str) -> Page:
    """Return one of `ADDRESSES` in one of the languages."""
    html = (
        _environment()
        .get_template(f"{name}.html")
        .render(
            name=name,
            t=words(language),
            languages=[words(each) for each in LANGUAGES],
            pages=[(each, address) for each, address in ADDRESSES.items() if each != "kiosk"],
            sheets=_SHEETS + (_KIOSK_SHEETS if name == "kiosk" else ()),
            scripts=sorted(scripts_of(f"{name}.js")),
            charts=sorted(chart_files()) if name in CHARTED else (),
            texts=_texts(language),
        )
    )
    body = html.encode()
    tag = f'"{hashlib.sha256(body).hexdigest()[:20]}"'
    return Page(body, tag, CHARTED_POLICY if name in CHARTED else CONTENT_SECURITY_POLICY)


def sign_in_page(language: str, goal: str, *, wrong: bool) -> str:
    """Return the form that asks for the viewer key, and leads to `goal`; `wrong` where the key given was none."""
    return (
        _environment()
        .get_template("sign-in.html")
        .render(t=words(language), languages=[words(each) for each in LANGUAGES], goal=goal, wrong=wrong)
    )


def scripts_of(main: str) -> set[str]:
    """Return the modules that a script needs, of its own and of others: announced, so that none waits for another."""
    found: set[str] = set()
    todo = [main]
    while todo:
        for name in _imports(todo.pop()):
            if name not in found:
                found.add(name)
                todo.append(name)
    return found


def _imports(script: str) -> Iterator[str]:
    yield from _IMPORT.findall((STATIC / script).read_text(encoding="utf-8"))


def _texts(language: str) -> Markup:
    """Return the words as JSON that may stand inside a script element."""
    raw = msgspec.json.encode(words(language).texts).decode()
    return Markup(raw.replace("<", "\\u003c").replace("&", "\\u0026"))  # noqa: S704 - nothing is left that ends it


@cache
def _environment() -> Environment:
    loader = FileSystemLoader(HERE / "templates")
    return Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
