"""Sensors of which somebody has said that it is seen to, until it is withdrawn."""

from collections.abc import Mapping

import msgspec

from dashboards.answers.answer import Answer
from dashboards.answers.context import Context
from dashboards.answers.errors import AnswerError, Fault
from spaces.mistakes import shown
from spaces.site import Site
from spaces.times import Millis, rfc3339

DEFINITION = "Sensors of which somebody has said that it is seen to; the note says how. They change no figure."
COLUMNS: Mapping[str, str] = {
    "sensor": "the sensor's id",
    "note": "what is being done, as somebody wrote it",
    "time": "when it was written, RFC 3339",
}


class Acknowledged(msgspec.Struct, frozen=True):
    """What is kept."""

    time: Millis
    note: str


def find_acknowledgements(context: Context, acknowledged: Mapping[str, Acknowledged], site: Site) -> Answer:
    """Return what is seen to, by sensor."""
    rows = [
        {"sensor": sensor, "note": entry.note, "time": rfc3339(entry.time)} for sensor, entry in acknowledged.items()
    ]
    return Answer(
        name="acknowledgements",
        now=context.now(),
        site=site,
        columns=tuple(COLUMNS),
        rows=rows,
        meta={"definition": DEFINITION},
    )


def check_sensor(context: Context, site: Site, sensor: str) -> None:
    """See that a sensor is mapped, or was ever heard.

    Raises:
        AnswerError: there is none of this id.
    """
    if sensor not in site.sensors_by_id and sensor not in context.live.in_force(site.id, context.now()):
        raise AnswerError(f"There is no sensor {shown(sensor)!r}; /sensors lists them", fault=Fault.MISSING)
