"""Answers to questions about houses: plain arguments in, columns with their frame out, and no HTTP.

Whoever asks names a site, a window, groups of spaces and a measure; what comes back is an `Answer`; `disclosed` gives
what of it may be shown. The one error is `AnswerError`: it says which argument is wrong and what would be right, or
what is missing, full or unreadable. What the store cannot give stays a `StoreError`.

The API parses requests and encodes answers (`dashboards/api`); the command line and the report ask here directly.
"""
