"""The answers of another checkout beside those of this one: `python -m benchmarks.compare CHECKOUT`.

Both are asked the same questions on copies of the same data, under one standing clock, each in processes of its own
environment. What may differ by nature is set aside by name (in `answers`, `commands` and `ingesting`); all else is held
to the byte.
"""
