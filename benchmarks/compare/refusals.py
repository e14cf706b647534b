"""What is refused, and what lies outside of OpenAPI: pages, files, documentation, addresses that are not there."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from benchmarks.compare.questions import Place, Question, Route

LANGUAGES = ("en", "de", "xx")
PAGES = ("", "use", "size", "sensors", "kiosk")
FILES = ("page.css", "now.js", "icon.svg", "../pages.py", "none.js", "")
"""Some of those that the pages load, which are asked for as well, and some that are not there."""
OUTSIDE = (
    "docs", "openapi.json", "robots.txt", "favicon.ico", "redoc", "sign-in", "nothing", "v1", "v1/", "v1/sites/",
    "v1/nothing", "metrics/", "//", "%00", "..%2f..%2fetc%2fpasswd", "static", "static/", "healthz?x=1",
)  # fmt: skip
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW")


def outside(scripts: Sequence[str]) -> Iterator[Question]:
    """Yield questions outside of OpenAPI; `scripts` are the files that the pages name."""
    for page in PAGES:
        yield from (Question(f"/{page}?lang={language}") for language in LANGUAGES)
        yield from (Question(f"/{page}", headers={"Accept-Language": said}) for said in ("de", "fr, de;q=0.5", "*"))
        yield Question(f"/{page}", headers={"Cookie": "ledig_language=de"}, note="as chosen before")
        yield from (Question(f"/{page}", method=method) for method in METHODS)
        yield Question(f"/{page}/")
    for file in sorted({*FILES, *scripts}):
        yield from (Question(f"/static/{file}", method=method) for method in ("GET", "HEAD", "POST"))
        yield Question(f"/static/{file}", headers={"Accept-Encoding": "gzip"}, note="packed")
    for address in OUTSIDE:
        yield from (Question(f"/{address}", method=method) for method in ("GET", "HEAD", "POST"))


def refused(route: Route, place: Place) -> Iterator[Question]:
    """Yield what is wrong with a request to one route."""
    yield Question(route.at("nowhere"), route.method)
    yield Question(route.at("betahau"), route.method)
    yield Question(route.at("%00%0a"), route.method)
    yield from (Question(route.at(place.site), method) for method in METHODS if method not in {"GET", route.method})
    if route.method != "GET":
        return
    first = place.windows()["today"]
    for values in ({"nonsense": "1"}, {"Format": "csv"}, {"nonsense": "1", "other": "2"}, {"nonsense": "ü\n<b>" * 30}):
        yield Question(route.at(place.site, values))
    for name, parameter in route.parameters.items():
        numbers = any(kind.get("type") in {"integer", "number"} for kind in parameter.kinds)
        least = [kind["minimum"] for kind in parameter.kinds if "minimum" in kind]
        most = [kind["maximum"] for kind in parameter.kinds if "maximum" in kind]
        wrong = [
            "",
            "wrong",
            " ",
            "'",
            "x" * 200,
            *(str(bound - 1) for bound in least),
            *(str(bound + 1) for bound in most),
        ]
        wrong += ["1.5", "1e400", "nan", "-0"] if numbers else []
        yield from (Question(route.at(place.site, {name: value})) for value in wrong)
        yield Question(route.at(place.site) + f"?{name}=1&{name}=2")
    if "from" in route.parameters:
        yield from _wrong_windows(route, place)
    if "bucket" in route.parameters:
        long = {"from": (place.moment - timedelta(days=399)).isoformat(), "to": place.moment.isoformat()}
        yield Question(route.at(place.site, {**long, "bucket": "15m", "group": "space"}))
        yield Question(route.at(place.site, {**first, "bucket": "1h", "max_points": "0", "format": "xml"}))


def _wrong_windows(route: Route, place: Place) -> Iterator[Question]:
    now = place.moment
    for start, end in (
        ("yesterday", "today"), ("2025-01-01", "2025-01-02"), ("2025-01-01T00:00:00", "2025-01-02T00:00:00"),
        ("2300-01-01T00:00:00Z", ""), ("-1", "5"), ("1e12", "2e12"), (now.isoformat(), now.isoformat()),
        (now.isoformat(), (now - timedelta(days=1)).isoformat()),
        ((now - timedelta(days=500)).isoformat(), now.isoformat()),
        ("99999999999999999999", ""), ("2025-02-30T00:00:00Z", "2025-03-01T25:00:00Z"),
    ):  # fmt: skip
        yield Question(route.at(place.site, {name: text for name, text in (("from", start), ("to", end)) if text}))
