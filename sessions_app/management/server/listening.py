"""The port: taken before anything else is started, so that a taken one costs nothing."""

import errno
import socket

from sessions_app.management.server.errors import CannotStartError

BACKLOG = 128


def listen(host: str, port: int) -> socket.socket:
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        # Else a restart would wait a minute for the system to forget the connections of the server before.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((host, port))
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        raise CannotStartError(explain(error, port)) from error
    listening.setblocking(False)
    return listening


def explain(error: OSError, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else 8000
        return f"Port {port} is already in use. Stop what uses it, or choose another: PORT={other} make run"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have. Choose one above 1023: PORT=8000 make run"
    return f"Port {port} cannot be opened ({error.strerror}). Choose another: PORT=8001 make run"
