"""Rules that two people make at the same moment, each of what waits in another branch."""

from functools import partial

import pytest

from sessions_app.models import PermissionRequest, PermissionRule, RequestState, RuleScope, TurnStatus
from sessions_app.services.answers import AlreadyAnsweredError
from sessions_app.services.rules import always_allow
from tests.factories import make_conversation, make_request, make_session, make_turn
from tests.services.test_queue_races import at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.both_databases]


@pytest.mark.parametrize("_", range(6))
def test_two_rules_that_cover_each_others_requests_do_not_wait_for_each_other(_: int) -> None:
    conversation = make_conversation()
    sessions = [make_session(conversation) for _ in range(2)]
    asked = [make_request(make_turn(session, status=TurnStatus.WAITING)) for session in sessions]
    known = [
        PermissionRequest.objects.select_related("message", "turn__session__conversation").get(pk=each.pk)
        for each in asked
    ]
    user = conversation.created_by
    made = at_once(
        *(partial(always_allow, user=user, request=each, choice=0, scope=RuleScope.PROJECT) for each in known)
    )
    # A rule, or the news that the other one's rule was faster.
    assert all(isinstance(each, PermissionRule | AlreadyAnsweredError) for each in made)
    assert PermissionRule.objects.count() == sum(isinstance(each, PermissionRule) for each in made) >= 1
    states = PermissionRequest.objects.values_list("state", "turn__status")
    assert set(states) == {(RequestState.ALLOWED, TurnStatus.RUNNING)}
