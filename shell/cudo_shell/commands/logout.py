"""The word `logout`: the same as `auth logout`."""

from argparse import ArgumentParser

from cudo_shell.commands.auth import build_word


def build_parser(cls: type[ArgumentParser] = ArgumentParser) -> ArgumentParser:
    return build_word(cls, "logout")
