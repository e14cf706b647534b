"""The InfluxDB 2 store, and what else passes between ledig and an InfluxDB."""

from store.influx.settings import InfluxSettings
from store.influx.store import InfluxStore

__all__ = ["InfluxSettings", "InfluxStore"]
