"""Roll-ups: states of spaces summed up by UTC quarter-hour, from which a year's figures are cheap."""
