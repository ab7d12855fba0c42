"""Reading the expressions of an XLSForm (constraint, relevant, calculation) far enough to refuse
broken ones.

Form compilers pass a broken expression on; it fails on the device. The grammar is XPath 1.0 with
``${name}``, as the XLSForm documentation describes it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<reference>\$\{[^}]*\})
    | (?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)
    | (?P<string>"[^"]*"|'[^']*')
    | (?P<name>[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?(?<![.]))
    | (?P<mark><=|>=|!=|//|\.\.|::|[()\[\],=<>+*/|.@-])
    )""",
    re.VERBOSE,
)
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_CURLY = re.compile("[\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
                    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
                    "\N{DOUBLE LOW-9 QUOTATION MARK}]")  # fmt: skip
_FOREIGN = re.compile(r"==|&&|\|\||<>|\b(?:AND|OR|And|Or|NOT)\b")
_QUOTED = re.compile(r""""[^"]*"|'[^']*'""")


class BrokenExpression(ValueError):  # noqa: N818 - it says what the expression is
    """The expression cannot be read; ``code`` names the rule, ``at`` the place it fails."""

    def __init__(self, code: str, at: str) -> None:
        super().__init__(at)
        self.code = code
        self.at = at


@dataclass(frozen=True, slots=True, kw_only=True)
class Expression:
    """What an expression refers to."""

    references: tuple[str, ...]
    functions: tuple[str, ...]


def read_expression(text: str) -> Expression:
    """The questions and functions an expression uses.

    Raises
    ------
    BrokenExpression
        If it cannot be read.

    Examples
    --------
    >>> read_expression("(. >= 0 and . <= 99) or . = 888").references
    ()
    >>> read_expression("${tw_contact_q1} > 0 and selected(${b}, 'x')").functions
    ('selected',)
    """
    if curly := _CURLY.search(text):
        raise BrokenExpression("lint_expression_quotes", curly[0])
    if foreign := _FOREIGN.search(_QUOTED.sub(lambda match: "_" * len(match[0]), text)):
        raise BrokenExpression("lint_expression_operator", foreign[0])
    reader = _Reader(_tokens(text))
    reader.binary(0)
    if reader.kind() != "end":
        raise BrokenExpression("lint_expression", reader.value())
    return Expression(references=tuple(reader.references), functions=tuple(reader.functions))


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    place = 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            rest = text[place:].strip()
            code = "lint_expression_quotes" if rest[0] in "\"'" else "lint_expression"
            raise BrokenExpression(code, rest[:20])
        kind = match.lastgroup or ""
        found.append((kind, match[kind]))
        place = match.end()
    return found


class _Reader:
    """A recursive-descent reader; it keeps nothing but what is referred to."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens = [*tokens, ("end", "the end")]
        self.place = 0
        self.references: list[str] = []
        self.functions: list[str] = []

    def kind(self) -> str:
        return self.tokens[self.place][0]

    def value(self) -> str:
        return self.tokens[self.place][1]

    def take(self, value: str) -> bool:
        """Step over a mark or word, if it is there."""
        if self.kind() in ("mark", "name") and self.value() == value:
            self.place += 1
            return True
        return False

    def need(self, value: str) -> None:
        if not self.take(value):
            code = "lint_expression_brackets" if value in ")]" else "lint_expression"
            raise BrokenExpression(code, self.value())

    def binary(self, level: int) -> None:
        """Operators of one level and all that bind more tightly."""
        if level == len(_LEVELS):
            self.unary()
            return
        self.binary(level + 1)
        while any(self.take(operator) for operator in _LEVELS[level]):
            self.binary(level + 1)

    def unary(self) -> None:
        while self.take("-"):
            pass
        self.path()
        while self.take("|"):
            self.path()

    def path(self) -> None:
        """A value, a question or a path through the form, with conditions in square brackets."""
        if self.take("/") or self.take("//"):
            self.step()
        else:
            self.primary()
        self.predicates()
        while self.take("/") or self.take("//"):
            self.step()
            self.predicates()

    def step(self) -> None:
        if any(self.take(mark) for mark in (".", "..", "*")):
            return
        self.take("@")
        if self.kind() == "reference":
            self.primary()
        elif self.kind() == "name":
            self.place += 1
            if self.take("::"):
                self.step()
            elif self.take("("):
                self.need(")")
        else:
            raise BrokenExpression("lint_expression", self.value())

    def predicates(self) -> None:
        while self.take("["):
            self.binary(0)
            self.need("]")

    def primary(self) -> None:
        kind, value = self.tokens[self.place]
        if kind == "reference":
            self.references.append(value[2:-1].strip().removeprefix("last-saved#"))
            self.place += 1
        elif kind in ("number", "string"):
            self.place += 1
        elif self.take("("):
            self.binary(0)
            self.need(")")
        elif kind == "name" and self.tokens[self.place + 1][1] == "(":
            self.functions.append(value)
            self.place += 2
            self.arguments()
        else:
            self.step()

    def arguments(self) -> None:
        if self.take(")"):
            return
        self.binary(0)
        while self.take(","):
            self.binary(0)
        self.need(")")
