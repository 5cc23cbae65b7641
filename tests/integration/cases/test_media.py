"""Clips and key frames: in ranges, to whom they may be shown, recorded before the first byte."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from cases.models import Case, Evidence
from lanes.models import StoreMembership
from privacy.models import AuditEvent
from tests.factories.cases import case_at, evidence_of, person
from tests.factories.stores import SmallStore

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(shop: SmallStore) -> Case:
    case = case_at(shop)
    evidence_of(case, seconds=1.0)
    return case


@pytest.fixture
def ana(shop: SmallStore, client: Client) -> Client:
    client.force_login(person("ana", role="reviewer", shop=shop))
    return client


def content_of(case: Case, kind: str = "clip", position: int = 0) -> bytes:
    row = Evidence.objects.get(case=case, kind=kind, position=position)
    return (Path(settings.DATA_DIR) / row.path).read_bytes()


def viewings(action: str) -> list[str]:
    return list(AuditEvent.objects.filter(action=action).values_list("actor", flat=True))


def test_a_clip_is_given_whole(ana: Client, case: Case) -> None:
    response = ana.get(reverse("clip", args=[case.pk]))
    assert (response.status_code, response["Content-Type"], response["Accept-Ranges"]) == (200, "video/mp4", "bytes")
    assert response.content == content_of(case)


def test_a_clip_is_given_in_ranges(ana: Client, case: Case) -> None:
    whole = content_of(case)
    response = ana.get(reverse("clip", args=[case.pk]), headers={"Range": "bytes=100-199"})
    assert (response.status_code, response.content) == (206, whole[100:200])
    assert response["Content-Range"] == f"bytes 100-199/{len(whole)}"
    assert response["Content-Length"] == "100"
    rest = ana.get(reverse("clip", args=[case.pk]), headers={"Range": "bytes=100-"})
    assert (rest.status_code, rest.content) == (206, whole[100:])


def test_a_range_behind_the_end_is_416(ana: Client, case: Case) -> None:
    size = len(content_of(case))
    response = ana.get(reverse("clip", args=[case.pk]), headers={"Range": f"bytes={size}-"})
    assert (response.status_code, response["Content-Range"]) == (416, f"bytes */{size}")


def test_no_shared_cache_keeps_it(ana: Client, case: Case) -> None:
    for address in (reverse("clip", args=[case.pk]), reverse("key-frame", args=[case.pk, 1])):
        assert ana.get(address)["Cache-Control"] == "private, no-store"


def test_many_ranges_are_one_viewing(ana: Client, case: Case) -> None:
    for first in range(0, 500, 100):
        ana.get(reverse("clip", args=[case.pk]), headers={"Range": f"bytes={first}-{first + 99}"})
    assert viewings("clip.viewed") == ["ana"]


def test_two_people_are_two_viewings(ana: Client, shop: SmallStore, case: Case) -> None:
    other = Client()
    other.force_login(person("berta", role="reviewer", shop=shop))
    for client in (ana, other, ana):
        client.get(reverse("clip", args=[case.pk]))
    assert sorted(viewings("clip.viewed")) == ["ana", "berta"]


def test_three_stills_of_a_page_are_one_viewing(ana: Client, case: Case) -> None:
    for position in (0, 1):
        response = ana.get(reverse("key-frame", args=[case.pk, position]))
        assert (response["Content-Type"], response.content) == ("image/jpeg", content_of(case, "key_frame", position))
    assert viewings("key_frame.viewed") == ["ana"]


def test_a_withdrawn_membership_ends_access_at_once(ana: Client, case: Case) -> None:
    assert ana.get(reverse("clip", args=[case.pk])).status_code == 200
    StoreMembership.objects.all().delete()
    assert ana.get(reverse("clip", args=[case.pk])).status_code == 404


def test_evidence_that_has_expired_is_not_there(ana: Client, case: Case) -> None:
    row = Evidence.objects.get(case=case, kind="clip")
    (Path(settings.DATA_DIR) / row.path).unlink()
    assert ana.get(reverse("clip", args=[case.pk])).status_code == 404
    assert ana.get(reverse("key-frame", args=[case.pk, 7])).status_code == 404
    assert viewings("clip.viewed") == []


def test_asking_only_for_the_head_is_not_looking(ana: Client, case: Case) -> None:
    assert ana.head(reverse("clip", args=[case.pk])).status_code == 200
    assert viewings("clip.viewed") == []
