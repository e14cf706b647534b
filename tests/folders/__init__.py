"""Data folders that an earlier commit has left, and that later code has to open and go on with."""
