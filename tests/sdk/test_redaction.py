"""What is hidden in text that leaves, what is not, and what it costs."""

from __future__ import annotations

import base64
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, quote_plus

import pytest

from cudo_sdk.redaction import forms_of, guard, redacted

SECRET = 's3cret/+ü"x y\\z'
JWT = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl"
PEM = "-----BEGIN RSA PRIVATE KEY-----"


@pytest.mark.parametrize(
    "written",
    [
        SECRET,
        quote(SECRET),
        quote(SECRET, safe=""),
        quote_plus(SECRET),
        json.dumps(SECRET)[1:-1],
        json.dumps(SECRET, ensure_ascii=False)[1:-1],
        repr(SECRET)[1:-1],
    ],
)
def test_guarded_secret_is_hidden_however_it_is_written(written):
    assert written in redacted(f"before {written} after")

    guard(SECRET)

    assert redacted(f"before {written} after") == "before *** after"


@pytest.mark.parametrize("before", ["", "a", "ab", "user:"])
@pytest.mark.parametrize("after", ["", ":", ":x", ":xy"])
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_guarded_secret_is_hidden_inside_of_base64(before, after, encode):
    """Whatever stands around it: what is left does not hold any three letters of it."""
    guard("c4n4ry~~??>>")
    text = encode(f"{before}c4n4ry~~??>>{after}".encode()).decode()

    hidden = redacted(text)

    assert "***" in hidden
    assert len(hidden) <= len("***") + 13  # the groups that belong to what is before and after


def test_longer_secret_is_hidden_before_the_one_that_begins_it():
    guard("c4n4ry")
    guard("c4n4ry-of-two")

    assert redacted("c4n4ry-of-two c4n4ry") == "*** ***"


def test_line_end_of_a_file_is_no_part_of_a_secret():
    guard("c4n4ry\n")

    assert redacted("c4n4ry") == "***"


def test_secret_that_could_be_a_word_is_not_hidden():
    guard("demo1")

    assert redacted("demo1 demo2") == "demo1 demo2"


def test_registry_forgets_the_secret_that_was_guarded_longest_ago():
    for number in range(256):
        guard(f"secret-{number:03}")
    guard("secret-000")  # in use again
    guard("secret-256")

    assert redacted("secret-000 secret-001 secret-002 secret-256") == "*** secret-001 *** ***"


def test_threads_may_guard_while_others_hide():
    def work(number: int) -> str:
        guard(f"secret-{number:03}")
        return redacted(f"secret-{number:03}")

    with ThreadPoolExecutor(8) as pool:
        assert set(pool.map(work, range(200))) == {"***"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("curl -H 'Authorization: Bearer abc'", "curl -H 'Authorization: ***'"),
        ("Authorization: abc\nAccept: */*", "Authorization: ***\nAccept: */*"),
        ("(b'Authorization', b'Bearer abc'), (b'A', b'*')", "(b'Authorization', b'***'), (b'A', b'*')"),
        ("{'authorization': 'Basic dXNlcjpwYXNz'}", "{'authorization': '***'}"),
        ("got Bearer abc.def-1 here", "got Bearer *** here"),
        ("url?h=Bearer%20abcdef&x=1", "url?h=Bearer%20***&x=1"),
        ("sent Basic dXNlcjpwYXNz to", "sent Basic *** to"),
        ("grant_type=refresh_token&refresh_token=abc&x=1", "grant_type=refresh_token&refresh_token=***&x=1"),
        ('{"access_token": "abc", "token_type": "x"}', '{"access_token": "***", "token_type": "x"}'),
        ('{"id_token":"a\\"b","expires_in":3}', '{"id_token":"***","expires_in":3}'),
        (r'body: "{\"device_code\": \"abc\", \"x\": 1}"', r'body: "{\"device_code\": \"***\", \"x\": 1}"'),
        ("{'client_secret': b'abc'}", "{'client_secret': b'***'}"),
        ("Session(api_key='abc', timeout=3)", "Session(api_key='***', timeout=3)"),
        ('{"apiKey": "abc"}', '{"apiKey": "***"}'),
        ("CUDO_API_KEY=abc cudo vm list", "CUDO_API_KEY=*** cudo vm list"),
        ("x-api-key: abcdefg1", "x-api-key: ***"),
        ("key: abc\napi-key: abcdefg1\n", "key: abc\napi-key: ***\n"),
        ("token=abc&token_type_hint=refresh_token", "token=***&token_type_hint=refresh_token"),
        ('{"token": "abc"}', '{"token": "***"}'),
        ('{"password": "two words"}', '{"password": "***"}'),
        ('{"secretKey": "abc", "accessKey": "id"}', '{"secretKey": "***", "accessKey": "id"}'),
        ("device_code%3Dabc%26x", "device_code%3D***"),
        (f"token {JWT} and", "token *** and"),
        (f"x={JWT}.", "x=***"),
        (f"\\n{JWT}", "\\n***"),
        (f"{PEM}\nMIIE\nabc\n-----END RSA PRIVATE KEY-----\nx", f"{PEM}***\nx"),
        (f"{PEM}\nMIIE and the end is cut off", f"{PEM}***"),
        (f'{{"k": "{PEM}\\nMIIE"}}', f'{{"k": "{PEM}***"}}'),
    ],
)
def test_what_says_that_it_is_a_secret_is_hidden(text, shown):
    assert redacted(text) == shown
    assert redacted(shown) == shown


@pytest.mark.parametrize(
    "text",
    [
        "token_count=3",
        "unexpected token: ')'",
        "the token: is it there?",
        "no API key: give api_key=, or set CUDO_API_KEY",
        "apiKey: must not be empty",
        "password: at least twelve characters",
        '{"refresh_token": null, "access_token": ""}',
        "Bearer of bad news, basic information, Basic HTTP authentication",
        "authorization failed, see Authorization",
        "the API key 'key-1' is deleted",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5 me@host",
        "eyJ is how a token begins; web-1.example.com; 1.2.3",
        "-----BEGIN PUBLIC KEY-----\nMIIB\n-----END PUBLIC KEY-----",
        "VM 'web-1' in project 'demo' is ACTIVE.",
        "GetVM GET /v1/projects/{}/vms/{} -> 200 in 12 ms, attempt 1",
    ],
)
def test_ordinary_text_is_left_alone(text):
    assert redacted(text) == text


HOSTILE = [
    "eyJ",
    "eyJ.",
    "a.",
    "a",
    "-",
    " ",
    '"',
    "\\",
    '\\"',
    "bearer",
    "Bearer ",
    "basic a",
    "basic " + "a" * 70,
    "authorization:",
    "Authorization: Bearer ",
    "api_key",
    "api_key   ",
    "api_key:",
    'api_key="',
    "api_key='",
    'api_key=\\"',
    "api_key=a(",
    "password: aaaaaaaa",
    "token=",
    '"token": ',
    "%3d",
    "-----BEGIN PRIVATE KEY-----",
    "-----END PRIVATE KEY-----",
    "-----BEGIN " + "A" * 40,
]


def seconds_for(text: str) -> float:
    started = time.process_time()
    redacted(text)
    return time.process_time() - started


@pytest.mark.parametrize("unit", HOSTILE)
def test_hostile_text_costs_no_more_than_its_length(unit):
    """A quadratic pattern would need more than the limit, a linear one needs a tenth of it."""
    assert seconds_for(unit * (100_000 // len(unit))) < 2


@pytest.mark.parametrize(
    "start",
    ["eyJ", "bearer ", "authorization: ", "api_key: ", 'api_key="', "basic ", "-----BEGIN PRIVATE KEY-----"],
)
@pytest.mark.parametrize("tail", list(r"a\ "))
def test_hostile_tail_costs_no_more_than_its_length(start, tail):
    assert seconds_for(start + tail * 100_000) < 2


def test_megabyte_is_done_in_seconds_with_a_full_registry():
    for number in range(256):
        guard(f"{number:03}-c4n4ry/{number}")

    assert seconds_for("x c4n4ry " * 111_111) < 15


def test_import_is_cheap():
    """The prompt loads it without the rest."""
    heavy = {"httpx", "pydantic", "json", "base64", "asyncio", "logging"}
    code = f"import sys, cudo_sdk.redaction; print(*{heavy} & {{*sys.modules}})"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert run.stdout == "\n"


def test_forms_of_a_secret_hold_the_secret():
    assert {"c4n4ry", base64.b64encode(b"c4n4ry").decode()} <= forms_of("c4n4ry")
