"""A format of the tests' own, whose one message holds any number of readings, and what must become of each message.

A reading is a number: its site, sensor, time and state follow from it, and whether anything is wrong with it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from zlib import crc32

from ingest.formats import Address, Filter, Heard, Ignored, Known, Observation, Status
from ingest.refusals import Reason, Refusal
from spaces.reading import Reading
from spaces.site import Site
from spaces.times import DAY, Millis
from tests.ingest.houses import NOW, PREFIX, house

MOST_NUMBER = 999
TOPIC = f"{PREFIX}/pack"
SECRET = "a neighbour's password"
Key = tuple[str, str, Millis]


def sites_of(run: str) -> Mapping[str, Site]:
    """Return the three sites of a run; a fourth is spoken of and unknown."""
    return {name: replace(house(name), sensors=()) for name in (f"{run}-{number}" for number in range(3))}


def key_of(number: int, run: str) -> Key:
    """Return site, sensor and time of a reading."""
    time = NOW - 10_000 + number // 20
    return f"{run}-{number % 4}", f"d{number % 5}", time + 2 * DAY * is_late(number)


def is_torn(number: int) -> bool:
    """Whether the format can make nothing of it."""
    return number % 23 == 5


def is_late(number: int) -> bool:
    """Whether its clock is two days ahead."""
    return number % 29 == 7


def is_lost(number: int) -> bool:
    """Whether it speaks of a site that nobody knows."""
    return number % 4 == 3


def is_unwelcome(reading: Reading) -> bool:
    """Whether the store will never take it."""
    return reading.seq is not None and reading.seq % 31 == 11


def reasons(numbers: Iterable[int]) -> Iterator[Reason | None]:
    """Yield why each reading is refused before the store sees it, None where it is accepted."""
    for number in numbers:
        if is_torn(number):
            yield Reason.WRONG_TYPE
        elif is_lost(number):
            yield Reason.UNKNOWN_SITE
        else:
            yield Reason.TOO_LATE if is_late(number) else None


def kept_keys(numbers: Iterable[int], run: str) -> set[Key]:
    """Return what must be in the store of readings."""
    numbers = list(numbers)
    accepted = [number for number, why in zip(numbers, reasons(numbers), strict=True) if why is None]
    return {key_of(number, run) for number in accepted if number % 31 != 11}


def payload_of(kind: str, numbers: Iterable[int], run: str) -> bytes:
    """Return a message: a `pack` of readings, a `status`, one to be `ignored`, or a `broken` one."""
    if kind == "broken":
        return b"{"
    more = {"word": SECRET} if kind == "ignored" else {"run": run, "numbers": list(numbers)}
    return json.dumps({"kind": kind, **more}).encode()


def fold(payloads: Iterable[bytes], state: int = 0) -> int:
    """Return the state after messages: a checksum of all of them in their order."""
    for payload in payloads:
        state = crc32(payload, state)
    return state


class Packs:
    """The format. Its state is the checksum of every message before."""

    def initial(self) -> int:
        return 0

    @property
    def filters(self) -> tuple[Filter, ...]:
        return (Filter(TOPIC),)

    def limit(self, topic: str) -> int:  # noqa: ARG002 - all are alike
        return 65_536

    def hear(self, topic: str, payload: bytes, *, retained: bool, state: int, known: Known) -> Heard[int]:
        assert (topic, retained, known("any")) == (TOPIC, False, None)
        after = fold([payload], state)
        try:
            said = json.loads(payload)
        except ValueError as error:
            return Refusal(Reason.MALFORMED, str(error)), after
        match said["kind"]:
            case "ignored":
                return Ignored("neighbour"), after
            case "status":
                return Status(Address(f"{said['run']}-0", "d0")), after
        return [_observation(number, said["run"]) for number in said["numbers"]], after


def _observation(number: int, run: str) -> Observation | Refusal:
    if is_torn(number):
        return Refusal(Reason.WRONG_TYPE, "torn")
    site, sensor, time = key_of(number, run)
    return Observation(Address(site, sensor), time, time % 2 == 0, seq=number)
