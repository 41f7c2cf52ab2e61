"""One-time links."""

from datetime import timedelta

import pytest
from django.utils import timezone

from sessions_app.models import Project, Role, SignInLink, User
from sessions_app.services.sign_in import create_sign_in_link, ensure_owner, use_sign_in_link
from tests.factories import make_user

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]


def test_a_link_signs_in_once() -> None:
    user = make_user()
    token = create_sign_in_link(user=user)
    assert use_sign_in_link(token=token) == user
    assert use_sign_in_link(token=token) is None


def test_an_unknown_or_expired_link_signs_nobody_in() -> None:
    token = create_sign_in_link(user=make_user())
    SignInLink.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert use_sign_in_link(token=token) is None
    assert use_sign_in_link(token="guess") is None


def test_the_token_itself_is_not_stored() -> None:
    token = create_sign_in_link(user=make_user())
    assert token not in str(list(SignInLink.objects.values()))


def test_the_owner_and_their_project_are_made_once() -> None:
    assert ensure_owner() == ensure_owner()
    assert User.objects.count() == 1
    assert Project.objects.get().memberships.get().role == Role.OWNER
