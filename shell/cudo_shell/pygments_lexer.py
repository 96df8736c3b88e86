"""The `.cudo` language for Pygments, and so for every program that colors with it."""

from typing import Any, ClassVar

from pygments.lexer import RegexLexer, bygroups, default, include, this, using, words
from pygments.token import (
    Comment,
    Error,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    Punctuation,
    String,
    Text,
    Whitespace,
)
from pygments.util import shebang_matches

from cudo_shell.commands import KEYWORDS, NOUNS, WORDS

_NAMES = [word for name, noun in {**NOUNS, **WORDS}.items() for word in (name, *noun.aliases)]
_MODIFIERS = ("!", "defer", "try")  # a command stands behind them
_START, _END = r"(?<!\S)", r"(?=\s|\Z)"  # of a word
_GAP = r"([^\S\n]+)"
_NAME = r"([A-Za-z_]\w*)"
_WORD = using(this, state="words")


class CudoLexer(RegexLexer):
    """Tokens of a script, also of one with slips in it. Unquoted operators of the Unix shell are errors."""

    name = "cudo"
    url = ""
    aliases: ClassVar[list[str]] = ["cudo"]
    filenames: ClassVar[list[str]] = ["*.cudo"]
    mimetypes: ClassVar[list[str]] = ["text/x-cudo"]

    # A newline that no state knows about is the end of a statement: Pygments goes back to the root there.
    tokens: ClassVar[dict[str, Any]] = {
        "root": [
            (r"\A#![^\n]*", Comment.Hashbang),
            (r"#[^\n]*", Comment.Single),
            (r"\n", Whitespace),
            include("blanks"),
            (words(_MODIFIERS, suffix=_END), Keyword),
            (
                rf"(retry){_GAP}(\S+){_GAP}(every){_GAP}(\S+)",
                bygroups(Keyword, Whitespace, _WORD, Whitespace, Keyword, Whitespace, _WORD),
            ),
            (
                rf"(let){_GAP}{_NAME}{_GAP}(=){_END}",
                bygroups(Keyword.Declaration, Whitespace, Name.Variable, Whitespace, Operator),
            ),
            (
                rf"(for){_GAP}{_NAME}{_GAP}(in){_END}",
                bygroups(Keyword, Whitespace, Name.Variable, Whitespace, Keyword),
                "words",
            ),
            (rf"(else){_GAP}(if){_END}", bygroups(Keyword, Whitespace, Keyword), "words"),
            (
                rf"(param){_GAP}{_NAME}",
                bygroups(Keyword.Declaration, Whitespace, Name.Variable),
                "parameter",
            ),
            (words(KEYWORDS, suffix=_END), Keyword, "words"),
            (words(_NAMES, suffix=_END), Name.Builtin, "verb"),
            default("words"),
        ],
        "blanks": [
            (r"\\\n", Punctuation),
            (r"[^\S\n]+", Whitespace),
        ],
        "verb": [
            include("blanks"),
            (rf"[a-z][a-z-]*{_END}", Name.Function, ("#pop", "words")),
            default(("#pop", "words")),
        ],
        "parameter": [
            include("blanks"),
            (
                r"(:)([^\S\n]*)(choice)(\()",
                bygroups(Punctuation, Whitespace, Keyword.Type, Punctuation),
                "choices",
            ),
            (r"(:)([^\S\n]*)([a-z][a-z-]*)", bygroups(Punctuation, Whitespace, Keyword.Type)),
            (rf"{_START}={_END}", Operator),
            include("words"),
        ],
        "choices": [
            include("blanks"),
            (r"\)", Punctuation, "#pop"),
            (r",", Punctuation),
            (r"[^\s,)]+", Name.Constant),
        ],
        "words": [
            (rf"{_START}#(?:\\\n|[^\n])*", Comment.Single),
            include("blanks"),
            (rf"({_START}--?[A-Za-z][\w-]*)(=?)", bygroups(Name.Attribute, Operator)),
            (rf"{_START}@[^\s'\"\\$|<>;&]+", String.Other),
            (rf"{_START}-?\d+(?:\.\d+)?{_END}", Number),
            (rf"{_START}\d+(?:\.\d+)?(?:ms|[smhd]){_END}", Literal.Date),
            (r"'(?:\\\n|[^'\n])*'?", String.Single),
            (r'"', String.Double, "quotes"),
            include("value"),
            (r"[|<>;&]", Error),
            (r"[^\s'\"\\$|<>;&]+", Text),
        ],
        "value": [
            (r"\$\{", String.Interpol, "expression"),
            (r"\\.", String.Escape),
            (r"[$\\]", Text),
        ],
        "quotes": [
            (r'"', String.Double, "#pop"),
            (r"\\\n", Punctuation),
            include("value"),
            (r"[^\"\\$\n]+", String.Double),
        ],
        "expression": [
            (r"\}", String.Interpol, "#pop"),
            include("query"),
        ],
        "query": [
            include("blanks"),
            (r"\{", Punctuation, "braces"),
            (r"'[^'\n]*'?", String.Single),
            (r'"[^"\n]*"?', Name.Property),
            (r"`[^`\n]*`?", Literal),
            (r"[A-Za-z_]\w*(?=\()", Name.Function),
            (r"[A-Za-z_]\w*", Name.Variable),
            (r"-?\d+", Number),
            (r"\|\||&&|[=!<>]=|[|<>!&@*?]", Operator),
            (r"[\[\]().,:]", Punctuation),
        ],
        "braces": [
            (r"\}", Punctuation, "#pop"),
            include("query"),
        ],
    }

    @staticmethod
    def analyse_text(text: str) -> float:
        """Say how certainly a text is a script of ours: by its first line."""
        return 1.0 if shebang_matches(text, "cudo") else 0.0
