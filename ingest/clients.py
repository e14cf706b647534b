"""Clients of a broker as we want them of paho-mqtt, and what each says when it connects."""

import ssl
from typing import Any, TypeVar

import paho.mqtt.client as mqtt
from paho.mqtt.enums import CallbackAPIVersion
from paho.mqtt.packettypes import PacketTypes
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from ingest.settings import IngestSettings

AnyClient = TypeVar("AnyClient", bound=mqtt.Client)
CONNECT_SECONDS = 10.0
_UNSUPPORTED_VERSION = 0x84
"""A reason code of MQTT 5; a broker of 3.1.1 may also close the connection without a word."""


def make_client(kind: type[AnyClient], settings: IngestSettings, *, clean: bool, persistent: bool = False) -> AnyClient:
    """Return a paho client of a broker.

    `clean` is whether MQTT 3.1.1 leaves no session behind, `persistent` whether paho connects again by itself.
    """
    v5 = settings.protocol == "5"
    client = kind(
        CallbackAPIVersion.VERSION2,
        client_id=settings.client_id,
        clean_session=None if v5 else clean,
        protocol=mqtt.MQTTv5 if v5 else mqtt.MQTTv311,
        manual_ack=True,
        reconnect_on_failure=persistent,
    )
    client.connect_timeout = CONNECT_SECONDS
    if settings.username is not None:
        client.username_pw_set(settings.username, settings.password)
    if settings.tls:
        client.tls_set_context(ssl.create_default_context(cafile=settings.ca_file))
    return client


def session_of(settings: IngestSettings) -> dict[str, Any]:
    """Return what makes the session outlive the connection; MQTT 5 needs both said, or it is wiped."""
    if settings.protocol != "5":
        return {}
    properties = Properties(PacketTypes.CONNECT)  # type: ignore[no-untyped-call]  # paho's own
    properties.SessionExpiryInterval = settings.session_expiry
    properties.ReceiveMaximum = min(settings.receive_maximum, 65_535)
    return {"clean_start": False, "properties": properties}


def not_let_in(settings: IngestSettings, code: ReasonCode) -> str:
    """Return what to tell of a broker that refused the connection, with what helps."""
    hint = older(settings) if code.value == _UNSUPPORTED_VERSION else ""
    return f"{settings.address} refused the connection: {code}{hint}"


def older(settings: IngestSettings) -> str:
    """Return what helps where the broker may not speak our version of MQTT."""
    return '; where it speaks MQTT 3.1.1 alone, set mqtt_protocol to "3.1.1"' if settings.protocol == "5" else ""
