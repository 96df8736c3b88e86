"""Changing what a VM was created with: keys, expiry, metadata, password."""

from argparse import Namespace
from typing import TYPE_CHECKING, Any

from cudo_shell.commands.base import add_verb, argument, output_options
from cudo_shell.commands.values import pair
from cudo_shell.commands.vm_create import key_options, keys_of, password_of
from cudo_shell.commands.vm_state import FIELDS, VM, expiry_options, ttl
from cudo_shell.exits import UsageError

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace


def add_settings(verbs: Any) -> None:
    verb = add_verb(
        verbs,
        "set-keys",
        vm_set_keys,
        examples=("vm set-keys web-1 --ssh-key-source user",),
        aliases=["authorized-keys"],
    )
    VM.id_argument(verb)
    key_options(verb)

    verb = add_verb(verbs, "set-expiry", vm_set_expiry, examples=("vm set-expiry web-1 --ttl 8h",))
    VM.id_argument(verb)
    expiry_options(verb, required=True)
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "set-metadata", vm_set_metadata, examples=("vm set-metadata web-1 owner=ada stage=test",)
    )
    VM.id_argument(verb)
    argument(verb, "metadata", nargs="*", type=pair, field="metadata", metavar="NAME=VALUE")
    verb.add_argument("--replace", action="store_true", help="drop what is not named here")
    output_options(verb, FIELDS)

    verb = add_verb(verbs, "set-password", vm_set_password, examples=("vm set-password web-1 @password.txt",))
    VM.id_argument(verb)
    argument(
        verb, "password", nargs="?", field="password", metavar="@FILE|-", help="asked for if it is not given"
    )


def vm_set_keys(work: "Workspace", args: Namespace) -> None:
    """Choose whose SSH keys open a VM."""
    keys = keys_of(work, args)
    if not any(keys.values()):
        raise UsageError("vm set-keys: nothing to change.", "Give --ssh-key-source or --ssh-key.")
    work.call(work.session.vms.update_vm_authorized_ssh_keys(work.project, args.id, **keys))
    work.say(f"The SSH keys of VM '{args.id}' are set.")


def vm_set_expiry(work: "Workspace", args: Namespace) -> None:
    """Set when a VM and its boot disk are deleted."""
    vms = work.session.vms
    work.call(vms.update_vm_expire_time(work.project, args.id, expire_time=args.expire_time, ttl=ttl(args)))
    vm = VM.fetch(work, args)
    work.done(f"VM '{args.id}' and its boot disk will be deleted at {vm.expire_time}.", vm, FIELDS, args)


def vm_set_metadata(work: "Workspace", args: Namespace) -> None:
    """Set metadata of a VM; what is not named is kept."""
    if not args.metadata and not args.replace:
        raise UsageError("vm set-metadata: nothing to change.", "Give NAME=VALUE, or --replace to drop all.")
    vms = work.session.vms
    work.call(vms.update_vm_metadata(work.project, args.id, dict(args.metadata), merge=not args.replace))
    work.done(f"The metadata of VM '{args.id}' are set.", VM.fetch(work, args), FIELDS, args)


def vm_set_password(work: "Workspace", args: Namespace) -> None:
    """Set the password of a Windows VM; it is never an argument."""
    password = password_of(work, args.password)
    work.call(work.session.vms.update_vm_password(work.project, args.id, password))
    work.say(f"The password of VM '{args.id}' is set.")
