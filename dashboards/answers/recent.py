"""Keeping the few things that were asked for last."""

from collections import OrderedDict
from typing import TypeVar

Name = TypeVar("Name")
Value = TypeVar("Value")


def keep(kept: OrderedDict[Name, Value], name: Name, value: Value, most: int) -> None:
    """Keep a value as the newest, and let go of the oldest."""
    kept[name] = value
    kept.move_to_end(name)
    while len(kept) > most:
        kept.popitem(last=False)
