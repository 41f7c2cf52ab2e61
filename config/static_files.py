"""Static files, straight from where they lie: no collectstatic between clone and first page."""

from wsgiref.headers import Headers

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from servestatic import ServeStaticASGI

from config.origin import Application


def with_static_files(application: Application) -> Application:
    """`application`, with the files of every static directory answered before it sees the request."""
    files = ServeStaticASGI(
        application,
        # Looked up at each request: after a `git pull` under a running server, sizes noted at its start would be wrong.
        autorefresh=True,
        max_age=None,
        allow_all_origins=False,
        add_headers_function=add_headers,
    )
    directories = [storage.location for finder in get_finders() for storage in getattr(finder, "storages", {}).values()]
    for directory in reversed(directories):  # as in Django, the first one wins; as in servestatic, the last one added
        files.add_files(directory, prefix=settings.STATIC_URL)
    served: Application = files
    return served


def add_headers(headers: Headers, path: str, url: str) -> None:
    headers["Cache-Control"] = "public, max-age=31536000, immutable"
    headers["X-Content-Type-Options"] = "nosniff"
