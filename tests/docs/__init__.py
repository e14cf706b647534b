"""The documentation against the code: these fail when one of them moves."""
