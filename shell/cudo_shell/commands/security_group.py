"""Security groups and their rules on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import (
    add_verb,
    argument,
    data_center_option,
    if_exists_option,
    noun_parser,
    output_options,
    yes_option,
)
from cudo_shell.commands.flows import GONE, destroy
from cudo_shell.commands.several import several_ids
from cudo_shell.commands.values import choice, new_id
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import ID, LIST

if TYPE_CHECKING:
    from cudo_sdk.functions.security_groups import SecurityGroup
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("data_center", path="data_center_id", priority=2),
    FieldSpec("description", priority=3),
    FieldSpec("rules", LIST, path="rules.id", priority=4),
    FieldSpec("project", path="project_id", listed=False),
)
RULE_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("direction", path="rule_type"),
    FieldSpec("protocol"),
    FieldSpec("ports"),
    FieldSpec("ip_range", path="ip_range_cidr"),
    FieldSpec("icmp_type", priority=3),
)

direction = choice("RULE_TYPE_", "INBOUND", "OUTBOUND")
protocol = choice("PROTOCOL_", "ALL", "TCP", "UDP", "ICMP", "ICMPv6", "IPSEC")


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "security-group", "Security groups: which traffic reaches a VM.")

    verb = add_verb(
        verbs, "list", group_list, examples=("security-group list", "security-group list -q"), aliases=["ls"]
    )
    argument(
        verb, "--data-center", source="data_centers", metavar="<data-center-id>", help="only those in it"
    )
    output_options(verb, FIELDS, rows=True)

    verb = add_verb(verbs, "get", group_get, examples=("security-group get web",), aliases=["show"])
    _group(verb)
    output_options(verb, FIELDS)

    create = "security-group create ssh-only --data-center no-luster-1 --description 'SSH from anywhere'"
    verb = add_verb(verbs, "create", group_create, examples=(create,))
    argument(
        verb,
        "id",
        type=new_id,
        creates="security_groups",
        field="id",
        metavar="<security-group-id>",
        help="the id of the new group",
    )
    data_center_option(verb)
    argument(verb, "--description", field="description", metavar="TEXT", help="what it is for")
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "update", group_update, examples=("security-group update web --description 'Web servers'",)
    )
    _group(verb)
    argument(verb, "--description", required=True, field="description", metavar="TEXT", help="what it is for")
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "delete", group_delete, examples=("security-group delete web --yes",), aliases=["rm"]
    )
    several_ids(verb, FIELDS, source="security_groups", metavar="<security-group-id>", asks=True)
    yes_option(verb)
    if_exists_option(verb)
    output_options(verb, GONE)

    for name, run in (("attach", group_attach), ("detach", group_detach)):
        examples = ("security-group attach web --vm web-2", "security-group detach web --vm web-2")
        verb = add_verb(verbs, name, run, examples=examples if name == "detach" else examples[:1])
        _group(verb, data_center="vm")
        argument(
            verb,
            "--vm",
            source="vms",
            required=True,
            field="vmId",
            metavar="<vm-id>",
            help="the VM whose traffic it filters",
        )

    _add_rules(verbs)
    return parser


def _add_rules(verbs: Any) -> None:
    verb = add_verb(verbs, "rule-list", rule_list, examples=("security-group rule-list web",))
    _group(verb)
    output_options(verb, RULE_FIELDS, rows=True)

    verb = add_verb(
        verbs,
        "rule-add",
        rule_add,
        examples=(
            "security-group rule-add web --protocol tcp --ports 22 --ip-range 203.0.113.0/24",
            "security-group rule-add web --direction outbound --protocol all",
        ),
    )
    _group(verb)
    argument(
        verb,
        "--direction",
        type=direction,
        default="RULE_TYPE_INBOUND",
        field="ruleType",
        metavar="inbound|outbound",
        help="which traffic it allows (inbound if not given)",
    )
    argument(
        verb,
        "--protocol",
        type=protocol,
        default="PROTOCOL_ALL",
        field="protocol",
        metavar="PROTOCOL",
        help="all, tcp, udp, icmp, icmpv6 or ipsec (all if not given)",
    )
    argument(
        verb, "--ports", field="ports", metavar="PORTS", help="such as 80,443 or 1024:2048, for tcp and udp"
    )
    argument(
        verb,
        "--ip-range",
        field="ipRangeCidr",
        metavar="CIDR",
        help="whom the rule is about; all if not given",
    )
    argument(verb, "--icmp-type", field="icmpType", metavar="TYPE", help="for icmp")
    output_options(verb, RULE_FIELDS)

    delete = "security-group rule-delete web 207ff24a-cde8-5cd2-88ef-bbb063444f42 --yes"
    verb = add_verb(verbs, "rule-delete", rule_delete, examples=(delete,))
    _group(verb)
    argument(
        verb,
        "rule",
        source="security_group_rules",
        narrow={"group": "id"},
        metavar="<rule-id>",
        help="see: security-group rule-list",
    )
    yes_option(verb)
    output_options(verb, FIELDS)


def _group(parser: ArgumentParser, **narrow: str) -> None:
    argument(parser, "id", source="security_groups", narrow=narrow, field="id", metavar="<security-group-id>")


def group_list(work: "Workspace", args: Namespace) -> None:
    """List the security groups of the project."""
    groups = work.session.security_groups.search_security_groups(
        work.project, data_center_id=args.data_center
    )
    work.show_list(groups, FIELDS, args, kind="security_groups")


def group_get(work: "Workspace", args: Namespace) -> None:
    """Show one security group; its rules are shown by rule-list."""
    work.show(_get(work, args), FIELDS, args)


def group_create(work: "Workspace", args: Namespace) -> None:
    """Create a security group without rules."""
    group = work.call(
        work.session.security_groups.create_security_group(
            work.project, args.id, args.data_center, description=args.description
        )
    )
    work.wrote("security_groups")
    work.say(f"Security group '{args.id}' created.")
    work.show(group, FIELDS, args)


def group_update(work: "Workspace", args: Namespace) -> None:
    """Change the description of a security group."""
    group = _get(work, args)
    changed = work.call(
        work.session.security_groups.update_security_group(
            work.project, args.id, group.data_center_id or "", description=args.description, rules=group.rules
        )
    )
    work.wrote("security_groups")
    work.done(f"Security group '{args.id}' updated.", changed, FIELDS, args)


def group_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a security group; its VMs lose it."""
    groups = work.session.security_groups
    destroy(
        work,
        args,
        f"security group '{args.id}'",
        get=lambda: groups.get_security_group(work.project, args.id),
        delete=lambda: groups.delete_security_group(work.project, args.id),
        kinds=("security_groups",),
        loss=" and take it from its VMs",
    )


def group_attach(work: "Workspace", args: Namespace) -> None:
    """Put a VM into a security group."""
    work.call(work.session.security_groups.attach_security_group_to_vm(work.project, args.vm, args.id))
    work.say(f"VM '{args.vm}' is in security group '{args.id}'.")


def group_detach(work: "Workspace", args: Namespace) -> None:
    """Take a VM out of a security group."""
    work.call(work.session.security_groups.detach_security_group_from_vm(work.project, args.vm, args.id))
    work.say(f"VM '{args.vm}' is no longer in security group '{args.id}'.")


def rule_list(work: "Workspace", args: Namespace) -> None:
    """List the rules of a security group."""
    work.show_list(_get(work, args).rules, RULE_FIELDS, args)


def rule_add(work: "Workspace", args: Namespace) -> None:
    """Add a rule to a security group."""
    rule = work.call(
        work.session.security_groups.create_security_group_rule(
            work.project,
            args.id,
            args.direction,
            args.protocol,
            ports=args.ports,
            ip_range_cidr=args.ip_range,
            icmp_type=args.icmp_type,
        )
    )
    work.done(f"Rule '{rule.id}' added to security group '{args.id}'.", rule, RULE_FIELDS, args)


def rule_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a rule of a security group."""
    work.confirm(
        f"Delete rule '{args.rule}' of security group '{args.id}' in project '{work.project}'?", args
    )
    work.call(work.session.security_groups.delete_security_group_rule(work.project, args.id, args.rule))
    work.done(f"Rule '{args.rule}' of security group '{args.id}' deleted.", _get(work, args), FIELDS, args)


def _get(work: "Workspace", args: Namespace) -> "SecurityGroup":
    return work.call(work.session.security_groups.get_security_group(work.project, args.id))
