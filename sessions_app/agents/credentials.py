"""Credentials: which variables of the server's environment let an agent reach a model."""

from collections.abc import Mapping
from pathlib import Path

# Any of these says: there is a real model to talk to.
DECISIVE = (
    "ANTHROPIC_API_KEY",
    "ANTHROPIC_AUTH_TOKEN",
    "ANTHROPIC_BASE_URL",
    "CLAUDE_CODE_OAUTH_TOKEN",
    "CLAUDE_CODE_USE_BEDROCK",
    "CLAUDE_CODE_USE_VERTEX",
    "CLAUDE_CODE_USE_FOUNDRY",
)
# These say how to reach it, and go along.
ACCOMPANYING = (
    "ANTHROPIC_BEDROCK_BASE_URL",
    "ANTHROPIC_CUSTOM_HEADERS",
    "ANTHROPIC_DEFAULT_HAIKU_MODEL",
    "ANTHROPIC_DEFAULT_OPUS_MODEL",
    "ANTHROPIC_DEFAULT_SONNET_MODEL",
    "ANTHROPIC_FOUNDRY_API_KEY",
    "ANTHROPIC_FOUNDRY_BASE_URL",
    "ANTHROPIC_FOUNDRY_RESOURCE",
    "ANTHROPIC_SMALL_FAST_MODEL",
    "ANTHROPIC_VERTEX_BASE_URL",
    "ANTHROPIC_VERTEX_PROJECT_ID",
    "ALL_PROXY",
    "AWS_ACCESS_KEY_ID",
    "AWS_BEARER_TOKEN_BEDROCK",
    "AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_REGION",
    "AWS_PROFILE",
    "AWS_REGION",
    "AWS_ROLE_ARN",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE",
    "CLAUDE_CODE_SKIP_BEDROCK_AUTH",
    "CLAUDE_CODE_SKIP_VERTEX_AUTH",
    "CLOUDSDK_CONFIG",
    "CLOUD_ML_REGION",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "GOOGLE_CLOUD_PROJECT",
    "HTTPS_PROXY",
    "HTTP_PROXY",
    "NO_PROXY",
    "NODE_EXTRA_CA_CERTS",
    "SSL_CERT_DIR",
    "SSL_CERT_FILE",
    "all_proxy",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def find_credentials(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables to hand to the CLI; empty when `environ` (the server's) names no way to a model."""
    found = {name: environ[name] for name in DECISIVE if environ.get(name)}
    if not found:
        return {}
    found |= {name: environ[name] for name in ACCOMPANYING if environ.get(name)}
    if set(found) & set(DECISIVE) == {"ANTHROPIC_BASE_URL"}:
        # A gateway that needs no key: the CLI does not start a request without one.
        found["ANTHROPIC_API_KEY"] = "not-needed"
    return found | cloud_files(found, environ)


def cloud_files(found: Mapping[str, str], environ: Mapping[str, str]) -> dict[str, str]:
    """Where the person's cloud logins lie: agents get a home of their own and would look for them there."""
    home = Path(environ.get("HOME", "/"))
    files: dict[str, str] = {}
    if "CLAUDE_CODE_USE_BEDROCK" in found:
        files |= {"AWS_CONFIG_FILE": f"{home}/.aws/config", "AWS_SHARED_CREDENTIALS_FILE": f"{home}/.aws/credentials"}
    if "CLAUDE_CODE_USE_VERTEX" in found:
        files |= {"CLOUDSDK_CONFIG": f"{home}/.config/gcloud"}
    return {name: path for name, path in files.items() if name not in found and Path(path).exists()}
