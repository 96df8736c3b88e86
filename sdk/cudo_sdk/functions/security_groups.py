"""Security groups: which traffic reaches a VM."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, Literal

from cudo_sdk.errors import NotFound
from cudo_sdk.functions.base import BaseFunction, S, api_function, api_iterator, same
from cudo_sdk.models import Items, Model
from cudo_sdk.request import Request, path

if TYPE_CHECKING:
    from cudo_sdk.session import AsyncSession

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


class SecurityGroups(BaseFunction[S]):
    """Security groups and their rules: `session.security_groups`."""

    @api_iterator
    async def search_security_groups(
        self: SecurityGroups[AsyncSession], project_id: str, *, data_center_id: str | None = None
    ) -> AsyncGenerator[SecurityGroup, None]:
        """Iterate over the security groups of a project, page by page.

        API: ListSecurityGroups
        Raises: NotFound if there is no such project.
        """
        where = path("/v1/projects/{}/security-groups", project_id)
        request = Request("ListSecurityGroups", "GET", where, {"dataCenterId": data_center_id})
        async for group in self._pages(request, SecurityGroup, "securityGroups", "page"):
            yield group

    @api_function
    async def list_security_groups(
        self: SecurityGroups[AsyncSession], project_id: str, *, data_center_id: str | None = None
    ) -> list[SecurityGroup]:
        """All security groups of a project; see search_security_groups.

        API: ListSecurityGroups
        Raises: NotFound if there is no such project.
        """
        groups = self.search_security_groups(project_id, data_center_id=data_center_id)
        return [group async for group in groups]

    @api_function
    async def get_security_group(
        self: SecurityGroups[AsyncSession], project_id: str, security_group_id: str
    ) -> SecurityGroup:
        """One security group, with its rules.

        API: GetSecurityGroup
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/security-groups/{}", project_id, security_group_id)
        return await self._model(Request("GetSecurityGroup", "GET", where), SecurityGroup)

    @api_function
    async def create_security_group(
        self: SecurityGroups[AsyncSession],
        project_id: str,
        security_group_id: str,
        data_center_id: str,
        *,
        description: str | None = None,
        rules: Sequence[Rule] | None = None,
    ) -> SecurityGroup:
        """Create a security group for the VMs of one data center.

        If the answer is lost, the group is looked up by its id, and the request is never sent twice.

        API: CreateSecurityGroup
        Raises: AlreadyExists; InvalidArgument, also for a rule; ResourceExhausted for a quota.
        """
        body = {
            "id": security_group_id,
            "dataCenterId": data_center_id,
            "description": description,
            "rules": None if rules is None else _wire(rules),
        }
        where = path("/v1/projects/{}/security-groups", project_id)

        def is_same(group: SecurityGroup) -> bool:
            return same(group, data_center_id=data_center_id, description=description) and (
                rules is None or _traffic(rules) == _traffic(group.rules)
            )

        return await self._create(
            Request("CreateSecurityGroup", "POST", where, body=body),
            SecurityGroup,
            lambda: self.get_security_group(project_id, security_group_id),
            is_same,
        )

    @api_function
    async def update_security_group(
        self: SecurityGroups[AsyncSession],
        project_id: str,
        security_group_id: str,
        data_center_id: str,
        *,
        description: str | None = None,
        rules: Sequence[Rule] | None = None,
    ) -> SecurityGroup:
        """Change a security group; `rules` replaces all that it has.

        The API asks for `data_center_id`, which cannot change: give the one that the group has.

        API: UpdateSecurityGroup
        Raises: NotFound; InvalidArgument.
        """
        body = {
            "dataCenterId": data_center_id,
            "description": description,
            "rules": None if rules is None else _wire(rules),
        }
        where = path("/v1/projects/{}/security-groups/{}", project_id, security_group_id)
        return await self._model(Request("UpdateSecurityGroup", "PATCH", where, body=body), SecurityGroup)

    @api_function
    async def delete_security_group(
        self: SecurityGroups[AsyncSession], project_id: str, security_group_id: str
    ) -> None:
        """Delete a security group and take it off its VMs. A VM without any lets everything through.

        API: DeleteSecurityGroup
        Raises: NotFound.
        """
        where = path("/v1/projects/{}/security-groups/{}", project_id, security_group_id)
        await self._transport.send(Request("DeleteSecurityGroup", "DELETE", where))

    @api_function
    async def attach_security_group_to_vm(
        self: SecurityGroups[AsyncSession], project_id: str, vm_id: str, security_group_id: str
    ) -> None:
        """Let the rules of a security group hold for a VM of the same data center.

        API: AttachSecurityGroup
        Raises: NotFound; FailedPrecondition if the VM is elsewhere.
        """
        where = path("/v1/projects/{}/vm/{}/security-group/attach", project_id, vm_id)
        query = {"securityGroupId": security_group_id}
        await self._transport.send(Request("AttachSecurityGroup", "PATCH", where, query))

    @api_function
    async def detach_security_group_from_vm(
        self: SecurityGroups[AsyncSession], project_id: str, vm_id: str, security_group_id: str
    ) -> None:
        """Take a security group off a VM. A VM without any lets everything through.

        API: DetachSecurityGroup
        Raises: NotFound; FailedPrecondition if the VM does not have it.
        """
        where = path("/v1/projects/{}/vm/{}/security-group/detach", project_id, vm_id)
        query = {"securityGroupId": security_group_id}
        await self._transport.send(Request("DetachSecurityGroup", "PATCH", where, query))

    @api_function
    async def create_security_group_rule(
        self: SecurityGroups[AsyncSession],
        project_id: str,
        security_group_id: str,
        rule_type: RuleType,
        protocol: Protocol,
        *,
        ports: str | None = None,
        ip_range_cidr: str | None = None,
        icmp_type: str | None = None,
    ) -> Rule:
        """Add one rule to a security group and return it, with the id that the API gave it, if any.

        The API only takes whole lists: the rules are read, and written back with one more. Inside this
        process such changes wait for each other; one made elsewhere at the same moment can be overwritten.

        API: GetSecurityGroup, UpdateSecurityGroup
        Raises: NotFound; InvalidArgument.
        """
        asked = Rule(
            rule_type=rule_type,
            protocol=protocol,
            ports=ports,
            ip_range_cidr=ip_range_cidr,
            icmp_type=icmp_type,
        )
        async with self._rules_held(project_id, security_group_id):
            group: SecurityGroup = await self.get_security_group(project_id, security_group_id)
            changed = await self._write_rules(project_id, security_group_id, group, [*group.rules, asked])
            known = {rule.id for rule in group.rules}
            new = [rule for rule in changed.rules if rule.id not in known]
        return next((rule for rule in new if _content(rule) == _content(asked)), asked)

    @api_function
    async def delete_security_group_rule(
        self: SecurityGroups[AsyncSession], project_id: str, security_group_id: str, rule_id: str | Rule
    ) -> None:
        """Remove one rule from a security group, by its id; a Rule without an id is found by its content.

        The same caution holds as for create_security_group_rule.

        API: GetSecurityGroup, UpdateSecurityGroup
        Raises: NotFound if there is no such group, or no such rule in it.
        """
        where = path("/v1/projects/{}/security-groups/{}", project_id, security_group_id)
        async with self._rules_held(project_id, security_group_id):
            reply = await self._transport.send(Request("GetSecurityGroup", "GET", where))
            group = await self._transport.parse(SecurityGroup, reply)
            kept = [rule for rule in group.rules if not _is_meant(rule, rule_id)]
            if len(kept) == len(group.rules):
                msg = f"security group '{security_group_id}' has no such rule"
                raise NotFound(msg, response=reply.response, operation=reply.operation)
            await self._write_rules(project_id, security_group_id, group, kept)

    async def _write_rules(
        self: SecurityGroups[AsyncSession],
        project_id: str,
        security_group_id: str,
        group: SecurityGroup,
        rules: Sequence[Rule],
    ) -> SecurityGroup:
        return await self.update_security_group(
            project_id,
            security_group_id,
            group.data_center_id or "",
            description=group.description,
            rules=rules,
        )

    @asynccontextmanager
    async def _rules_held(
        self: SecurityGroups[AsyncSession], project_id: str, security_group_id: str
    ) -> AsyncIterator[None]:
        """Let one change of a group's rules run at a time, in all sessions of this process.

        It polls, because a body awaits nothing but its transport. `setdefault` is atomic, so it holds
        between threads, too.
        """
        place = (str(self._transport.shared.origin), project_id, security_group_id)
        ours = object()
        while _HELD.setdefault(place, ours) is not ours:
            await self._transport.sleep(_POLL)
        try:
            yield
        finally:
            del _HELD[place]


_HELD: dict[tuple[str, str, str], object] = {}  # groups whose rules are being changed
_POLL = 0.05  # seconds between looks whether another change has ended


def _wire(rules: Sequence[Rule]) -> list[dict[str, Any]]:
    """Rules as a request has them: what the document names and nothing more, even if a reply had more."""
    names = set(Rule.model_fields)
    return [rule.model_dump(mode="json", by_alias=True, exclude_none=True, include=names) for rule in rules]


def _content(rule: Rule) -> tuple[str, ...]:
    """What a rule lets through; absent and empty mean the same."""
    values = (rule.rule_type, rule.protocol, rule.ports, rule.ip_range_cidr, rule.icmp_type)
    return tuple(value or "" for value in values)


def _traffic(rules: Sequence[Rule]) -> set[tuple[str, ...]]:
    """What rules let through together; one without a protocol is for all of them."""
    return {_content(rule.model_copy(update={"protocol": rule.protocol or "PROTOCOL_ALL"})) for rule in rules}


def _is_meant(rule: Rule, wanted: str | Rule) -> bool:
    if isinstance(wanted, str):
        return rule.id == wanted
    return rule.id == wanted.id if wanted.id else _content(rule) == _content(wanted)
