"""Messages of no known family, by rules that a house has written itself: `topic` of its models says where they come.

A plain text is the field with the empty name: `at = "/"` leads there.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from ingest.formats import Device, Filter, Heard, Ignored, Known, Outcome
from ingest.formats.jsontext import MOST_PAYLOAD, decode_json, read_word
from ingest.formats.roster import NOBODY, Roster, note
from ingest.meaning import observe
from ingest.refusals import Refusal
from spaces.models import Model, Models

SOURCE = "mapping"


class _Route(NamedTuple):
    levels: tuple[str, ...]
    model: Model


class Mapped:
    """Reads messages by models that have topics.

    >>> from spaces.models import NumberRule, Part
    >>> model = Model("beam", "Beam", (Part(people=NumberRule(((("n"),),))),), topics=("house/{floor}/{device}/beam",))
    >>> form = Mapped({"beam": model})
    >>> form.filters[0].topics
    'house/+/+/beam'
    >>> said, _ = form.hear("house/2/hall/beam", b'{"n":3}', retained=False, state=form.initial(), known=lambda _: None)
    >>> said[0].address.name, said[0].people
    ('hall', 3)
    """

    def __init__(self, models: Models) -> None:
        self._routes = [_Route(tuple(topic.split("/")), model) for model in models.values() for topic in model.topics]

    @property
    def filters(self) -> tuple[Filter, ...]:
        """The topics of all models, each once."""
        topics = ("/".join(_filter(level) for level in route.levels) for route in self._routes)
        return tuple(Filter(topic, shared=False) for topic in dict.fromkeys(topics))

    def limit(self, topic: str) -> int:  # noqa: ARG002 - a house's own messages are alike
        """Return how many bytes a message may have."""
        return MOST_PAYLOAD

    def initial(self) -> Roster:
        """Return the roster before anybody spoke."""
        return NOBODY

    def hear(
        self,
        topic: str,
        payload: bytes,
        *,
        retained: bool,  # noqa: ARG002 - its age is the worker's business
        state: Roster,
        known: Known,
    ) -> Heard[Roster]:
        """Return what a message says, and the roster after it."""
        outcome: Outcome = self._hear(topic.split("/"), payload, known) if payload else Ignored(SOURCE)
        return outcome, note(state, outcome)

    def _hear(self, levels: list[str], payload: bytes, known: Known) -> Outcome:
        for route in self._routes:
            names = _match(route.levels, levels)
            if names is None:
                continue
            fields = decode_json(payload) if payload[:1] in b"{[" else {"": read_word(payload)}
            if isinstance(fields, Refusal):
                return fields
            device = Device(names["device"], names.get("slot"), label=names["device"])
            own = known(device.address)
            return observe(own if own is not None and own.topics else route.model, fields, device) or Ignored(SOURCE)
        return Ignored(SOURCE)


def has_topics(models: Iterable[Model]) -> dict[str, Model]:
    """Return the models that say where their messages come."""
    return {model.id: model for model in models if model.topics}


def _filter(level: str) -> str:
    return "+" if level.startswith("{") else level


def _match(pattern: tuple[str, ...], levels: list[str]) -> Mapping[str, str] | None:
    """Return the named levels of a topic, None where it does not fit.

    >>> _match(("a", "{device}", "#"), ["a", "b", "c", "d"])
    {'device': 'b'}
    """
    if pattern[-1] == "#":
        pattern, levels = pattern[:-1], levels[: len(pattern) - 1]
    if len(pattern) != len(levels):
        return None
    names = {}
    for wanted, level in zip(pattern, levels, strict=True):
        if wanted.startswith("{"):
            names[wanted[1:-1]] = level
        elif wanted not in {"+", level}:
            return None
    return names if names.get("device") else None
