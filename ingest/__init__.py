"""MQTT in: messages become readings, are committed, and only then acknowledged.

`link` speaks MQTT, `formats` say what messages mean, `acceptance` judges it, `worker` commits and acknowledges,
`ledger` counts every message and every reading once, and `quarantine` keeps what was refused.
"""
