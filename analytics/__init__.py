"""Pure functions over numpy arrays: from readings to figures."""
