"""What every model shares: lenient with replies, exact with money, times and names."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    PlainSerializer,
    SecretStr,
    SerializationInfo,
)
from pydantic.alias_generators import to_camel

T = TypeVar("T")
_DIGITS = 30  # before or after the point; no price comes near


class Model(BaseModel):
    """A thing of the API. Attributes are Python names with units; JSON keeps the API's names.

    Every field of a reply may be missing, and a field that is not documented is kept: real replies have both.
    """

    model_config = ConfigDict(
        alias_generator=to_camel,
        validate_by_name=True,
        validate_by_alias=True,
        extra="allow",
        defer_build=True,
        hide_input_in_errors=True,
        protected_namespaces=(),
    )

    def to_api(self, *, show_secrets: bool = False) -> dict[str, Any]:
        """The JSON object under the API's names, with what came and nothing else.

        Secrets are masked unless `show_secrets`.
        """
        return self.model_dump(
            mode="json", by_alias=True, exclude_unset=True, context={"show_secrets": show_secrets}
        )


class Nothing(Model):
    """The reply of an operation that answers with an object in which there is nothing."""


def _amount(value: Any) -> Any:
    """Take `{"value": "0.0025"}` or "0.0025"; an empty text means that there is no amount."""
    text = value.get("value") if isinstance(value, dict) else value
    if text is None or text == "":
        return None
    try:
        # str() first: a float that slipped in must not bring its binary tail along.
        amount = Decimal(str(text))
    except InvalidOperation:
        amount = Decimal("NaN")
    # 1e999999 is a number of a million digits for whoever writes it out.
    if not amount.is_finite() or abs(amount.adjusted()) > _DIGITS:
        msg = "not an amount"
        raise ValueError(msg)
    return amount


def _wire_amount(amount: Decimal | None) -> dict[str, str]:
    return {"value": "" if amount is None else str(amount)}


def _wire_text(number: Decimal | int | None) -> str | None:
    return None if number is None else str(number)


def _wire_double(number: float | None) -> float | str | None:
    if number is None or (number == number and abs(number) != float("inf")):  # noqa: PLR0124  # NaN is not itself
        return number
    return str(number).replace("inf", "Infinity").replace("nan", "NaN")


def _absent_if_empty(value: Any) -> Any:
    return None if value == "" else value


def _wire_time(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _wire_secret(secret: SecretStr | None, info: SerializationInfo) -> str | None:
    if secret is None:
        return None
    shown = isinstance(info.context, dict) and info.context.get("show_secrets")
    return secret.get_secret_value() if shown else "**********"


Money = Annotated[Decimal | None, BeforeValidator(_amount), PlainSerializer(_wire_amount)]
"""An amount in the account's currency, `{"value": "0.0025"}` on the wire."""

MoneyText = Annotated[Decimal | None, BeforeValidator(_amount), PlainSerializer(_wire_text)]
"""An amount that the API writes as a plain string."""

IntText = Annotated[int | None, BeforeValidator(_absent_if_empty), PlainSerializer(_wire_text)]
"""A 64-bit integer, a string on the wire."""

Double = Annotated[float | None, PlainSerializer(_wire_double)]
"""A number that may be "Infinity", "-Infinity" or "NaN" on the wire."""

Time = Annotated[datetime | None, BeforeValidator(_absent_if_empty), PlainSerializer(_wire_time)]
"""A moment with its zone; parts smaller than a microsecond are dropped."""

Secret = Annotated[SecretStr | None, PlainSerializer(_wire_secret)]
"""A value that prints as stars; `.get_secret_value()` is the way to it."""

Items = Annotated[list[T], BeforeValidator(lambda value: [] if value is None else value)]
"""A list that is empty where the reply has null or nothing."""

CommitmentTerm = (
    Literal[
        "COMMITMENT_TERM_NONE",
        "COMMITMENT_TERM_1_MONTH",
        "COMMITMENT_TERM_3_MONTHS",
        "COMMITMENT_TERM_6_MONTHS",
        "COMMITMENT_TERM_12_MONTHS",
        "COMMITMENT_TERM_24_MONTHS",
        "COMMITMENT_TERM_36_MONTHS",
        "COMMITMENT_TERM_60_MONTHS",
    ]
    | str
)
"""For how long something is taken, at a lower price."""

SSHKeySource = (
    Literal["SSH_KEY_SOURCE_UNKNOWN", "SSH_KEY_SOURCE_PROJECT", "SSH_KEY_SOURCE_USER", "SSH_KEY_SOURCE_NONE"]
    | str
)
"""Whose SSH keys open a machine; own keys go with SSH_KEY_SOURCE_NONE."""
