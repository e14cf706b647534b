"""Names of others become ids by one rule, which is shown."""

import hashlib
import re
import unicodedata

from spaces.fields import is_id

_SPELT = str.maketrans(
    {
        "ä": "ae",
        "ö": "oe",
        "ü": "ue",
        "ß": "ss",
        "æ": "ae",
        "ø": "oe",
        "å": "aa",
        "œ": "oe",
        "ł": "l",
        "đ": "d",
        "þ": "th",
    }
    | {
        "Ä": "Ae",
        "Ö": "Oe",
        "Ü": "Ue",
        "Æ": "Ae",
        "Ø": "Oe",
        "Å": "Aa",
        "Œ": "Oe",
        "Ł": "L",
        "Đ": "D",
        "Þ": "Th",
        "ð": "d",
    }
)
_LONGEST = 64


def id_from(name: str) -> str:
    """Return the id of a name: letters without accents, and a "-" for whatever an id cannot hold.

    Where letters of other scripts are lost, or the name is too long, the first figures of its SHA-1 follow.

    >>> [id_from(name) for name in ("Room 2.04 (west)", "Küche", "d-12", "会議室 1")]
    ['Room-2.04-west', 'Kueche', 'd-12', '1-0d53189e']
    """
    if is_id(name):
        return name
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFC", name).translate(_SPELT))
    lost = any(sign.isalnum() and not sign.isascii() for sign in plain)
    kept = re.sub(r"[^A-Za-z0-9_.:]+", "-", plain.encode("ascii", "ignore" if not lost else "replace").decode())
    short = kept.lstrip("-_.:").rstrip("-")
    if not lost and short and len(short) <= _LONGEST:
        return short
    figures = hashlib.sha1(name.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()[:8]
    return f"{short[: _LONGEST - 9] or 'sensor'}-{figures}"
