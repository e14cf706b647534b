"""The InfluxDB 2 store, and what else passes between ledig and an InfluxDB."""
