"""Whole paths: from a message or a file to a figure."""
