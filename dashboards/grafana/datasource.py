"""Data sources as Grafana's API takes them, with fixed uids."""

from dashboards.grafana import infinity, influx
from dashboards.grafana.source import Json


def infinity_source(address: str, key: str) -> Json:
    """Return the API as a data source: nothing but the API can be asked through it.

    Args:
        address: of the API, as Grafana reaches it.
        key: the viewer key, empty where the API asks for none.
    """
    address = address.rstrip("/")
    found: Json = {
        "uid": infinity.UID,
        "name": "ledig",
        "type": infinity.PLUGIN,
        "access": "proxy",
        "url": address,
        "jsonData": {
            "auth_method": "bearerToken" if key else "none",
            "allowedHosts": [address],
            "customHealthCheckEnabled": True,
            "customHealthCheckUrl": f"{address}/v1/sites",
            "timeoutInSeconds": 60,
        },
    }
    return {**found, "secureJsonData": {"bearerToken": key}} if key else found


def influx_source(address: str, org: str, bucket: str, token: str) -> Json:
    """Return an InfluxDB 2 as a data source, asked in Flux."""
    return {
        "uid": influx.UID,
        "name": "ledig on InfluxDB",
        "type": "influxdb",
        "access": "proxy",
        "url": address.rstrip("/"),
        "jsonData": {"version": "Flux", "organization": org, "defaultBucket": bucket, "httpMode": "POST"},
        "secureJsonData": {"token": token},
    }
