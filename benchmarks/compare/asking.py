"""Asking both sides: every question of both at once, and again from several sides when caches are full."""

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import replace
from http import HTTPStatus
from typing import Any, NamedTuple

from benchmarks.compare.answers import Answer, Client, answered, difference
from benchmarks.compare.findings import Findings
from benchmarks.compare.questions import Place, Question, Route, place_of, questions, routes
from benchmarks.compare.refusals import outside, refused

APIS = ("rollups", "readings")
"""Asked everything; the one with a viewer key is asked little."""
ROLLED = ("/utilisation", "/peaks", "/availability", "/planning", "/heatmap", "/usual", "/forecast")
"""Routes that answer from roll-ups where there are any."""
EACH = 5
"""Of so many questions one is asked again."""
AT_ONCE = 4
"""Askers when everything is asked again: what is remembered by then is asked for by several at once."""


class Both(NamedTuple):
    """The same API of both checkouts, the older first, and what is found of it."""

    label: str
    urls: tuple[str, str]
    findings: Findings

    def ask(self, asked: Iterable[Question], *, at_once: int = 1, again: str = "") -> None:
        """Ask both, and note what differs."""
        named = [(f"{self.label} {question.name}{again}", question) for question in asked]
        wanted = [(name, question) for name, question in named if self.findings.wants(name)]
        begun = time.monotonic()
        with ThreadPoolExecutor(at_once) as pool:
            list(pool.map(self._ask_all, [wanted[lane::at_once] for lane in range(at_once)]))
        if (taken := time.monotonic() - begun) > 1.0:
            print(f"{self.label}{again}: {len(wanted)} questions in {taken:.0f} s", flush=True)

    def _ask_all(self, wanted: Sequence[tuple[str, Question]]) -> None:
        with ExitStack() as stack:
            clients = [stack.enter_context(closing(Client(url))) for url in self.urls]
            pool = stack.enter_context(ThreadPoolExecutor(2))
            for name, question in wanted:
                old, new = pool.map(Client.ask, clients, [question] * 2)
                self.findings.note(name, difference(old, new))

    def steps(self, name: str, steps: Iterable[Question]) -> None:
        """Ask one after another where one bears on the next.

        `NEWEST` in an address stands for the id that a side has given out last, `FIRST` for its first.
        """
        if not self.findings.wants(f"{self.label} {name}"):
            return
        ids: tuple[list[bytes], list[bytes]] = ([], [])
        for number, step in enumerate(steps):
            old, new = (self._step(url, step, known) for url, known in zip(self.urls, ids, strict=True))
            self.findings.note(f"{self.label} {name} {number}: {step.name}", difference(old, new))

    @staticmethod
    def _step(url: str, step: Question, known: list[bytes]) -> Answer:
        """Ask one side; random ids that it has given out are set aside of what it answers."""
        first, newest = (known[0].decode(), known[-1].decode()) if known else ("FIRST", "NEWEST")
        answer = answered(url, replace(step, path=step.path.replace("FIRST", first).replace("NEWEST", newest)))
        if answer.status == HTTPStatus.CREATED:
            known.append(str(json.loads(answer.raw)["id"]).encode())
        body = answer.body
        for number, one in enumerate(known):
            body = body.replace(one, f"id {number}".ljust(len(one)).encode())
        return answer._replace(body=body)

    def rows(self, path: str) -> list[dict[str, Any]]:
        """Return the rows of the older side's answer."""
        rows: list[dict[str, Any]] = json.loads(answered(self.urls[0], Question(path)).raw)["rows"]
        return rows

    def routes(self) -> list[Route]:
        """Return the routes of both sides; one that only one side has is a difference."""
        old, new = (
            {(route.method, route.path): route for route in routes(json.loads(answered(url, _OPENAPI).raw))}
            for url in self.urls
        )
        for method, path in sorted(old.keys() ^ new.keys()):
            what = "is gone" if (method, path) in old else "is new"
            self.findings.note(f"{self.label} route {method} {path}", what)
        return [*old.values(), *(route for key, route in new.items() if key not in old)]

    def places(self, moment: int, *, thorough: bool = False) -> Iterator[Place]:
        """Yield the sites that it serves."""
        for row in self.rows("/v1/sites"):
            spaces = self.rows(f"/v1/sites/{row['site']}/spaces")
            yield place_of(row, spaces, moment, thorough=thorough)


_OPENAPI = Question("/openapi.json")


def ask_everything(both: Both, places: Sequence[Place], scripts: Sequence[str], *, rolled: bool) -> None:
    """Ask every route everything, then what is refused, then again, several at once.

    Of an API without roll-ups routes that never look at them are asked less.
    """
    found = both.routes()
    for place in places:
        asked = [
            question
            for route in found
            for question in questions(route, place, pairs=rolled or place.thorough or route.path.endswith(ROLLED))
        ]
        both.ask(asked)
        again = asked if place.thorough else asked[::EACH]
        both.ask([one for one in again if not one.stream], at_once=AT_ONCE, again=" (again)")
        both.ask(question for route in found for question in refused(route, place))
    both.ask(outside(scripts))
