"""Fixtures of the OpenID provider; they skip where Node.js or the package is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.idp.provider import IdentityProvider, missing


@pytest.fixture(scope="session")
def provider_process() -> Iterator[IdentityProvider]:
    """One provider for all tests of this process; its access tokens last three seconds."""
    if reason := missing():
        pytest.skip(reason)
    with IdentityProvider(accessTokenTTL=3) as running:
        yield running


@pytest.fixture
def identity_provider(provider_process: IdentityProvider) -> IdentityProvider:
    """The same, with nothing left of other tests' faults and counts."""
    provider_process.reset()
    return provider_process
