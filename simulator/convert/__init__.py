"""Turning dumps of others' counts into recordings: `ledig convert`.

A mapping file says what the columns mean (`mapping`, read by `mappingfile`). `tables` gives the rows of a file,
`layout` and `rows` turn them into values of sensors, `showings` tells their moments where the clock shows a time twice,
`sorting` puts them in order, and `streams` makes of them what the sensors said. `account` tells of every row.
"""

from simulator.convert.conversion import Conversion, ConversionError, convert
from simulator.convert.mappingfile import MappingError
from simulator.convert.streams import Seats

__all__ = ["Conversion", "ConversionError", "MappingError", "Seats", "convert"]
