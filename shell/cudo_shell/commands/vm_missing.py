"""What a new VM names and is not there: where else it is, or what is near it."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from cudo_shell.exits import CommandError, NotFoundError, UsageError, one_of

if TYPE_CHECKING:
    from cudo_sdk import errors
    from cudo_shell.workspace import Workspace


@contextmanager
def placed(work: "Workspace", args: Namespace) -> Iterator[None]:
    """Tell of a machine type that was not found in which data centers it is."""
    from cudo_sdk.errors import NotFound

    try:
        yield
    except NotFound as error:
        raise _elsewhere(work, args) or error from None


@contextmanager
def imaged(work: "Workspace", args: Namespace) -> Iterator[None]:
    """Tell of an image that the API refused, if there is none of that name, which are near."""
    from cudo_sdk.errors import InvalidArgument

    try:
        yield
    except InvalidArgument as error:
        raise (_no_image(work, args) if _is_about_image(error, args) else None) or error from None


def _elsewhere(work: "Workspace", args: Namespace) -> CommandError | None:
    from cudo_sdk.errors import CudoError

    kinds = []
    with suppress(CudoError):  # it only makes a message better
        kinds = work.call(work.session.machine_types.list_vm_machine_types(project_id=work.project))
    all_places = {kind.data_center_id for kind in kinds}
    places = sorted(str(kind.data_center_id) for kind in kinds if kind.id == args.machine_type)
    if not places or args.data_center in places or args.data_center not in all_places:
        return None
    return NotFoundError(
        f"Machine type '{args.machine_type}' is not in data center '{args.data_center}'.",
        f"It is in: {', '.join(places)}",
    )


def _is_about_image(error: "errors.InvalidArgument", args: Namespace) -> bool:
    return any(word in f"{error.message} {error.details}" for word in ("bootDiskImageId", args.image))


def _no_image(work: "Workspace", args: Namespace) -> CommandError | None:
    from cudo_completions.ranking import near

    images = [*work.ids_of("public_images"), *work.ids_of("private_images")]
    if not images or args.image in images:
        return None
    meant = near(args.image, images)
    hint = f"Near it: {', '.join(meant)}" if meant else "See what there is: image list"
    return UsageError(f"--image: there is no image '{args.image}'.", hint, instead=one_of(args.image, meant))
