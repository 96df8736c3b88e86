"""Security groups from the command line."""

import json


def test_rules_can_be_listed(run):
    assert run("security-group rule-list web --columns direction,protocol,ports,ip_range").out == (
        "DIRECTION          PROTOCOL      PORTS   IP RANGE\n"
        "RULE_TYPE_INBOUND  PROTOCOL_TCP  80,443  0.0.0.0/0\n"
        "RULE_TYPE_INBOUND  PROTOCOL_TCP  22      0.0.0.0/0\n"
    )


def test_rule_is_added_and_deleted_while_the_others_stay(run):
    rule = json.loads(run("security-group rule-add web --protocol udp --ports 53 -o json").out)
    assert (rule["protocol"], rule["ports"]) == ("PROTOCOL_UDP", "53")
    assert len(run("security-group rule-list web -q").out.split()) == 3
    deleted = run(f"security-group rule-delete web {rule['id']} --yes")
    assert deleted.err == f"Rule '{rule['id']}' of security group 'web' deleted.\n"
    assert len(run("security-group rule-list web -q").out.split()) == 2


def test_protocols_have_their_short_names(run):
    assert run("security-group rule-add web --protocol ICMPv6").code == 0
    outcome = run("security-group rule-add web --protocol sctp")
    assert outcome.code == 2
    assert "'sctp' is none of: all, tcp, udp, icmp, icmpv6, ipsec" in outcome.err


def test_update_of_the_description_keeps_the_rules(run):
    assert run("security-group update web --description new").code == 0
    group = json.loads(run("security-group get web -o json").out)
    assert (group["description"], len(group["rules"])) == ("new", 2)


def test_vm_joins_and_leaves_a_group(run):
    run("security-group detach web --vm web-2")
    assert json.loads(run("vm get web-2 -o json").out)["securityGroupIds"] == []
    assert run("security-group attach web --vm web-2").err == "VM 'web-2' is in security group 'web'.\n"


def test_delete_asks_with_name_and_project(run):
    outcome = run("security-group delete web")
    assert outcome.code == 8
    assert "Delete security group 'web' and take it from its VMs in project 'demo'?" in outcome.err
