"""What a service says when it cannot do what was asked."""


class ServiceError(Exception):
    """Its text is a whole sentence for the person who asked."""
