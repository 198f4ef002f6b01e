"""Domains belong to providers: what shares mail servers shares one name, everywhere."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from publisher.kit.metrics import Metrics
from publisher.kit.providers import PROVIDERS, group_of
from tests.kit.test_metrics import Book, Carrier, parcel, read


@pytest.mark.parametrize(
    ("domain", "group"),
    [
        ("GMAIL.com", "gmail.com"),
        ("googlemail.com", "gmail.com"),
        ("hotmail.com", "outlook.com"),
        ("hotmail.co.uk", "outlook.com"),
        ("live.de", "outlook.com"),
        ("msn.com", "outlook.com"),
        ("yahoo.com.br", "yahoo.com"),
        ("web.de", "gmx.net"),
        ("aol.com", "yahoo.com"),
        ("yahoo.co.jp", "yahoo.co.jp"),
        ("live.reader.example", "live.reader.example"),
        ("hotmail", "hotmail"),
        ("live.", "live."),
        ("reader.example", "reader.example"),
    ],
)
def test_groups(domain, group):
    assert group_of(domain) == group


@given(st.text(max_size=30))
def test_every_domain_has_a_group_that_is_its_own(domain):
    assert group_of(group_of(domain)) == group_of(domain)


@pytest.mark.parametrize("provider", sorted(PROVIDERS))
def test_a_provider_has_one_name_and_a_label(provider):
    assert group_of(provider) == provider
    metrics = Metrics()
    mine = iter([parcel(1, f"accepted@{provider}")])
    metrics.measured(Carrier()).send(mine, Book())
    labels = sorted(["accepted", provider, "relay"])
    assert read(metrics)["publisher_copies_total", *labels] == 1
