"""Read settings from the environment, with one clear sentence for a value that cannot be."""

import hashlib
import os
import re
from collections.abc import Collection
from decimal import Decimal
from importlib.metadata import version
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import dj_database_url
from django.core.exceptions import ImproperlyConfigured


def whole_number(name: str, default: int, lowest: int, highest: int) -> int:
    value = os.environ.get(name) or str(default)
    if not (value.isascii() and value.isdigit() and lowest <= int(value) <= highest):
        raise ImproperlyConfigured(f"{name} must be a whole number from {lowest} to {highest}, not {value!r}.")
    return int(value)


def limit(name: str, lowest: int, highest: int) -> int | None:
    """A whole number; None, which is no limit, when it is not set."""
    return whole_number(name, lowest, lowest, highest) if os.environ.get(name) else None


def amount(name: str) -> Decimal | None:
    """An amount of money above zero, such as 0.50; None when it is not set."""
    if not (value := os.environ.get(name)):
        return None
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", value, re.ASCII) or not Decimal(value):
        raise ImproperlyConfigured(f"{name} must be an amount of US dollars such as 0.50, not {value!r}.")
    return Decimal(value)


def one_of(name: str, default: str, allowed: Collection[str]) -> str:
    value = os.environ.get(name) or default
    if value not in allowed:
        raise ImproperlyConfigured(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def names(name: str, default: str = "") -> list[str]:
    """The names in a comma-separated list; those of `default` when there are none."""
    given = split(os.environ.get(name, ""))
    return given or split(default)


def split(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def time_zone() -> str:
    """The zone of $TZ when it names one: TZ may also hold a rule or a file, which Django does not take."""
    zone = os.environ.get("TZ") or "UTC"
    try:
        ZoneInfo(zone)
    except (ValueError, OSError):
        return "UTC"
    return zone


def database(name: str) -> dict[str, Any] | None:
    """The database at the address in variable `name`; None when it is not set."""
    if not (address := os.environ.get(name)):
        return None
    try:
        return dict(dj_database_url.parse(address))
    except ValueError as error:
        # The address is not repeated: it may hold a password.
        raise ImproperlyConfigured(f"{name} must look like postgresql://user:password@host:port/name.") from error


def kept_secret_key(path: Path) -> str | None:
    """The key that `manage.py serve` keeps in `path`; None before its first start."""
    try:
        return path.read_text("ascii").strip() or None
    except (OSError, ValueError):
        return None


def fingerprint(*directories: Path) -> str:
    """A word that changes with the files in `directories` and with htmx, which comes from a package."""
    digest = hashlib.sha256(version("django-htmx").encode())
    for directory in directories:
        for path in sorted(directory.rglob("*")):
            if path.is_file():
                digest.update(path.relative_to(directory).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]
