from __future__ import annotations

import httpx
import pytest

from cudo_sdk.auth.discovery import LARGEST, document_url, is_fit
from cudo_sdk.errors import AuthConfigError, TransientAuth

WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "url",
    [
        "https://login.example",
        "https://login.example:8443/realms/a?b=c&d=%20",
        "http://127.0.0.1:8080/device",
        "http://localhost/",
        "http://[::1]:99/x",
    ],
)
def test_url_that_can_be_shown_and_fetched_is_fit(url):
    assert is_fit(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://login.example/",  # in clear
        "http://127.0.0.1.example/",
        "http://localhost.example/",
        "https://alice@login.example/",
        "https://login.example\\@evil.example/",
        "https://login.example/\x1b]52;c;ZXZpbA==\x07",
        "https://login.example/a b",
        "https://login.example/a\n",
        "\nhttps://login.example/",
        "https://login.example/\u202e",
        "https://lögin.example/",
        "https://login.example/#fragment",
        "-https://login.example/",
        "--help",
        "file:///etc/passwd",
        "javascript:alert(1)",
        "https:///path",
        "https://login.example:99999/",
        "https://login.example/" + "a" * 2048,
        "",
        None,
        ["https://login.example"],
    ],
)
def test_url_with_anything_odd_is_not_fit(url):
    assert not is_fit(url)


def test_document_of_the_issuer_is_read(server):
    document = server.provider().document()
    assert document.token_endpoint == "https://login.example/token"
    assert document.token_host == "login.example"
    assert [str(request.url) for request in server.requests] == [server.issuer + WELL_KNOWN]


def test_issuer_with_a_slash_at_its_end_is_not_asked_with_two(server):
    assert document_url(server.settings(issuer="https://login.example/a/")) == (
        "https://login.example/a/.well-known/openid-configuration"
    )


@pytest.mark.parametrize("name", ["https://login.example/", "https://evil.example", "", None, ["x"]])
def test_another_issuer_in_the_document_is_refused(server, name):
    server.document["issuer"] = name
    with pytest.raises(AuthConfigError) as caught:
        server.provider().document()
    assert str(caught.value) == (
        "the login server login.example goes by another name than the issuer of context dev:"
        " they must be equal to the last character"
    )


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirect_of_the_document_is_not_followed(server, status):
    server.will(WELL_KNOWN, httpx.Response(status, headers={"Location": "https://evil.example/"}))
    with pytest.raises(AuthConfigError) as caught:
        server.provider().document()
    assert str(caught.value) == (
        f"the login server login.example has no OpenID provider at this issuer (HTTP {status})"
    )
    assert len(server.requests) == 1


def test_document_of_the_largest_size_is_read_and_one_byte_more_is_not(server):
    text = httpx.Response(200, json=server.document).text
    server.will(WELL_KNOWN, httpx.Response(200, text=text.ljust(LARGEST)))
    assert server.provider().document().token_host == "login.example"
    server.will(WELL_KNOWN, httpx.Response(200, text=text.ljust(LARGEST + 1)))
    with pytest.raises(TransientAuth, match=r"^the login server login.example did not answer in JSON"):
        server.provider().document()


@pytest.mark.parametrize(
    "field", ["token_endpoint", "device_authorization_endpoint", "jwks_uri", "revocation_endpoint"]
)
@pytest.mark.parametrize(
    "url",
    ["http://login.example/x", "https://a@login.example/", "http://127.0.0.1/x", "https://localhost/x", 7],
)
def test_endpoint_that_is_not_fit_is_refused(server, field, url):
    server.document[field] = url
    with pytest.raises(AuthConfigError) as caught:
        server.provider().document()
    assert str(caught.value) == f"the login server login.example names a {field} that is not safe to use"


def test_provider_of_this_machine_may_have_endpoints_on_it(make_server):
    server = make_server("http://127.0.0.1:8000")
    assert server.provider().document().token_host == "127.0.0.1:8000"


@pytest.mark.parametrize("field", ["token_endpoint", "device_authorization_endpoint", "jwks_uri"])
def test_endpoint_that_is_missing_is_told(server, field):
    del server.document[field]
    with pytest.raises(AuthConfigError) as caught:
        server.provider().document()
    assert str(caught.value) == f"the login server login.example has no {field}"


def test_provider_without_revocation_is_good_enough(server):
    del server.document["revocation_endpoint"]
    assert server.provider().document().revocation_endpoint == ""


@pytest.mark.parametrize(
    ("field", "offered", "missing"),
    [
        ("grant_types_supported", ["authorization_code"], "the device login"),
        ("grant_types_supported", None, "the device login"),
        ("token_endpoint_auth_methods_supported", ["client_secret_basic"], "clients without a secret"),
    ],
)
def test_provider_that_says_it_cannot_do_it_is_refused(server, field, offered, missing):
    server.document[field] = offered
    with pytest.raises(AuthConfigError) as caught:
        server.provider().document()
    assert str(caught.value) == f"the login server login.example does not offer {missing} ({field})"


def test_document_is_kept_for_an_hour(server):
    provider = server.provider()
    provider.document()
    server.clock.sleep(3599)
    provider.document()
    assert len(server.requests) == 1
    server.clock.sleep(1)
    provider.document()
    assert len(server.requests) == 2


@pytest.mark.parametrize(
    "issuer", ["http://login.example", "https://a@b", "https://b?c", "login.example", "-x"]
)
def test_issuer_that_is_not_fit_is_asked_nothing(server, issuer):
    with pytest.raises(AuthConfigError) as caught:
        server.provider(issuer=issuer).document()
    assert str(caught.value) == "the issuer of context dev must look like https://host"
    assert server.requests == []


def test_context_without_issuer_cannot_log_in_at_one(server):
    with pytest.raises(
        AuthConfigError, match=r"^the context dev has no issuer and client_id to log in with$"
    ):
        server.provider(issuer="").document()


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (httpx.Response(503, text="<h1>"), "is out of order (HTTP 503)"),
        (httpx.Response(429), "is out of order (HTTP 429)"),
        (httpx.Response(200, text="<h1>hotel</h1>"), "did not answer in JSON (HTTP 200)"),
        (httpx.Response(200, text="[]"), "did not answer in JSON (HTTP 200)"),
        (httpx.Response(200, text="[" * 100_000), "did not answer in JSON (HTTP 200)"),
        (
            httpx.ConnectError("[Errno 111] Connection refused"),
            "cannot be reached: [Errno 111] Connection refused",
        ),
        (httpx.ReadTimeout("x"), "cannot be reached: no answer in time"),
        (httpx.ReadError("canary"), "cannot be reached: the connection broke"),
        (
            httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed"),
            (
                "cannot be reached: its certificate is not trusted"
                " (ca_bundle of the context names the authority to trust)"
            ),
        ),
    ],
)
def test_outage_of_the_login_server_may_pass(server, answer, text):
    server.will(WELL_KNOWN, answer)
    with pytest.raises(TransientAuth) as caught:
        server.provider().document()
    assert str(caught.value) == f"the login server login.example {text}"


def test_answer_that_is_compressed_is_not_unpacked(server):
    """A megabyte could unpack to a gigabyte; we ask for none."""
    import gzip

    body = gzip.compress(httpx.Response(200, json=server.document).content)
    server.will(WELL_KNOWN, httpx.Response(200, content=body, headers={"Content-Encoding": "gzip"}))
    with pytest.raises(TransientAuth):
        server.provider().document()
    assert server.requests[0].headers["Accept-Encoding"] == "identity"


def test_answer_that_drips_is_given_up_after_20_seconds(server):
    def dripping():
        for byte in httpx.Response(200, json=server.document).content:
            server.clock.sleep(7)
            yield bytes([byte])

    server.will(WELL_KNOWN, httpx.Response(200, content=dripping()))
    with pytest.raises(TransientAuth):
        server.provider().document()
    assert server.clock.time() == 21
