"""Codecs by the name that models call them."""

from ingest.codecs import Codecs
from ingest.codecs.milesight import read_milesight

CODECS: Codecs = {"milesight": read_milesight}
