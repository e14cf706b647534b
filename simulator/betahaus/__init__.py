"""Betahaus Berlin, the house of the examples: modelled on the real one, and simulated throughout."""

from pathlib import Path

SITE: Path = Path(__file__).parent
"""The folder of the site file and its lists, as `spaces.sitefile.load_site` takes it."""
