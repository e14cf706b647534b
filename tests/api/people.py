"""People of the tests' own, told apart by a header, and a house with a site that not all of them belong to."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
from msgspec import structs
from starlette.requests import HTTPConnection

from dashboards.api import ApiSettings
from dashboards.api.access import Access, Scope
from spaces.site import Site
from spaces.times import MINUTE
from tests.api.office import Office, office, week

WHO = "x-who"
PEOPLE: Mapping[str, Access] = {
    "everybody": Access(who="everybody"),
    "tenant": Access(sites=frozenset({"office"}), who="tenant"),
    "neighbour": Access(sites=frozenset({"office"}), who="neighbour"),
    "nobody": Access(sites=frozenset(), who="nobody"),
    "powerless": Access(scopes=frozenset(), who="powerless"),
    **{scope.value: Access(scopes=frozenset({scope}), who=scope.value) for scope in Scope},
}
"""Their access by what they write into the header."""


def by_name(connection: HTTPConnection) -> Access | None:
    """Resolve a request by the name in its header."""
    return PEOPLE.get(connection.headers.get(WHO, ""))


def secret() -> Site:
    """Return a second site: of the same ids, and nothing about it simulated."""
    return replace(office(), id="secret", name="Secret house", simulated=False)


@contextmanager
def a_house(folder: Path, *, hidden: bool) -> Iterator[Office]:
    """Open the office with its week, beside the second site or without; of the second more was heard, and later."""
    others = [secret()] if hidden else []
    readings = [structs.replace(reading, received=reading.received - 5 * MINUTE) for reading in week(office())]
    readings += [reading for site in others for reading in week(site)]
    settings = ApiSettings(kept=folder / "kept")
    with Office(folder, readings, settings=settings, others=others, resolver=by_name) as opened:
        yield opened


def ask(house: Office, who: str | None, path: str, method: str = "GET", **more: Any) -> httpx.Response:
    """Ask as one of the people, or as a stranger; of a stream only its head."""
    method = "HEAD" if method == "GET" and path.endswith("/live") else method
    headers = {WHO: who} if who else {}
    return house.client.request(method, path.lstrip("/"), headers=headers, **more)


def routes(house: Office) -> list[tuple[str, str]]:
    """Return every route that the API describes, as (method, path)."""
    return [
        (method.upper(), path) for path, methods in house.app.openapi()["paths"].items() for method in sorted(methods)
    ]
