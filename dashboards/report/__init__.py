"""One self-contained file for a planner and a board: figures, pictures, definitions, coverage, and what follows.

A report says what everybody is answered: `asked` says how it asks, `use`, `rooms` and `outlook` what of each subject,
`charts` draws, `writing` puts it together. Its words are in `dashboards.words`. Nothing is imported here: the library
that draws is for those who write a report.
"""
