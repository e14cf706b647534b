"""The tables of the embedded store, and the view by which other tools read them.

`received` is kept as its lag behind the event time: lags are small and alike, and pack well.
"""

SCHEMA = """
BEGIN;
CREATE TABLE IF NOT EXISTS series (id INTEGER NOT NULL, site VARCHAR NOT NULL, sensor VARCHAR NOT NULL);
CREATE TABLE IF NOT EXISTS readings (
    series INTEGER NOT NULL,
    time BIGINT NOT NULL,
    lag BIGINT NOT NULL,
    occupied BOOLEAN,
    people INTEGER,
    battery DOUBLE,
    seq BIGINT,
    stamped BOOLEAN NOT NULL
);
CREATE OR REPLACE VIEW occupancy AS
SELECT
    epoch_ms(time) AS time, site, sensor, occupied, people, battery, seq,
    epoch_ms(time + lag) AS received, stamped
FROM readings JOIN series ON readings.series = series.id;
COMMIT;
"""

MERGED = """
SELECT series, time, min(lag) AS lag, bool_or(occupied) AS occupied, max(people) AS people,
    min(battery) AS battery, max(seq) AS seq, bool_and(stamped) AS stamped
FROM ({rows}) GROUP BY series, time
"""
"""Merges rows of one identity by field, as `spaces.reading.merge` does."""
