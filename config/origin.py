"""Same origin, strictly: only our own pages may open a socket.

Browsers send cookies along with any page's WebSocket, and cookies ignore ports: without this check, a page of another
site, or of another program on this machine, could read every session over a socket opened in our person's name.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping
from typing import Any

from django.conf import settings
from django.http.request import split_domain_port, validate_host

Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class SameOriginOnly:
    """ASGI middleware for sockets: Host must be ours, and Origin must be exactly that host and port."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket":
            raise ValueError("SameOriginOnly guards sockets; Django's own middleware guards pages")
        if same_origin(scope["headers"]):
            await self.application(scope, receive, send)
            return
        await receive()
        # Closing before accepting is answered with 403.
        await send({"type": "websocket.close", "code": 1008, "reason": ""})


def same_origin(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    found = list(headers)
    hosts = [value.decode("latin-1") for name, value in found if name == b"host"]
    origins = [value.decode("latin-1") for name, value in found if name == b"origin"]
    if len(hosts) != 1 or len(origins) != 1:
        return False
    domain, _ = split_domain_port(hosts[0])
    if not domain or not validate_host(domain, settings.ALLOWED_HOSTS):
        return False
    return origins[0] in (f"http://{hosts[0]}", f"https://{hosts[0]}")
