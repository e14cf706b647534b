"""The command line, the settings, and the assembly of the parts into processes."""
