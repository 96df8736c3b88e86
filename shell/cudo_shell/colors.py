"""The colors of commands and scripts: at the prompt, in messages, in pictures. One for each kind of token."""

from itertools import groupby
from operator import itemgetter

from pygments.token import (
    Comment,
    Error,
    Keyword,
    Name,
    String,
    Token,
    _TokenType,
)

from cudo_shell.output.clean import clean
from cudo_shell.streams import Streams

# Of the 16 colors that every theme sets, those that can be read on light and on dark.
PLAIN = ""
COMMAND = "bold"
KEYWORD = "bold ansimagenta"
OPTION = "ansicyan"
STRING = "ansimagenta"
EXPRESSION = "ansicyan"
MARK = "bold ansicyan"
WRONG = "ansired"
COMMENT = "ansibrightblack"

_STYLES = {
    Token: PLAIN,
    Comment: COMMENT,
    Error: WRONG,
    Keyword: KEYWORD,
    Keyword.Type: OPTION,
    Name.Attribute: OPTION,
    Name.Builtin: COMMAND,
    Name.Function: COMMAND,
    Name.Variable: EXPRESSION,
    Name.Property: EXPRESSION,
    String: STRING,
    String.Escape: MARK,
    String.Interpol: MARK,
}
_CODES = {"bold": "1", "ansired": "31", "ansimagenta": "35", "ansicyan": "36", "ansibrightblack": "90"}


def style_of(token: _TokenType) -> str:
    """Return the style of a kind of token, in the words of prompt_toolkit."""
    return next(_STYLES[each] for each in reversed(token.split()) if each in _STYLES)


def colored(line: str, streams: Streams) -> str:
    """Return a line of a script as it is shown on stderr: harmless, and in colors where there are any."""
    line = clean(line)
    if not streams.err_has_color:
        return line
    from cudo_shell.pygments_lexer import CudoLexer  # Pygments is slow to load, and most lines are right

    tokens = CudoLexer().get_tokens_unprocessed(line)
    styled = groupby(((style_of(token), text) for _, token, text in tokens), key=itemgetter(0))
    return "".join(_painted("".join(text for _, text in found), style) for style, found in styled)


def _painted(text: str, style: str) -> str:
    codes = ";".join(_CODES[each] for each in style.split())
    return f"\x1b[{codes}m{text}\x1b[0m" if codes else text
