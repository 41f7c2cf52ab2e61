"""The ASGI application: pages and static files over HTTP, live updates over one socket per page."""

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application
from django.urls import path

from config.origin import SameOriginOnly
from config.static_files import with_static_files

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
pages = get_asgi_application()  # sets Django up: what imports models comes after it

from sessions_app.live.consumer import LiveConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": with_static_files(pages),
        "websocket": SameOriginOnly(AuthMiddlewareStack(URLRouter([path("live/", LiveConsumer.as_asgi())]))),
    }
)
