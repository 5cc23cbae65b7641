"""What is told of what people did."""

import pytest
from django.conf import settings
from django.test import Client

from privacy.audit import audit_record
from privacy.models import AuditEvent, User
from privacy.presenters import audit_sentence, phrases_register
from privacy.pseudonyms import pseudonym

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        (
            {
                "actor": "provision",
                "action": "camera.on",
                "object_type": "camera",
                "object_id": "L1-top",
                "store_code": "S001",
            },
            "The system (provision) switched camera L1-top of store S001 on.",
        ),
        (
            {
                "actor": "Xy12",
                "actor_kind": "key",
                "action": "invoice.paid_twice",
                "object_type": "invoice",
                "object_id": "9",
            },
            "API key Xy12 paid twice invoice 9.",  # an action nobody has a phrase for
        ),
        (
            {
                "actor": "ana",
                "actor_kind": "user",
                "action": "key.revoked",
                "object_type": "api_key",
                "object_id": "Xy12",
            },
            "Ana revoked key (api key Xy12).",  # an old row without what the phrase speaks of
        ),
        (
            {
                "actor": "ana",
                "actor_kind": "user",
                "action": "thing.opened",
                "object_type": "thing",
                "reason": "asked to.",
            },
            "Ana opened thing, because: asked to.",
        ),
        ({"actor": "ana", "actor_kind": "user", "action": "waved"}, "Ana waved something."),
    ],
)
def test_every_row_becomes_a_sentence(fields, sentence):
    assert audit_sentence(audit_record(**fields)) == sentence


def test_a_phrase_cannot_reach_beyond_the_row():
    """Phrases are filled from data, which a caller may have taken from outside."""
    event = audit_record(actor="ana", actor_kind="user", action="t.echo", data={"word": "{actor.__class__}"})
    phrases_register({"t.echo": "said {word}"})
    assert audit_sentence(event) == "Ana said {actor.__class__}."


def test_signing_in_and_out_is_recorded(client: Client):
    ana = User.objects.create_user("ana", password="long enough for it")
    assert client.login(username="ana", password="long enough for it")
    client.logout()
    assert [(e.action, e.actor, e.actor_kind) for e in AuditEvent.objects.order_by("pk")] == [
        ("user.signed_in", ana.get_username(), "user"),
        ("user.signed_out", "ana", "user"),
    ]


def test_a_failed_sign_in_names_only_those_who_exist(client: Client):
    User.objects.create_user("ana", password="long enough for it")
    client.login(username="ana", password="wrong")
    client.login(username="my password by mistake", password="ana")
    assert [e.actor for e in AuditEvent.objects.order_by("pk")] == ["ana", "somebody unknown"]


def test_pseudonyms_hang_on_the_key_of_the_installation(settings):
    word = pseudonym("S001", "operator", "c-17")
    assert word == pseudonym("S001", "operator", "c-17")
    settings.PSEUDONYM_KEY = "another"
    assert pseudonym("S001", "operator", "c-17") != word


def test_the_key_is_for_this_user_only():
    path = settings.DATA_DIR / "pseudonym_key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_text().strip() == settings.PSEUDONYM_KEY
