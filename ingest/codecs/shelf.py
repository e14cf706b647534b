"""Codecs by the name that models call them."""

from functools import partial

from ingest.codecs import Codecs
from ingest.codecs.milesight import read_milesight

CODECS: Codecs = {
    "milesight": read_milesight,
    "milesight-vs321": partial(read_milesight, layout="milesight-vs321"),
    "milesight-ws203": partial(read_milesight, layout="milesight-ws203"),
}
