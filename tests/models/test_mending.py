"""A connection that broke is not kept."""

import pytest
from django.db import OperationalError, connection

from sessions_app.models import User
from sessions_app.models.mending import mending

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


def break_down() -> None:
    raise OperationalError("the connection is lost")


def test_after_an_error_of_the_connection_the_next_call_has_a_new_one() -> None:
    assert mending(User.objects.count)() == 0
    before = connection.connection
    with pytest.raises(OperationalError, match="is lost"):
        mending(break_down)()
    assert connection.connection is None
    assert mending(User.objects.count)() == 0
    assert connection.connection is not before


def test_any_other_error_leaves_it_alone() -> None:
    mending(User.objects.count)()
    before = connection.connection
    with pytest.raises(User.DoesNotExist):
        mending(User.objects.get)(pk=0)
    assert connection.connection is before
