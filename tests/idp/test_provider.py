"""The provider that other tests rely on: whom it obeys, when it ends, and what it gets wrong when told to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import httpx
from tests.idp.provider import HERE, IdentityProvider

DISCOVERY = "/.well-known/openid-configuration"


def test_orders_without_the_key_are_not_taken(identity_provider: IdentityProvider):
    url = f"{identity_provider.issuer}/__control/revoke_all"
    for headers in ({}, {"X-Control-Key": "guessed"}):
        assert httpx.post(url, headers=headers, json={}, trust_env=False).status_code == 404


def test_signing_key_is_its_own_and_new_each_time(identity_provider: IdentityProvider):
    with IdentityProvider() as other:
        keys = [
            httpx.get(f"{each.issuer}/jwks", trust_env=False).json()["keys"]
            for each in (identity_provider, other)
        ]
    assert [[key["kty"] for key in each] for each in keys] == [["RSA"], ["RSA"]]
    assert keys[0][0]["n"] != keys[1][0]["n"]
    assert "d" not in keys[0][0]


def test_fault_spoils_so_many_requests_and_no_more(identity_provider: IdentityProvider):
    identity_provider.fault(path=DISCOVERY, times=2, status=503, body="busy")
    with httpx.Client(base_url=identity_provider.issuer, trust_env=False) as client:
        replies = [client.get(DISCOVERY) for _ in range(3)]
    assert [reply.status_code for reply in replies] == [503, 503, 200]
    assert identity_provider.stats()["discovery"] == 1, "the first two never reached the provider"


def test_patch_changes_what_it_says_until_it_is_reset(identity_provider: IdentityProvider):
    issuer = identity_provider.issuer
    identity_provider.patch(discovery={"issuer": f"{issuer}/"}, device_auth={"interval": None})
    with httpx.Client(base_url=issuer, trust_env=False) as client:
        assert client.get(DISCOVERY).json()["issuer"] == f"{issuer}/"
        form = {"client_id": identity_provider.client_id, "scope": "openid"}
        assert "interval" not in client.post("/device/auth", data=form).json()
        identity_provider.reset()
        assert client.get(DISCOVERY).json()["issuer"] == issuer
        assert client.post("/device/auth", data=form).json()["interval"] == 1


def test_provider_ends_with_the_process_that_started_it(identity_provider: IdentityProvider):
    code = (
        "import sys, time\n"
        f"sys.path.insert(0, {str(HERE.parents[1])!r})\n"
        "from tests.idp.provider import IdentityProvider\n"
        "sys.stdout.write(IdentityProvider().issuer + '\\n')\n"
        "sys.stdout.flush()\n"
        "time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, env=os.environ)
    assert parent.stdout
    issuer = parent.stdout.readline().strip()
    assert httpx.get(issuer + DISCOVERY, trust_env=False).status_code == 200

    parent.send_signal(signal.SIGKILL)
    parent.communicate(timeout=10)

    end = time.monotonic() + 10
    while is_up(issuer):
        assert time.monotonic() < end, "it goes on without its parent"
        time.sleep(0.02)


def is_up(issuer: str) -> bool:
    try:
        httpx.get(issuer + DISCOVERY, trust_env=False)
    except httpx.TransportError:
        return False
    return True
