"""What is written is something that both databases can store."""

import pytest

from sessions_app.models.storable import storable


@pytest.mark.parametrize(
    ("value", "stored"),
    [
        ("a\x00b", "ab"),
        ("tree \U0001f333", "tree \U0001f333"),
        ("half \ud83c", "half \ufffd"),
        ("two halves \ud83c\udf33", "two halves \U0001f333"),
        ({"k\x00": ["a\x00", 1, None, {"b": "\udf33"}]}, {"k": ["a", 1, None, {"b": "\ufffd"}]}),
    ],
)
def test_what_a_database_refuses_is_replaced_wherever_it_hides(value: object, stored: object) -> None:
    assert storable(value) == stored
