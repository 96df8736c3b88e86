"""Public and private images on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import (
    add_verb,
    argument,
    if_exists_option,
    noun_parser,
    output_options,
    wait_options,
    yes_option,
)
from cudo_shell.commands.flows import GONE, destroy
from cudo_shell.commands.several import several_ids
from cudo_shell.commands.values import new_id
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import GIB, ID, STATE

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("state", STATE),
    FieldSpec("platform", priority=2),
    FieldSpec("size_gib", GIB),
    FieldSpec("data_center", path="data_center_id", priority=2),
    FieldSpec("description", priority=3),
    FieldSpec("project", path="project_id", listed=False),
)
PUBLIC_FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("display_name"),
    FieldSpec("platform", priority=2),
    FieldSpec("size_gib", GIB),
    FieldSpec("description", listed=False),
)
ALL_FIELDS = tuple({field.name: field for field in (*FIELDS, *PUBLIC_FIELDS)}.values())
TIMEOUT = 1200.0  # seconds


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "image", "Images that VMs start from.")

    verb = add_verb(
        verbs, "list", image_list, examples=("image list", "image list --private -o json"), aliases=["ls"]
    )
    verb.add_argument("--private", action="store_true", help="the project's own images")
    output_options(verb, ALL_FIELDS, rows=True)

    verb = add_verb(verbs, "get", image_get, examples=("image get ubuntu-2404",), aliases=["show"])
    argument(verb, "id", source="public_images", field="id", metavar="<image-id>")
    output_options(verb, ALL_FIELDS)

    create = "image create base-9 --vm web-2 --description 'a base'"
    verb = add_verb(verbs, "create", image_create, examples=(create,))
    argument(
        verb,
        "id",
        type=new_id,
        creates="private_images",
        field="id",
        metavar="<image-id>",
        help="the id of the new image",
    )
    argument(
        verb,
        "--vm",
        source="vms",
        required=True,
        field="vmId",
        metavar="<vm-id>",
        help="whose boot disk is copied",
    )
    argument(verb, "--description", field="description", metavar="TEXT", help="what it is for")
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "update", image_update, examples=(create, "image update base-9 --description 'patched'")
    )
    _private_image(verb)
    argument(verb, "--description", required=True, field="description", metavar="TEXT", help="what it is for")
    output_options(verb, FIELDS)

    verb = add_verb(
        verbs, "delete", image_delete, examples=(create, "image delete base-9 --yes"), aliases=["rm"]
    )
    listing = ("list", "--private")
    several_ids(verb, FIELDS, source="private_images", metavar="<image-id>", listing=listing, asks=True)
    yes_option(verb)
    if_exists_option(verb)
    wait_options(verb, timeout=TIMEOUT)
    output_options(verb, GONE)
    return parser


def _private_image(parser: ArgumentParser) -> None:
    argument(parser, "id", source="private_images", field="id", metavar="<image-id>")


def image_list(work: "Workspace", args: Namespace) -> None:
    """List public images, or the project's own."""
    images = work.session.images
    if args.private:
        work.show_list(images.search_private_images(work.project), FIELDS, args, kind="private_images")
    else:
        work.show_list(images.search_public_images(), PUBLIC_FIELDS, args, kind="public_images")


def image_get(work: "Workspace", args: Namespace) -> None:
    """Show one image, public or private."""
    # The API has no call for one public image.
    for image in work.call(work.session.images.list_public_images()):
        if image.id == args.id:
            work.show(image, PUBLIC_FIELDS, args)
            return
    work.show(work.call(work.session.images.get_private_image(work.project, args.id)), FIELDS, args)


def image_create(work: "Workspace", args: Namespace) -> None:
    """Make a private image of a VM's boot disk."""
    images = work.session.images
    image = work.call(
        images.create_private_image(work.project, args.id, args.vm, description=args.description)
    )
    work.wrote("private_images")
    started = ("private_images", args.id, "READY")
    if args.wait:
        image = work.wait(
            f"Image '{args.id}'",
            lambda look: images.wait_for_private_image(
                work.project, args.id, timeout=args.timeout, just_created=True, on_look=look
            ),
            follow=f"image get {args.id}",
            started=started,
        )
    else:
        work.started(*started)
    work.say(f"Image '{args.id}' created.")
    work.show(image, FIELDS, args)


def image_update(work: "Workspace", args: Namespace) -> None:
    """Change the description of a private image."""
    images = work.session.images
    work.call(images.update_private_image(work.project, args.id, args.description))
    changed = work.call(images.get_private_image(work.project, args.id))
    work.wrote("private_images")
    work.done(f"Image '{args.id}' updated.", changed, FIELDS, args)


def image_delete(work: "Workspace", args: Namespace) -> None:
    """Delete a private image."""
    images = work.session.images
    destroy(
        work,
        args,
        f"image '{args.id}'",
        get=lambda: images.get_private_image(work.project, args.id),
        delete=lambda: images.delete_private_image(work.project, args.id),
        wait=lambda look: images.wait_for_private_image_deleted(
            work.project, args.id, timeout=args.timeout, on_look=look
        ),
        kinds=("private_images",),
    )
