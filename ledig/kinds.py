"""The kinds of values that settings have: each reads what was written, or says what is wrong with it (ValueError)."""

from collections.abc import Callable
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

Value = TypeVar("Value")


def text(value: object) -> str:
    """Read a text that says something."""
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return value.strip()


def path(value: object) -> Path:
    """Read a path; `~` stands for home."""
    return Path(text(value)).expanduser()


def optional(read: Callable[[object], Value]) -> Callable[[object], Value | None]:
    """Read a kind, or nothing as None."""
    return lambda value: None if value == "" else read(value)


def several(read: Callable[[object], Value], wanted: str) -> Callable[[object], tuple[Value, ...]]:
    """Read a list of a kind, or a text with commas between; `wanted` says of what."""

    def read_all(value: object) -> tuple[Value, ...]:
        parts = value.split(",") if isinstance(value, str) else value
        if not isinstance(parts, list):
            raise ValueError(f"must be a list of {wanted}, or several with commas between")  # noqa: TRY004 - one kind for all
        return tuple(read(part) for part in parts if part != "")

    return read_all


def whole(least: int, most: int) -> Callable[[object], int]:
    """Read a whole number within limits."""

    def read(value: object) -> int:
        found = int(value) if isinstance(value, str) and value.strip().isdecimal() else value
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            raise ValueError(f"{value!r} is not a whole number from {least} to {most}")
        return found

    return read


def one_of(*known: str, hint: str = "") -> Callable[[object], str]:
    """Read one of some words."""

    def read(value: object) -> str:
        if value not in known:
            raise ValueError(f"{value!r} is not one of {', '.join(known)}{hint}")
        return str(value)

    return read


def _address(*schemes: str, instead: str, login: str) -> Callable[[object], str]:
    """Read an address; `instead` says what is no such address and what to write, `login` where a name belongs."""

    def read(value: object) -> str:
        found = text(value)
        url = urlsplit(found)
        if url.scheme not in schemes or not url.hostname:
            raise ValueError(f"{found!r} is no address of {instead}")
        if url.username or url.password:
            raise ValueError(login)
        _ = url.port  # raises ValueError where it is no port
        return found

    return read


broker = _address(
    "mqtt",
    "mqtts",
    instead="a broker; write mqtt://127.0.0.1:1883, or mqtts:// for TLS",
    login="names go into broker_username, passwords into the file of broker_password_file",
)
_server = _address(
    "http",
    "https",
    instead="a server; write http://127.0.0.1:8086",
    login="names and passwords do not belong into an address",
)


def http(value: object) -> str:
    """Read the address of a server."""
    return _server(value).rstrip("/")


paths: Callable[[object], tuple[Path, ...]] = several(path, 'paths such as ["sites/house"]')
addresses: Callable[[object], tuple[str, ...]] = several(http, "addresses")
