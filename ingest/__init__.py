"""MQTT in: messages become readings, are committed, and only then acknowledged.

`link` speaks MQTT, `routes` and `acceptance` judge what came, `worker` commits and acknowledges, `ledger` counts
every message once, and `quarantine` keeps what was refused.
"""
