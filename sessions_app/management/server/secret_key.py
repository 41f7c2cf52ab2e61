"""The secret key: made once, kept in the data directory, so that people stay signed in over a restart."""

import os
import secrets
from pathlib import Path

from django.conf import settings

from config.environment import kept_secret_key
from sessions_app.management.server.data_dir import unusable


def keep_secret_key(path: Path) -> None:
    """Use the key in `path` from now on, making it at the first start. $ESPALIER_SECRET_KEY goes before it."""
    if os.environ.get("ESPALIER_SECRET_KEY"):
        return
    try:
        if kept_secret_key(path) is None:
            write_new_key(path)
        path.chmod(0o600)
    except OSError as error:
        raise unusable(path.parent, error) from error
    settings.SECRET_KEY = kept_secret_key(path)


def write_new_key(path: Path) -> None:
    """Complete or not at all: a start that is cut off never leaves half a key."""
    draft = path.with_name(f"{path.name}.new")
    draft.unlink(missing_ok=True)
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(f"{secrets.token_urlsafe(48)}\n")
    draft.replace(path)
