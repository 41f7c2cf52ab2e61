"""The names of all channel groups."""

import uuid


def session_group(session_id: uuid.UUID) -> str:
    """Rung when anything in this session changed."""
    return f"session.{session_id.hex}"


def conversation_group(conversation_id: uuid.UUID) -> str:
    """Rung when any session of this tree changed."""
    return f"conversation.{conversation_id.hex}"


def requests_group(project_id: int) -> str:
    """Rung when somebody of this project is asked for permission, or no longer is."""
    return f"requests.{project_id}"


def project_group(project_id: int) -> str:
    """Rung when any tree of this project changed."""
    return f"project.{project_id}"
