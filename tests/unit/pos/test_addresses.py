"""Which addresses a provider's token may go to."""

import pytest

from pos.domain.addresses import address_problem, same_origin


@pytest.mark.parametrize(
    ("url", "provider", "loopback", "fine", "why"),
    [
        ("https://connect.squareup.com", "square", False, True, "Square's own"),
        ("https://connect.squareupsandbox.com/", "square", False, True, "its sandbox"),
        ("https://corner.myshopify.com/admin/api/2026-01", "shopify", False, True, "a shop"),
        ("http://connect.squareup.com", "square", False, False, "in the clear"),
        ("https://connect.squareup.com:8443", "square", False, False, "another port"),
        ("https://connect.squareup.com.evil.example", "square", False, False, "looks like it"),
        ("https://evilmyshopify.com", "shopify", False, False, "looks like a shop"),
        ("https://me@connect.squareup.com", "square", False, False, "a user in it"),
        ("https://connect.squareup.com/?a=b", "square", False, False, "a query in it"),
        ("https://169.254.169.254/latest", "square", False, False, "the cloud's own"),
        ("https://[::1", "square", False, False, "no address"),
        ("", "shopify", False, False, "nothing"),
        ("http://127.0.0.1:9000", "square", True, True, "this machine, in development"),
        ("http://127.0.0.1:9000", "square", False, False, "this machine"),
        ("http://10.0.0.1", "square", True, False, "another machine, in development"),
    ],
)
def test_only_the_providers_own_hosts(url: str, provider: str, loopback: bool, fine: bool, why: str) -> None:
    problem = address_problem(url, provider, loopback=loopback)
    assert (problem == "") is fine, why
    assert fine or problem.endswith(".")


@pytest.mark.parametrize(
    ("url", "same"),
    [
        ("https://a.example/x?page=2", True),
        ("https://b.example/x", False),
        ("http://a.example/x", False),
        ("https://a.example:8443/x", False),
        ("https://[::1", False),
    ],
)
def test_the_next_page_lies_where_the_first_did(url: str, same: bool) -> None:
    assert same_origin(url, "https://a.example/y") is same
