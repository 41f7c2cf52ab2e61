"""Why the server does not start."""


class CannotStartError(Exception):
    """The message is one sentence that says what is wrong and what to do."""
