"""Every address of the site."""

from django.urls import URLPattern, URLResolver, path

from sessions_app.views.compare import compare
from sessions_app.views.conversations import conversation, rename_conversation
from sessions_app.views.forks import edit, fork, fork_session_tip
from sessions_app.views.home import home, start
from sessions_app.views.outputs import message_output
from sessions_app.views.prompts import send, send_all
from sessions_app.views.queue import move, queued_prompt, withdraw
from sessions_app.views.requests import always, answer, fork_here, requests
from sessions_app.views.retries import resume, retry
from sessions_app.views.rules import revoke, rules
from sessions_app.views.sessions import rename_session, session
from sessions_app.views.sign_in import sign_in, sign_in_link, sign_out
from sessions_app.views.stops import stop

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("conversations/", start, name="start"),
    path("conversations/<uuid:conversation_id>/", conversation, name="conversation"),
    path("conversations/<uuid:conversation_id>/title/", rename_conversation, name="rename-conversation"),
    path("sessions/<uuid:session_id>/", session, name="session"),
    path("sessions/<uuid:session_id>/turns/", send, name="send"),
    path("sessions/<uuid:session_id>/fork/", fork_session_tip, name="fork-session"),
    path("sessions/<uuid:session_id>/title/", rename_session, name="rename-session"),
    path("requests/", requests, name="requests"),
    path("requests/<int:request_id>/", answer, name="answer-request"),
    path("requests/<int:request_id>/always/", always, name="always-allow"),
    path("requests/<int:request_id>/fork/", fork_here, name="fork-request"),
    path("rules/", rules, name="rules"),
    path("rules/<int:rule_id>/revoke/", revoke, name="revoke-rule"),
    path("turns/<int:turn_id>/stop/", stop, name="stop"),
    path("turns/<int:turn_id>/fork/", fork, name="fork"),
    path("turns/<int:turn_id>/edit/", edit, name="edit"),
    path("turns/<int:turn_id>/prompt/", queued_prompt, name="queued-prompt"),
    path("turns/<int:turn_id>/up/", move, {"up": True}, name="move-up"),
    path("turns/<int:turn_id>/down/", move, {"up": False}, name="move-down"),
    path("turns/<int:turn_id>/withdraw/", withdraw, name="withdraw"),
    path("turns/<int:turn_id>/retry/", retry, name="retry"),
    path("turns/<int:turn_id>/resume/", resume, name="resume"),
    path("messages/<int:message_id>/output/", message_output, name="message-output"),
    path("compare/", compare, name="compare"),
    path("compare/prompt/", send_all, name="send-all"),
    path("sign-in/", sign_in, name="sign-in"),
    path("sign-in/<str:token>", sign_in_link, name="sign-in-link"),
    path("sign-in/<str:token>/", sign_in_link),
    path("sign-out/", sign_out, name="sign-out"),
]

handler400 = "sessions_app.views.errors.bad_request"
handler403 = "sessions_app.views.errors.forbidden"
handler404 = "sessions_app.views.errors.not_found"
handler500 = "sessions_app.views.errors.server_error"
