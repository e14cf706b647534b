"""Where readings rest: one small Protocol and what keeps it."""
