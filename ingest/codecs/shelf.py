"""Codecs by the name that models call them."""

from functools import partial

from ingest.codecs import Codecs
from ingest.codecs.elsys import read_elsys
from ingest.codecs.milesight import LAYOUTS, read_milesight

CODECS: Codecs = {"elsys": read_elsys, **{layout: partial(read_milesight, layout=layout) for layout in LAYOUTS}}
