"""The models that there are: ours, and those that a house has in a file beside its site."""

import re
from collections.abc import Iterable
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType

from spaces.models import Model, Models, Part
from spaces.models.modelfile import read_models
from spaces.times import HOUR

NATIVE = Model(id="native", name="ledig's own format", parts=(Part(),), called=(), silence=2 * HOUR)
"""What speaks ledig's own JSON needs no rules."""
_WORD = re.compile(r"[A-Za-z0-9]+")


@cache
def our_models() -> Models:
    """Return the models that come with ledig, read once."""
    folder = Path(__file__).parent
    found = [model for file in sorted(folder.glob("*.toml")) for model in read_models(file)]
    return MappingProxyType({model.id: model for model in (NATIVE, *found)})


@cache
def _by_name() -> MappingProxyType[str, Model]:
    return MappingProxyType({name.casefold(): model for model in our_models().values() for name in model.called})


@lru_cache(maxsize=4_096)
def recognise(name: str) -> Model | None:
    """Return the model of ours that a text names among other words, None where it names none.

    >>> recognise("Milesight VS341 (desks)").id, recognise("VS34")
    ('milesight-vs34x', None)
    """
    known = _by_name()
    return known.get(name.casefold()) or next(
        (known[word] for word in map(str.casefold, _WORD.findall(name)) if word in known), None
    )


def overlay(models: Iterable[Model]) -> Models:
    """Return our models with others before them: a house knows its own better."""
    return {**our_models(), **{model.id: model for model in models}}
