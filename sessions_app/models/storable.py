"""What every database can store: PostgreSQL refuses NUL, and none takes half a surrogate pair."""

from typing import Any


def storable(value: Any) -> Any:
    """Without what a database refuses, in strings anywhere in JSON data. What the SDK delivers may hold it."""
    match value:
        case str():
            return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case list():
            return [storable(item) for item in value]
        case dict():
            return {storable(key): storable(item) for key, item in value.items()}
    return value
