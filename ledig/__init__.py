"""The command line, the settings, and the assembly of the rooms into processes."""
