"""The embedded store: one DuckDB file, append-only, without keys or indexes."""
