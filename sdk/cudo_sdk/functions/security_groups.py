"""Security groups: which traffic reaches a VM."""

from __future__ import annotations

from typing import Literal

from cudo_sdk.models import Items, Model

Protocol = (
    Literal[
        "PROTOCOL_UNKNOWN",
        "PROTOCOL_ALL",
        "PROTOCOL_TCP",
        "PROTOCOL_UDP",
        "PROTOCOL_ICMP",
        "PROTOCOL_ICMPv6",  # the small v is the API's
        "PROTOCOL_IPSEC",
    ]
    | str
)
RuleType = Literal["RULE_TYPE_UNKNOWN", "RULE_TYPE_INBOUND", "RULE_TYPE_OUTBOUND"] | str


class Rule(Model):
    """One kind of traffic that is let through. `ports`: "80,443" or "1024:2048", for TCP and UDP."""

    id: str | None = None
    rule_type: RuleType | None = None
    protocol: Protocol | None = None
    ports: str | None = None
    ip_range_cidr: str | None = None
    icmp_type: str | None = None


class SecurityGroup(Model):
    """A named list of rules in one data center."""

    id: str | None = None
    project_id: str | None = None
    data_center_id: str | None = None
    description: str | None = None
    rules: Items[Rule] = []
