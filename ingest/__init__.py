"""MQTT in: payload formats, batching, commit-then-acknowledge, quarantine."""
