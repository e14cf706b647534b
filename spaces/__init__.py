"""The vocabulary of a house: sites, floors, zones, spaces, sensors, calendars and readings.

No I/O lives here but reading site files.
"""
