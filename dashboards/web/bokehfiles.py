"""The browser files of bokeh, from its package: packed once, kept by browsers for good, named after their version."""

import gzip
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

_PARTS = ("bokeh", "bokeh-api")
_FOR_GOOD = "public, max-age=31536000, immutable"


class _File(NamedTuple):
    plain: bytes
    packed: bytes


@cache
def chart_files() -> dict[str, Path]:
    """Return the files by the names under which they are served; none where bokeh is not installed."""
    spec = find_spec("bokeh")
    if spec is None or spec.origin is None:
        return {}
    folder, number = Path(spec.origin).parent / "server" / "static" / "js", version("bokeh")
    named = {f"{part}-{number}.min.js": folder / f"{part}.min.js" for part in _PARTS}
    return {name: path for name, path in named.items() if path.is_file()}


def chart_response(name: str, request: Request) -> Response:
    """Return one of the files."""
    file = _read(chart_files()[name])
    headers = {"Cache-Control": _FOR_GOOD, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(file.plain, headers=headers, media_type="text/javascript")
    return Response(file.packed, headers={**headers, "Content-Encoding": "gzip"}, media_type="text/javascript")


@cache
def _read(path: Path) -> _File:
    plain = path.read_bytes()
    return _File(plain, gzip.compress(plain, 9))
