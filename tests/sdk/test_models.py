"""What every model shares: money, times, names, unknown fields, secrets."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from cudo_sdk.models import Double, IntText, Items, Model, Money, MoneyText, Secret, Time


class Sample(Model):
    price_hr: Money = None
    spend: MoneyText = None
    size_bytes: IntText = None
    ratio: Double = None
    create_time: Time = None
    secret_key: Secret = None
    names: Items[str] = []  # noqa: RUF012  # pydantic copies it


WIRE = {
    "priceHr": {"value": "0.002500"},
    "spend": "1E+3",
    "sizeBytes": "9007199254740993",
    "ratio": "Infinity",
    "createTime": "2026-01-02T03:04:05Z",
    "names": ["a"],
    "brandNew": {"kept": [1]},
}


def test_values_are_python_values_with_python_names():
    sample = Sample.model_validate(WIRE)

    assert sample.price_hr == Decimal("0.002500")
    assert sample.spend == 1000
    assert sample.size_bytes == 9007199254740993
    assert sample.ratio == float("inf")
    assert sample.create_time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_json_is_what_came():
    assert Sample.model_validate(WIRE).to_api() == WIRE


def test_what_did_not_come_is_not_in_the_json():
    assert Sample.model_validate({}).to_api() == {}


@given(st.decimals(-(10**25), 10**25, allow_nan=False, allow_infinity=False, places=12))
def test_every_amount_survives_exactly(amount: Decimal):
    sample = Sample.model_validate({"priceHr": {"value": str(amount)}})

    assert sample.to_api() == {"priceHr": {"value": str(amount)}}


@pytest.mark.parametrize("value", ["", None, {"value": ""}, {}])
def test_empty_amount_is_none(value: object):
    assert Sample.model_validate({"priceHr": value}).price_hr is None


@pytest.mark.parametrize(
    "value", ["free", {"value": "1,5"}, [], {"value": {}}, "NaN", "Infinity", "1e999999", "1e-999999"]
)
def test_amount_that_is_no_number_is_an_error(value: object):
    with pytest.raises(ValidationError):
        Sample.model_validate({"priceHr": value})


def test_nine_digits_of_a_second_are_taken():
    sample = Sample.model_validate({"createTime": "2026-01-02T03:04:05.123456789Z"})

    assert sample.create_time == datetime(2026, 1, 2, 3, 4, 5, 123456, tzinfo=UTC)


@pytest.mark.parametrize("text", ["-Infinity", "NaN"])
def test_double_that_json_has_no_number_for_comes_back_as_text(text: str):
    assert Sample.model_validate({"ratio": text}).to_api() == {"ratio": text}


def test_null_list_is_empty():
    assert Sample.model_validate({"names": None}).names == []


def test_secret_prints_as_stars_until_it_is_asked_for():
    sample = Sample.model_validate({"secretKey": "canary"})

    assert "canary" not in repr(sample) + str(sample.to_api()) + sample.model_dump_json()
    assert sample.to_api(show_secrets=True) == {"secretKey": "canary"}


def test_error_of_a_model_does_not_show_its_input():
    with pytest.raises(ValidationError) as caught:
        Sample.model_validate({"sizeBytes": "canary"})

    assert "canary" not in str(caught.value)
