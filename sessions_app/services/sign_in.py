"""Sign-in by one-time link: what the personal profile prints when it starts."""

import hashlib
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from sessions_app.models import Membership, Project, Role, SignInLink, User

LINK_LIFETIME = timedelta(hours=24)
OWNER_NAME = "you"


@transaction.atomic
def ensure_owner() -> User:
    """The one person of the personal profile, with a project to work in; made at the first start."""
    user, created = User.objects.get_or_create(username=OWNER_NAME)
    if created:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    if not user.memberships.exists():
        project = Project.objects.create(name="My work")
        Membership.objects.create(project=project, user=user, role=Role.OWNER)
    return user


def hash_token(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def create_sign_in_link(*, user: User) -> str:
    """A token that signs `user` in once, within a day."""
    SignInLink.objects.filter(user=user, expires_at__lt=timezone.now()).delete()
    token = secrets.token_urlsafe(32)
    SignInLink.objects.create(user=user, token_hash=hash_token(token), expires_at=timezone.now() + LINK_LIFETIME)
    return token


def use_sign_in_link(*, token: str) -> User | None:
    """The user the token belongs to, or None when it is unknown, expired or used. Of two uses at once, one wins."""
    now = timezone.now()
    unused = SignInLink.objects.filter(token_hash=hash_token(token), used_at=None, expires_at__gt=now)
    if unused.update(used_at=now) != 1:
        return None
    return SignInLink.objects.select_related("user").get(token_hash=hash_token(token)).user
