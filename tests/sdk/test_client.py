"""Which servers a client believes: the system's certificates, and those of CUDO_CA_BUNDLE besides."""

from __future__ import annotations

import asyncio
import ssl
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from cudo_sdk import APIConfig, AsyncSession, ConfigError, ConnectionFailed, Session
from cudo_sdk.client import CA_BUNDLE, ssl_context

Key = ec.EllipticCurvePrivateKey


class Answering(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: object) -> None:
        pass


def name_of(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def certificate(subject: str, key: Key, issuer: str, signer: Key, *, is_ca: bool) -> x509.Certificate:
    now = datetime.now(UTC)
    usage = dict.fromkeys(("content_commitment", "data_encipherment", "key_agreement"), False)
    serial = x509.random_serial_number()
    builder = (
        x509.CertificateBuilder(name_of(issuer), name_of(subject), key.public_key(), serial)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(is_ca, None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False
        )
        .add_extension(
            x509.KeyUsage(
                digital_signature=True, key_encipherment=not is_ca, key_cert_sign=is_ca, crl_sign=is_ca,
                encipher_only=False, decipher_only=False, **usage,
            ),
            critical=True,
        )
    )  # fmt: skip
    if not is_ca:
        names = x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))])
        builder = builder.add_extension(names, critical=False)
    return builder.sign(signer, hashes.SHA256())


def pem(*certificates: x509.Certificate) -> bytes:
    return b"".join(each.public_bytes(serialization.Encoding.PEM) for each in certificates)


@pytest.fixture(scope="module")
def authority(tmp_path_factory) -> tuple[Path, str]:
    """The PEM file of a CA that no system knows, and the URL of a server with its certificate."""
    folder = tmp_path_factory.mktemp("tls")
    signer, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    (folder / "ca.pem").write_bytes(pem(certificate("Test CA", signer, "Test CA", signer, is_ca=True)))
    (folder / "server.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + pem(certificate("127.0.0.1", key, "Test CA", signer, is_ca=False))
    )
    return folder / "ca.pem", str(folder / "server.pem")


@pytest.fixture(scope="module")
def bundle(authority) -> str:
    return str(authority[0])


@pytest.fixture(scope="module")
def url(authority) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority[1])
    server.socket = context.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def _no_bundle(monkeypatch):
    monkeypatch.delenv(CA_BUNDLE, raising=False)


def config(url: str, ca_bundle: str = "") -> APIConfig:
    return APIConfig(api_key="c4n4ry", api_url=url, ca_bundle=ca_bundle, environ={})


def test_server_that_nobody_vouches_for_is_refused(url):
    with (
        Session(config(url)).with_options(max_retries=0) as session,
        pytest.raises(ConnectionFailed) as caught,
    ):
        session.request("GET", "/v1/x")

    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value)


def test_server_is_believed_that_the_bundle_of_the_environment_vouches_for(url, bundle, monkeypatch):
    monkeypatch.setenv(CA_BUNDLE, bundle)

    with Session(config(url)) as session:
        assert session.request("GET", "/v1/x").content == b"{}"


def test_server_is_believed_that_the_bundle_of_the_configuration_vouches_for(url, bundle):
    async def ask() -> bytes:
        async with AsyncSession(config(url, bundle)) as session:
            return (await session.request("GET", "/v1/x")).content

    assert asyncio.run(ask()) == b"{}"


def test_bundle_adds_to_what_is_trusted_anyway(bundle):
    known = {each["serialNumber"] for each in ssl_context().get_ca_certs()}
    with_bundle = ssl_context(bundle)

    assert known
    assert known < {each["serialNumber"] for each in with_bundle.get_ca_certs()}
    assert (with_bundle.verify_mode, with_bundle.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_server_under_another_name_is_refused_in_spite_of_the_bundle(url, bundle):
    elsewhere = url.replace("127.0.0.1", "localhost")
    session = Session(config(elsewhere, bundle)).with_options(max_retries=0)

    with session, pytest.raises(ConnectionFailed) as caught:
        session.request("GET", "/v1/x")

    assert "CERTIFICATE_VERIFY_FAILED" in str(caught.value)


def test_certificates_are_read_once_for_all_clients(bundle):
    assert ssl_context() is ssl_context()
    assert ssl_context(bundle) is ssl_context(bundle)
    assert ssl_context(bundle) is not ssl_context()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (None, "cannot be read: No such file or directory"),
        (b"", "cannot be used: it holds no certificate in PEM form"),
        (
            b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
            "cannot be used: it holds no certificate in PEM form",
        ),
    ],
    ids=["missing", "empty", "broken"],
)
def test_bundle_that_is_of_no_use_is_named(content, reason, tmp_path, monkeypatch):
    """It is an error, and never less trust or none."""
    file = tmp_path / "ca.pem"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv(CA_BUNDLE, str(file))

    with Session(config("https://127.0.0.1:1")) as session, pytest.raises(ConfigError) as caught:
        session.request("GET", "/v1/x")

    assert str(caught.value) == f"the CA bundle {file} {reason}"


def test_dotenv_of_a_folder_adds_no_trust(url, bundle, tmp_path):
    (tmp_path / ".env").write_text(f"CUDO_API_KEY=c4n4ry\nCUDO_API_URL={url}\nCUDO_CA_BUNDLE={bundle}\n")
    settings = APIConfig(environ={}, directory=tmp_path)

    with Session(settings).with_options(max_retries=0) as session, pytest.raises(ConnectionFailed):
        session.request("GET", "/v1/x")

    assert settings.api_url == url
