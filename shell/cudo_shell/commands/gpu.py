"""GPU models on the command line."""

from argparse import ArgumentParser, Namespace
from typing import TYPE_CHECKING

from cudo_shell.commands.base import add_verb, noun_parser, output_options
from cudo_shell.output.fields import FieldSpec
from cudo_shell.output.values import GIB, ID

if TYPE_CHECKING:
    from cudo_shell.workspace import Workspace

FIELDS = (
    FieldSpec("id", ID, priority=0),
    FieldSpec("model", path="model_name"),
    FieldSpec("vendor", path="vendor_name", priority=2),
    FieldSpec("memory_gib", GIB),
)


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    parser, verbs = noun_parser(cls, "gpu", "GPU models.")
    verb = add_verb(
        verbs,
        "list",
        gpu_list,
        examples=("gpu list", "gpu list --sort=-memory_gib"),
        aliases=["ls"],
        in_project=False,
    )
    output_options(verb, FIELDS, rows=True)
    return parser


def gpu_list(work: "Workspace", args: Namespace) -> None:
    """List the GPU models that VMs can have; prices are in: machine-type list."""
    work.show_list(work.session.gpu_models.search_gpu_models(), FIELDS, args, kind="gpu_models")
