"""A small HTTP client with a cookie jar, which posts as a form of our pages would."""

import re
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import Message
from http.cookiejar import CookieJar

PATIENCE = 20  # seconds


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    url: str
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


class Client:
    """Follows redirects. Addresses may be paths."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cookies = CookieJar()
        self.last_token = ""
        # No proxy, whatever the environment says: the server is on this machine.
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies)
        )

    def get(self, address: str, headers: Mapping[str, str] | None = None) -> Answer:
        return self._ask(urllib.request.Request(self._full(address), headers=dict(headers or {})))  # noqa: S310

    def post(self, address: str, data: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Answer:
        """Post a form, with the CSRF token of the last page that had one, unless `data` brings its own."""
        fields = {"csrfmiddlewaretoken": self.last_token} | dict(data)
        sent = {"Origin": self.url} | dict(headers or {})
        body = urllib.parse.urlencode(fields).encode()
        return self._ask(urllib.request.Request(self._full(address), body, sent, method="POST"))  # noqa: S310

    def cookie_header(self) -> str:
        """For a socket opened in this client's name."""
        return "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.cookies)

    def _full(self, address: str) -> str:
        return urllib.parse.urljoin(self.url, address)

    def _ask(self, request: urllib.request.Request) -> Answer:
        try:
            response = self._opener.open(request, timeout=PATIENCE)
        except urllib.error.HTTPError as error:
            response = error
        with response:
            answer = Answer(response.status, response.url, response.headers, response.read())
        if token := re.search(rb'csrfmiddlewaretoken"\s+value="([^"]+)"', answer.body):
            self.last_token = token[1].decode()
        return answer
