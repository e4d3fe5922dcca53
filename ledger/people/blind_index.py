"""Blind indexes: finding a person by a phone or a contract number without keeping either in clear."""

import hashlib
import hmac
import re
import unicodedata
from typing import Final, Literal

IndexKind = Literal["phone", "contract_no", "family"]

_NO_DIGIT: Final = re.compile(r"[^0-9]")
_CHINA: Final = re.compile(r"(?:(?:\+|00)86|86)?(1[0-9]{10})")


def digest(key: bytes, kind: IndexKind, text: str) -> bytes:
    """32 bytes: HMAC-SHA-256 over the kind and the normal form of the text."""
    return hmac.digest(key, f"{kind}\0{normal_form(kind, text)}".encode(), hashlib.sha256)


def normal_form(kind: IndexKind, text: str) -> str:
    """What two ways of writing the same have in common.

    A phone: its digits, a mainland mobile number without the country's code, another country's with a plus. A contract
    number: full-width characters made narrow, no spaces, capitals.
    """
    narrow = unicodedata.normalize("NFKC", text)
    match kind:
        case "phone":
            number = ("+" if narrow.strip().startswith("+") else "") + _NO_DIGIT.sub("", narrow)
            mobile = _CHINA.fullmatch(number)
            return mobile[1] if mobile else re.sub("^00", "+", number)
        case "contract_no":
            return "".join(narrow.split()).upper()
        case "family":
            return text
