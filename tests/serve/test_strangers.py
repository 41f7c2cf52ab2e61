"""What another site, another program on this machine or a stranger gets from the server: nothing."""

import re
import socket
from pathlib import Path

import pytest
from django.conf import settings
from websockets.exceptions import InvalidStatus
from websockets.sync.client import connect
from websockets.typing import Origin

from config.environment import fingerprint
from tests.support.client import Client
from tests.support.server import ServerProcess, signed_in_client

PAGES = ["/", "/sign-in/"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "10.0.0.1"])
def test_another_host_name_is_refused(server: ServerProcess, host: str) -> None:
    assert Client(server.url).get("/", {"Host": f"{host}:{server.port}"}).status == 400


def test_a_form_without_its_token_is_refused(server: ServerProcess) -> None:
    client = signed_in_client(server)
    client.get("/")
    assert client.post("/sign-out/", {"csrfmiddlewaretoken": ""}).status == 403
    assert client.post("/sign-out/", {}).status == 200


def test_a_form_of_another_site_is_refused(server: ServerProcess) -> None:
    client = signed_in_client(server)
    client.get("/")
    assert client.post("/sign-out/", {}, {"Origin": "http://127.0.0.1:1"}).status == 403


@pytest.fixture(scope="module")
def cookies(server: ServerProcess) -> str:
    return signed_in_client(server).cookie_header()


def open_socket(server: ServerProcess, origin: str | None, host: str | None = None, cookies: str = "") -> None:
    """Open and close a socket; `host` stands in for the Host header, as a page with a rebound name would send it."""
    address = f"ws://{host}/live/" if host else f"ws://127.0.0.1:{server.port}/live/"
    headers = {"Cookie": cookies} if cookies else {}
    named = None if origin is None else Origin(origin)
    transport = socket.create_connection(("127.0.0.1", server.port))
    with transport, connect(address, sock=transport, origin=named, additional_headers=headers):
        pass


def test_our_own_page_may_open_a_socket(server: ServerProcess, cookies: str) -> None:
    open_socket(server, server.url, cookies=cookies)
    open_socket(server, f"http://localhost:{server.port}", host=f"localhost:{server.port}", cookies=cookies)


@pytest.mark.parametrize(
    "origin",
    [
        None,
        "null",
        "http://evil.example",
        "http://127.0.0.1",
        "http://127.0.0.1:{other}",
        "http://localhost:{port}",
        "ftp://127.0.0.1:{port}",
        "http://127.0.0.1:{port}/",
        "http://evil.example, http://127.0.0.1:{port}",
    ],
)
def test_no_other_page_may_open_a_socket(server: ServerProcess, cookies: str, origin: str | None) -> None:
    asked = origin and origin.format(port=server.port, other=server.port + 1)
    with pytest.raises(InvalidStatus) as caught:
        open_socket(server, asked, cookies=cookies)
    assert caught.value.response.status_code == 403


def test_a_socket_under_another_host_name_is_refused(server: ServerProcess, cookies: str) -> None:
    name = f"evil.example:{server.port}"
    with pytest.raises(InvalidStatus) as caught:
        open_socket(server, f"http://{name}", host=name, cookies=cookies)
    assert caught.value.response.status_code == 403


@pytest.mark.parametrize("path", PAGES)
def test_pages_forbid_foreign_and_inline_code(server: ServerProcess, path: str) -> None:
    answer = signed_in_client(server).get(path)
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self'" in policy
    assert "unsafe" not in policy
    assert "Server" not in answer.headers
    assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.parametrize("path", PAGES)
def test_pages_name_no_other_host(server: ServerProcess, path: str) -> None:
    html = Client(server.url).get(path).text + signed_in_client(server).get(path).text
    loaded = re.findall(r"""(?:src|href|action|poster|data)\s*=\s*["']?((?:https?:)?//[^"' >]+)""", html)
    assert loaded == []
    assert "style=" not in html
    assert not re.search(r"<script(?![^>]*\bsrc=)", html)


def test_static_files_are_kept_for_good_under_an_address_that_changes_with_them(server: ServerProcess) -> None:
    client = Client(server.url)
    address = f"{settings.STATIC_URL}vendor/idiomorph-ext.min.js"
    first = client.get(address)
    assert first.status == 200
    assert "immutable" in first.headers["Cache-Control"]
    assert "Access-Control-Allow-Origin" not in first.headers
    assert client.get(address, {"If-None-Match": first.headers["ETag"]}).status == 304
    assert client.get("/static/vendor/idiomorph-ext.min.js").status == 404
    assert client.get(f"{settings.STATIC_URL}../../config/settings.py").status == 404
    assert client.get(f"{settings.STATIC_URL}%2e%2e/%2e%2e/config/settings.py").status == 404


def test_the_address_of_static_files_changes_with_any_of_them(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a")
    before = fingerprint(tmp_path)
    assert fingerprint(tmp_path) == before
    (tmp_path / "a.css").write_text("b")
    assert fingerprint(tmp_path) != before
