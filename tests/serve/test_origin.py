"""Which pages may open a socket."""

import pytest

from config.origin import same_origin

OURS = (b"host", b"127.0.0.1:8000")


@pytest.mark.parametrize(
    ("host", "origin"),
    [
        (b"127.0.0.1:8000", b"http://127.0.0.1:8000"),
        (b"localhost:8000", b"http://localhost:8000"),
        (b"[::1]:8000", b"http://[::1]:8000"),
        (b"localhost", b"https://localhost"),
    ],
)
def test_our_own_page_may(host: bytes, origin: bytes) -> None:
    assert same_origin([(b"host", host), (b"origin", origin)])


@pytest.mark.parametrize(
    "headers",
    [
        [OURS],
        [(b"origin", b"http://127.0.0.1:8000")],
        [OURS, (b"origin", b"")],
        [OURS, (b"origin", b"null")],
        [OURS, (b"origin", b"http://127.0.0.1:8001")],
        [OURS, (b"origin", b"http://127.0.0.1")],
        [OURS, (b"origin", b"http://localhost:8000")],
        [OURS, (b"origin", b"http://127.0.0.1:8000/")],
        [OURS, (b"origin", b"HTTP://127.0.0.1:8000")],
        [OURS, (b"origin", b"http://127.0.0.1:8000.evil.example")],
        [OURS, (b"origin", b"http://evil.example"), (b"origin", b"http://127.0.0.1:8000")],
        [OURS, OURS, (b"origin", b"http://127.0.0.1:8000")],
        [(b"host", b"evil.example"), (b"origin", b"http://evil.example")],
        [(b"host", b"127.0.0.1:8000@evil.example"), (b"origin", b"http://127.0.0.1:8000@evil.example")],
        [(b"host", b""), (b"origin", b"http://")],
    ],
)
def test_nobody_else_may(headers: list[tuple[bytes, bytes]]) -> None:
    assert not same_origin(headers)
