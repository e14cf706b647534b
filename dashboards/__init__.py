"""Figures out: the HTTP API and the built-in page."""
