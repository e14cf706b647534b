"""Turning dumps of others' counts into recordings: `ledig convert`.

A mapping file says what the columns mean (`simulator.convert.mapping`); each row becomes one message in ledig's native
format, published at the moment it was measured.
"""

from simulator.convert.conversion import Conversion, ConversionError, convert
from simulator.convert.mapping import MappingError

__all__ = ["Conversion", "ConversionError", "MappingError", "convert"]
