r"""How a line at the prompt falls into words: as in scripts, and | > >> outside quotes redirect the output.

'...' is taken as it is; in "..." and bare words `\` takes the character after it as it is; `#` at the start
of a word begins a comment.
"""

import re
import shlex

from cmd2.exceptions import Cmd2ShlexError
from cmd2.parsing import StatementParser

_REDIRECTION = re.compile(r"\||>>?")
_WORD = re.compile(r"""(?: [^\s"'|>\\] | \\(?:.|$) | "(?:[^"\\]|\\.)*" | '[^']*' )+""", re.VERBOSE)
_PART = re.compile(r"""'([^']*)' | "((?:[^"\\]|\\.)*)" | ((?:[^"'\\]|\\.)+)""", re.VERBOSE)
_ESCAPED = re.compile(r"\\(.)")


def words_of(text: str) -> list[str]:
    """The words of a command, each without its quotes.

    Raises: Cmd2ShlexError for a quote that is not closed.
    """
    return [_bare(token) for token in _tokens(text)]


def _tokens(text: str) -> list[str]:
    """Raw words and redirections. After a pipe, all the rest is one token: it is for another shell."""
    tokens = []
    at = 0
    while (rest := text[at:].lstrip()) and not rest.startswith("#"):
        found = _WORD.match(rest) or _REDIRECTION.match(rest)
        if found is None:
            raise Cmd2ShlexError("a quote is not closed")
        tokens.append(found[0])
        at = len(text) - len(rest) + found.end()
        if found[0] == "|":
            return [*tokens, *filter(None, [text[at:].strip()])]
    return tokens


def _bare(token: str) -> str:
    def unquoted(part: re.Match[str]) -> str:
        return (
            part[1]
            if part[1] is not None
            else _ESCAPED.sub(r"\1", part[2] if part[2] is not None else part[3])
        )

    return _PART.sub(unquoted, token)


class LineParser(StatementParser):
    """cmd2's parser, with our idea of a word.

    Its own takes a quote inside a word for a letter: `--note="a b"` would be two words, and
    `--query='a>b'` would write a file.
    """

    def tokenize(self, line: str) -> list[str]:
        """Tokens as cmd2 wants them: in quotes, so that nothing in a word can steer."""
        tokens: list[str] = []
        for token in _tokens(self._expand(line)):
            before = tokens[-1] if tokens else ""
            if _REDIRECTION.fullmatch(token) or before == "|":
                tokens.append(token)
            elif before.startswith(">"):
                tokens.append(f'"{_bare(token)}"')  # cmd2 takes one pair of quotes off a file name
            else:
                tokens.append(shlex.quote(_bare(token)))
        _check_redirection(tokens)
        return tokens


def _check_redirection(tokens: list[str]) -> None:
    """Refuse what cmd2 would drop without a word."""
    for at, each in enumerate(tokens):
        if _REDIRECTION.fullmatch(each):
            target = tokens[at + 1 :]
            if len(target) != 1 or _REDIRECTION.fullmatch(target[0]):
                wanted = "a command" if each == "|" else "one file name"
                raise Cmd2ShlexError(f"{each} needs {wanted} after it, at the end of the line")
            return
