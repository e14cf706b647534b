"""iCalendar (RFC 5545 and 5546), as much of it as says when a room is booked.

`stream` reads content lines and the components they make up, `values` dates, times and durations, `clocks` time zones,
`rules` what repeats; `layout` lays rules out; `events` reads an event, and `series` settles versions of one event,
cancellations, and occurrences that differ. Nothing here looks at a clock, or keeps anything from one file to the next.
"""
