"""All settings of Espalier, in one module, driven by the environment (docs/settings.md lists every variable)."""

import os
import secrets
from datetime import timedelta
from pathlib import Path

from csp.constants import NONE, SELF

from config.environment import (
    amount,
    database,
    fingerprint,
    kept_secret_key,
    limit,
    names,
    one_of,
    time_zone,
    whole_number,
)

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(os.environ.get("ESPALIER_DATA") or BASE_DIR / "data").resolve()
HOST = "127.0.0.1"
PORT = whole_number("PORT", 8000, 1, 65535)

DEBUG = False
# `manage.py serve` makes this file at its first start; until then, a fresh key per process is the safe default.
SECRET_KEY_FILE = DATA_DIR / "secret-key"
SECRET_KEY = os.environ.get("ESPALIER_SECRET_KEY") or kept_secret_key(SECRET_KEY_FILE) or secrets.token_urlsafe(48)
# Host is checked on every request: else another site could reach us by pointing its own name at loopback.
ALLOWED_HOSTS = [HOST, "localhost", "[::1]", *names("ESPALIER_HOSTS")]

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "csp",
    "django_htmx",
    "template_partials.apps.SimpleAppConfig",  # the loader is not replaced: partials come as template builtins below
    "sessions_app.apps.SessionsAppConfig",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",  # every view is private unless it says otherwise
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "sessions_app.views.context.shell",
            ],
            "loaders": [
                (
                    "template_partials.loader.Loader",
                    [("django.template.loaders.cached.Loader", ["django.template.loaders.filesystem.Loader"])],
                )
            ],
            "builtins": ["template_partials.templatetags.partials", "sessions_app.templatetags.espalier"],
        },
    }
]

SQLITE_OPTIONS = {
    # Without IMMEDIATE, two transactions that read before they write fail at once, whatever the timeout says.
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA mmap_size=134217728;PRAGMA cache_size=-20000;"
    ),
}
SQLITE = {
    "ENGINE": "django.db.backends.sqlite3",
    "NAME": DATA_DIR / "espalier.sqlite3",
    "OPTIONS": SQLITE_OPTIONS,
    # Tests need a file: an in-memory database is one connection, and the runner has its own threads.
    "TEST": {"NAME": DATA_DIR / "test.sqlite3"},
}
DATABASES = {"default": database("DATABASE_URL") or SQLITE}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# The channel layer is a doorbell, never a carrier of content: what it drops, a page catches up with (docs/live.md).
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}}

AUTH_USER_MODEL = "sessions_app.User"
LOGIN_URL = "sign-in"
# Cookies ignore ports: two servers on one machine would sign each other out without a name of their own.
SESSION_COOKIE_NAME = f"espalier_session_{PORT}"
CSRF_COOKIE_NAME = f"espalier_csrf_{PORT}"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "sessions_app.views.errors.csrf_failure"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

STATICFILES_DIRS = [BASE_DIR / "static"]
# The address changes with the files, so a browser may keep them for good: thirty questions less before a page is shown.
STATIC_URL = f"static/{fingerprint(STATICFILES_DIRS[0])}/"
# What a page is made of. One that was loaded with another is asked to load itself anew (docs/live.md).
FRONT_END = fingerprint(STATICFILES_DIRS[0], BASE_DIR / "templates")
USE_TZ = True
TIME_ZONE = time_zone()
LANGUAGE_CODE = "en"
USE_I18N = False
DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024

LOG_LEVEL = one_of("ESPALIER_LOG", "WARNING", ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        # What strangers and mistyped addresses get is an answer, not a line (or a traceback) in the person's terminal.
        "django.request": {"level": "ERROR" if LOG_LEVEL == "WARNING" else LOG_LEVEL},
        "django.security": {"level": "CRITICAL" if LOG_LEVEL == "WARNING" else LOG_LEVEL},
    },
}

# How turns run (docs/settings.md).
# Ask about what the agent may not do unasked, unless whoever starts a branch chooses otherwise.
PERMISSION_MODE = one_of("ESPALIER_PERMISSION_MODE", "ask", ("ask", "accept_edits", "plan"))
ALLOW_BYPASS = os.environ.get("ESPALIER_ALLOW_BYPASS") == "1"
ANSWER_TIME = timedelta(seconds=whole_number("ESPALIER_ANSWER_SECONDS", 3600, 5, 30 * 24 * 3600))
PARALLEL_TURNS = whole_number("ESPALIER_PARALLEL_TURNS", 4, 1, 100)
STOP_SECONDS = whole_number("ESPALIER_STOP_SECONDS", 5, 0, 3600)
STALL_SECONDS = whole_number("ESPALIER_STALL_SECONDS", 180, 10, 86_400)
TOOL_SECONDS = whole_number("ESPALIER_TOOL_SECONDS", 1800, 10, 86_400)
TURN_BUDGET_USD = amount("ESPALIER_TURN_BUDGET_USD")
TURN_STEPS = limit("ESPALIER_TURN_STEPS", 1, 10_000)
MODELS = names("ESPALIER_MODELS", "sonnet,opus,haiku")
DEFAULT_MODEL = os.environ.get("ESPALIER_MODEL") or MODELS[0]
# Whether the scripted model answers, because there are no credentials for a real one: `manage.py serve` decides.
DEMO_MODEL = False
