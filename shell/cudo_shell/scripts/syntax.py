"""The statements of a script: from lines to a tree, with every slip that is in them. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from cudo_shell.commands import KEYWORDS, find_noun
from cudo_shell.exits import UsageError
from cudo_shell.scripts.lines import Expression, Line, LineError, Literal, Word, is_expression, read_lines
from cudo_shell.scripts.variables import RESERVED, check_name


@dataclass(frozen=True, slots=True)
class Run:
    """A command: `vm list -o json`. `values` are words that variables were put into already."""

    line: Line
    words: tuple[Word, ...]
    values: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Let:
    """`let vm = vm get web-1`, `let name = "web-${n}"`: the result of a command, or a value."""

    line: Line
    name: str
    value: Run | Word


@dataclass(frozen=True, slots=True)
class Param:
    """`param gpus: int = 1 "how many"`; one without a default is required."""

    line: Line
    name: str
    kind: str = "text"  # the type as written: int, choice(a, b), vm
    default: str | None = None
    help: str = ""


@dataclass(frozen=True, slots=True)
class For:
    """`for vm in ${vms}` ... `end`."""

    line: Line
    name: str
    words: tuple[Word, ...]
    body: "Block"


@dataclass(frozen=True, slots=True)
class If:
    """`if ${...}` ... `else` ... `end`; the condition is an expression."""

    line: Line
    condition: Word
    body: "Block"
    otherwise: "Block" = ()


@dataclass(frozen=True, slots=True)
class Timeout:
    """`timeout 10m` ... `end`."""

    line: Line
    time: Word
    body: "Block"


@dataclass(frozen=True, slots=True)
class Assert:
    """`assert ${...} "message"`."""

    line: Line
    condition: Word
    message: Word | None = None


@dataclass(frozen=True, slots=True)
class Echo:
    """`echo words`."""

    line: Line
    words: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class Sleep:
    """`sleep 10s`."""

    line: Line
    time: Word


@dataclass(frozen=True, slots=True)
class Source:
    """`source other.cudo name=value`."""

    line: Line
    file: Word
    words: tuple[Word, ...] = ()


@dataclass(frozen=True, slots=True)
class Exit:
    """`exit 3`."""

    line: Line
    code: Word | None = None


@dataclass(frozen=True, slots=True)
class Try:
    """`try vm start web-1`: the script goes on when that fails."""

    line: Line
    inner: "Statement"


@dataclass(frozen=True, slots=True)
class Not:
    """`! vm get web-9`: it has to fail."""

    line: Line
    inner: "Statement"


@dataclass(frozen=True, slots=True)
class Retry:
    """`retry 5 every 10s vm start web-1`."""

    line: Line
    times: Word
    every: Word
    inner: "Statement"


@dataclass(frozen=True, slots=True)
class Defer:
    """`defer vm terminate ${vm.id} --yes`: done at the end, whatever happens until then."""

    line: Line
    inner: "Statement"


Statement = (
    Run | Let | Param | For | If | Timeout | Assert | Echo | Sleep | Source | Exit | Try | Not | Retry | Defer
)
Block = tuple[Statement, ...]

OPENING = frozenset({"for", "if", "timeout"})  # the words that begin a block

BEHIND = {  # modifiers, and what may stand behind each, also with others in between; nothing is a command
    "try": frozenset({"", "let", "retry", "source"}),
    "!": frozenset({"", "retry", "source"}),  # what has to fail has no result that could be kept
    "retry": frozenset({"", "let", "source"}),
    "defer": frozenset({"", "retry", "try", "echo"}),
}
_AT_THE_BEGINNING = OPENING | {"else", "end", "param"}
DEEPEST = 100  # blocks in each other; each is several calls deep in whatever walks over the tree

_HOW = {
    "assert": 'assert ${...} "message"',
    "defer": "defer COMMAND",
    "else": "else, or else if ${...}",
    "end": "end",
    "exit": "exit, or exit N",
    "for": "for NAME in ${...}",
    "if": "if ${...}",
    "let": "let NAME = COMMAND, or let NAME = ${...}",
    "param": 'param NAME: TYPE = DEFAULT "help"',
    "retry": "retry N every TIME COMMAND",
    "sleep": "sleep TIME",
    "source": "source FILE name=value ...",
    "timeout": "timeout TIME, and the lines up to end",
    "try": "try COMMAND",
    "!": "! COMMAND",
}


@dataclass(frozen=True, slots=True)
class Tree:
    """What a text says: its statements, and the slips in it in their order."""

    statements: Block
    errors: tuple[LineError, ...] = ()

    @property
    def params(self) -> list[Param]:
        """The parameters, in the order in which they are declared."""
        return [each for each in self.statements if isinstance(each, Param)]


def read(text: str) -> Tree:
    """Read a script. Nothing is raised: what cannot be read is among the errors."""
    reader = _Reader(read_lines(text))
    statements = reader.block(None)
    return Tree(statements, tuple(sorted(reader.errors, key=lambda error: error.number)))


def all_of(statements: Block) -> Iterator[Statement]:
    """Yield statements and all that are in them."""
    pending = list(statements)
    while pending:
        statement = pending.pop()
        yield statement
        match statement:
            case For(body=body) | Timeout(body=body):
                pending += body
            case If(body=body, otherwise=otherwise):
                pending += [*body, *otherwise]
            case Try(inner=inner) | Retry(inner=inner) | Not(inner=inner) | Defer(inner=inner):
                pending.append(inner)


def set_in(statements: Block) -> Iterator[str]:
    """Yield the variables that statements set, at any depth."""
    for statement in all_of(statements):
        if isinstance(statement, Let | For | Param):
            yield statement.name


def innermost(statement: Statement) -> Statement:
    """Return what stands behind all modifiers of a statement."""
    while isinstance(statement, Try | Not | Retry | Defer):
        statement = statement.inner
    return statement


def is_open(text: str) -> bool:
    """Whether a text has begun a block that it does not end: at the prompt, more lines are to come."""
    depth = 0
    for line in read_lines(text):
        if isinstance(line, Line):
            word = keyword_of(line)
            depth += (word in OPENING) - (word == "end")
    return depth > 0


def keyword_of(line: Line) -> str:
    """Return the word that a line begins with, if it is one of the language; else nothing."""
    [first, *_] = line.words
    match first:
        case (Literal(text, is_quoted=False),) if text in KEYWORDS:
            return text
        case _:
            return ""


class _Reader:
    def __init__(self, lines: Iterable[Line | LineError]) -> None:
        self.lines = iter(lines)
        self.errors: list[LineError] = []
        self.ended_by: Line | None = None  # the `else` or `end` that ended the last block
        self.depth = 0  # blocks that are open

    def block(self, opened: Line | None) -> Block:
        """Read statements up to the `end` or `else` of a block, or to the end of the text."""
        statements: list[Statement] = []
        for line in self.lines:
            if isinstance(line, LineError):
                self.errors.append(line)
                continue
            if keyword_of(line) in {"end", "else"}:
                if opened is not None:
                    self.ended_by = line
                    return tuple(statements)
                self._slip(line, UsageError(f"There is no block that '{keyword_of(line)}' could end."))
                continue
            try:
                statements.append(self._statement(line, line.words, opened))
            except UsageError as error:
                self._slip(line, error)
        self.ended_by = None
        if opened is not None:
            word = keyword_of(opened)
            self._slip(opened, UsageError(f"This '{word}' has no 'end'.", "Write a line: end"))
        return tuple(statements)

    def _slip(self, line: Line, error: UsageError) -> None:
        self.errors.append(LineError(line.number, line.text, error))

    def _statement(self, line: Line, words: tuple[Word, ...], opened: Line | None) -> Statement:
        keyword = keyword_of(line)
        match keyword:
            case "for" | "if" | "timeout":
                if self.depth == DEEPEST:
                    raise self._passed_over()
                self.depth += 1
                try:
                    return self._block_statement(line, keyword)
                finally:
                    self.depth -= 1
            case "param":
                if opened is not None:
                    raise UsageError("A parameter cannot stand inside a block.", "Declare it at the top.")
                return _param(line)
            case _:
                return _simple(line, words)

    def _block_statement(self, line: Line, keyword: str) -> Statement:
        # The head is checked after its block is read, or every line of the block would be a slip of its own.
        body = self.block(line)
        if keyword == "if":
            otherwise = self._otherwise()
            return If(line, _condition(line.words[1:], "if"), body, otherwise)
        self._demand_end()
        if keyword == "timeout":
            _demand(len(line.words) == 2, "timeout")  # noqa: PLR2004  # timeout TIME
            return Timeout(line, line.words[1], body)
        match line.words:
            case (_, name, (Literal("in"),), *words) if words:
                return For(line, _name(name), tuple(words), body)
            case _:
                raise _slip_of("for")

    def _passed_over(self) -> UsageError:
        """Pass over the lines of a block that is too deep, and return what is wrong with it."""
        opened = 1
        for line in self.lines:
            if isinstance(line, Line):
                opened += (keyword_of(line) in OPENING) - (keyword_of(line) == "end")
            if not opened:
                break
        return UsageError(f"The blocks are nested too deep: {DEEPEST} at most.")

    def _demand_end(self) -> None:
        if self.ended_by is not None and keyword_of(self.ended_by) == "else":
            line = self.ended_by
            self._slip(line, UsageError("Only an 'if' has an 'else'."))
            self.block(line)

    def _otherwise(self) -> Block:
        """Read what stands behind `else`; an `else if` is an `if` within it that shares the end."""
        line = self.ended_by
        if line is None or keyword_of(line) == "end":
            return ()
        if self.depth > DEEPEST:
            self._slip(line, self._passed_over())
            return ()
        if len(line.words) == 1:
            body = self.block(line)
            self._demand_end()
            return body
        body = self.block(line)
        self.depth += 1
        otherwise = self._otherwise()
        self.depth -= 1
        try:
            _demand(line.words[1] == (Literal("if"),), "else")
            return (If(line, _condition(line.words[2:], "else"), body, otherwise),)
        except UsageError as error:
            self._slip(line, error)
            return ()


def _simple(  # noqa: C901, PLR0911  # a row for each keyword
    line: Line, words: tuple[Word, ...], modifiers: tuple[str, ...] = ()
) -> Statement:
    """Read what fits on one line; behind `try`, `!`, `retry` and `defer` stands such a statement again."""
    inner = Line(line.number, line.text, words)
    keyword, rest = keyword_of(inner), words[1:]
    match keyword:
        case "let":
            return _let(line, words)
        case "assert":
            _demand(1 <= len(rest) <= 2, keyword)  # noqa: PLR2004  # a condition and a message
            return Assert(line, _condition(rest[:1], keyword), rest[1] if rest[1:] else None)
        case "echo":
            return Echo(line, rest)
        case "sleep":
            _demand(len(rest) == 1, keyword)
            return Sleep(line, rest[0])
        case "source":
            _demand(bool(rest), keyword)
            return Source(line, rest[0], rest[1:])
        case "exit":
            _demand(len(rest) <= 1, keyword)
            return Exit(line, rest[0] if rest else None)
        case "try":
            return Try(line, _inner(line, rest, (*modifiers, keyword)))
        case "!":
            return Not(line, _inner(line, rest, (*modifiers, keyword)))
        case "defer":
            return Defer(line, _inner(line, rest, (*modifiers, keyword)))
        case "retry":
            _demand(len(rest) > 3 and rest[1] == (Literal("every"),), keyword)  # noqa: PLR2004  # N every TIME COMMAND
            return Retry(line, rest[0], rest[2], _inner(line, rest[3:], (*modifiers, keyword)))
        case "":
            return _run(line, words)
        case _:  # end, else, param, and what begins a block
            raise UsageError(f"'{keyword}' must begin a line.")


def _inner(line: Line, words: tuple[Word, ...], modifiers: tuple[str, ...]) -> Statement:
    _demand(bool(words), modifiers[-1])
    inner = keyword_of(Line(line.number, line.text, words))
    # Looked at before it is read, so that no number of them is too deep.
    for each in modifiers:
        _demand(inner in BEHIND[each] or inner in _AT_THE_BEGINNING, each)
    return _simple(line, words, modifiers)


def _run(line: Line, words: tuple[Word, ...]) -> Run:
    if any(isinstance(part, Expression) for part in words[0]):
        raise UsageError("A command begins with its noun, not with a variable.", "See: help")
    return Run(line, words)


def _let(line: Line, words: tuple[Word, ...]) -> Let:
    match words:
        case (_, name, (Literal("="),), *rest) if rest:
            target = _name(name)
        case _:
            raise UsageError("This is no assignment.", f"Write: {_HOW['let']}")
    if len(rest) == 1 and _is_value(rest[0]):
        return Let(line, target, rest[0])
    inner = Line(line.number, line.text, tuple(rest))
    if keyword := keyword_of(inner):
        hint = f"Write: {keyword} ... let {target} = COMMAND" if keyword in {"try", "retry"} else ""
        raise UsageError(f"'{keyword}' has no result that could be kept.", hint)
    if len(rest) == 1 and not find_noun(_text(rest[0], "A name")):
        text = _text(rest[0], "A name")
        raise UsageError(f"'{text}' is no command.", f"A value stands in quotes: let {target} = '{text}'")
    return Let(line, target, _run(line, tuple(rest)))


def _is_value(word: Word) -> bool:
    return any(isinstance(part, Expression) or getattr(part, "is_quoted", False) for part in word)


def _param(line: Line) -> Param:
    """Read `param NAME`, then `: TYPE`, `= DEFAULT` and "help", each of which may be left out."""
    words = [_text(word, "A parameter") for word in line.words[1:]]
    _demand(bool(words), "param")
    _demand_blanks(line)
    first, *rest = words
    name, colon, kind = first.partition(":")
    if not colon and rest[:1] == [":"]:
        colon, rest = ":", rest[1:]
    if colon and not kind:
        _demand(bool(rest), "param")
        kind, *rest = rest
    while "(" in kind and ")" not in kind and rest:
        kind, rest = f"{kind} {rest[0]}", rest[1:]
    default: str | None = None
    if rest[:1] == ["="]:
        _demand(len(rest) > 1, "param")
        default, rest = rest[1], rest[2:]
    _demand(len(rest) <= 1, "param")
    return Param(line, _name((Literal(name),)), kind or "text", default, rest[0] if rest else "")


def _demand_blanks(line: Line) -> None:
    """Refuse `param x=5`, `param x: int=5` and `param x =5`; a `=` inside of `choice(...)` is part of it."""
    words = takewhile(lambda word: word != (Literal("="),) and not _is_value(word), line.words[1:])
    head = " ".join(_text(word, "A parameter") for word in words)
    if "=" in head.partition("(")[0] + head.rpartition(")")[2]:
        raise UsageError("The '=' of a parameter needs blanks around it.", f"Write: {_HOW['param']}")


def _text(word: Word, what: str) -> str:
    """Return a word that must be known before anything runs."""
    if any(isinstance(part, Expression) for part in word):
        raise UsageError(f"{what} takes no ${{...}}: it is read before anything runs.")
    return "".join(part.text if isinstance(part, Literal) else f"${part.name}" for part in word)  # type: ignore[union-attr]  # no Expression is left


def _name(word: Word) -> str:
    name = check_name(_text(word, "A name"))
    if name in RESERVED:
        raise UsageError(f"'{name}' is set by cudo itself.", "Choose another name.")
    return name


def _condition(words: tuple[Word, ...], keyword: str) -> Word:
    _demand(len(words) == 1 and is_expression(words[0]), keyword)
    return words[0]


def _demand(is_so: bool, keyword: str) -> None:
    if not is_so:
        raise _slip_of(keyword)


def _slip_of(keyword: str) -> UsageError:
    return UsageError(f"'{keyword}' is not used like this.", f"Write: {_HOW[keyword]}")
