"""The lines of the prompt as cmd2 wants them, split as `quoting` splits them."""

import shlex
from itertools import islice

from cmd2.exceptions import Cmd2ShlexError
from cmd2.parsing import StatementParser

from cudo_shell.exits import UsageError
from cudo_shell.quoting import REDIRECTION, bare, pieces, tokens_of


class LineParser(StatementParser):
    """cmd2's parser, with our idea of a word.

    Its own takes a quote inside a word for a letter: `--note="a b"` would be two words, and
    `--query='a>b'` would write a file.
    """

    def tokenize(self, line: str) -> list[str]:
        """Tokens as cmd2 wants them: in quotes, so that nothing in a word can steer."""
        if "\n" in line:  # a block: its lines redirect nothing, and `scripts` reads them
            return [shlex.quote(piece.word) for piece in islice(pieces(line), 1)]
        try:
            found = tokens_of(self._expand(line))
        except UsageError as error:
            raise Cmd2ShlexError(str(error)) from None
        tokens: list[str] = []
        for token in found:
            before = tokens[-1] if tokens else ""
            if REDIRECTION.fullmatch(token) or before == "|":
                tokens.append(token)
            elif before.startswith(">"):
                tokens.append(f'"{bare(token)}"')  # cmd2 takes one pair of quotes off a file name
            else:
                tokens.append(shlex.quote(bare(token)))
        _check_redirection(tokens)
        return tokens


def _check_redirection(tokens: list[str]) -> None:
    """Refuse what cmd2 would drop without a word."""
    for at, each in enumerate(tokens):
        if REDIRECTION.fullmatch(each):
            target = tokens[at + 1 :]
            if len(target) != 1 or REDIRECTION.fullmatch(target[0]):
                wanted = "a command" if each == "|" else "one file name"
                raise Cmd2ShlexError(f"{each} needs {wanted} after it, at the end of the line")
            return
