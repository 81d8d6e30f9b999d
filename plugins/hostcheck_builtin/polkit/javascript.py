"""The part of JavaScript in which rules of polkit are written, as a tree; what stands outside of it is not guessed at, and is told by its line alone.

Nodes are tuples that begin with their kind. How deep they nest and how long the text may be is bounded, so that any text is read in linear time.
"""

from typing import Any, Final, NoReturn

from hostcheck_builtin.polkit.javascript_tokens import NotPlainError, ScriptToken, tokens
from hostcheck_builtin.system.bounds import JAVASCRIPT_ARMS as ARMS
from hostcheck_builtin.system.bounds import JAVASCRIPT_NESTING as DEPTH

Node = tuple[Any, ...]
CONSTANTS: Final = {"true": True, "false": False, "null": None, "undefined": None}
LEVELS: Final = (("||",), ("&&",), ("==", "!=", "===", "!=="), ("<", ">", "<=", ">=", "in"), ("+",))
"""Binary operators, those that bind least first."""
WORDS: Final = frozenset(
    "break case catch class const continue debugger default delete do else export extends finally for function if import in instanceof let new return super "
    "switch this throw try typeof var void while with yield".split()
)


class ScriptParser:
    """Reads a program; raises NotPlainError with the line of what it does not read."""

    def __init__(self, text: str) -> None:
        """Take the text apart."""
        self.tokens = tokens(text)
        self.at = self.depth = 0
        self.assigned: set[str] = set()

    @property
    def next(self) -> ScriptToken:
        """Return the token that comes next."""
        return self.tokens[self.at]

    def fail(self) -> NoReturn:
        """Give up at the next token."""
        raise NotPlainError(self.next.line)

    def take(self, *texts: str) -> bool:
        """Step past the next token where it is one of these marks or words."""
        found = self.next.kind in ("mark", "name") and self.next.text in texts
        self.at += found
        return found

    def need(self, text: str) -> None:
        """Step past a mark or a word that has to stand here."""
        if not self.take(text):
            self.fail()

    def name(self) -> str:
        """Step past a name of the program's own, and return it."""
        token = self.next
        if token.kind != "name" or token.text in WORDS:
            self.fail()
        self.at += 1
        return token.text

    def deeper(self, by: int = 1) -> None:
        """Count how deep this nests."""
        self.depth += by
        if self.depth > DEPTH:
            self.fail()

    def program(self) -> list[Node]:
        """Return the statements of the whole text."""
        found = []
        while self.next.kind != "end":
            found.append(self.statement())
        return found

    def block(self) -> Node:
        """Return the statements between braces."""
        self.need("{")
        found = []
        while not self.take("}"):
            found.append(self.statement())
        return ("block", found)

    def statement(self) -> Node:
        """Return one statement."""
        self.deeper()
        found = self._statement()
        self.depth -= 1
        return found

    def _statement(self) -> Node:
        word = self.next.text if self.next.kind in ("mark", "name") else ""
        if word == "{":
            return self.block()
        if word == ";":
            self.at += 1
            return ("block", [])
        if word in ("var", "let", "const"):
            self.at += 1
            return self.ended(self.variables())
        if word == "function":
            self.at += 1
            name = self.name()
            return ("var", [(name, self.function(self.next.line))])
        if self.take("if"):
            return self.conditional()
        if self.take("return"):
            bare = self.next.text in (";", "}") or self.next.kind == "end" or self.next.line != self.tokens[self.at - 1].line
            return self.ended(("return", ("const", None) if bare else self.expression()))
        return self.ended(("expr", self.expression()))

    def conditional(self) -> Node:
        """Return an if with all that follow its else; a chain of them nests no deeper than the first."""
        arms: list[tuple[Node, Node]] = []
        found: Node = ("block", [])
        while len(arms) < ARMS:
            condition = self.group()
            arms.append((condition, self.statement()))
            if not self.take("else"):
                break
            if not self.take("if"):
                found = self.statement()
                break
        else:
            self.fail()
        for condition, then in reversed(arms):
            found = ("if", condition, then, found)
        return found

    def ended(self, node: Node) -> Node:
        """Return a statement that ends here; a newline, a brace or the end of the text does where a semicolon is left out."""
        if not self.take(";") and self.next.text != "}" and self.next.kind != "end" and self.next.line == self.tokens[self.at - 1].line:
            self.fail()
        return node

    def variables(self) -> Node:
        """Return the variables of a declaration."""
        found: list[tuple[str, Node]] = []
        while not found or self.take(","):
            found.append((self.name(), self.expression() if self.take("=") else ("const", None)))
        return ("var", found)

    def group(self) -> Node:
        """Return the expression between parentheses."""
        self.need("(")
        found = self.expression()
        self.need(")")
        return found

    def expression(self) -> Node:
        """Return an expression, without commas."""
        self.deeper()
        found = self._arrow() or self._expression()
        self.depth -= 1
        return found

    def _expression(self) -> Node:
        found = self.binary(0)
        if self.take("?"):
            then = self.expression()
            self.need(":")
            return ("cond", found, then, self.expression())
        if found[0] == "name" and self.take("="):
            self.assigned.add(found[1])
            return ("assign", found[1], self.expression())
        return found

    def _arrow(self) -> Node | None:
        start, line = self.at, self.next.line
        if self.next.kind == "name" and self.tokens[self.at + 1].text == "=>" and self.next.text not in WORDS:
            return self.function(line, [self.name()])
        if self.next.text != "(" or self.next.kind != "mark":
            return None
        self.at += 1
        names: list[str] = []
        while self.next.kind == "name" and self.next.text not in WORDS:
            names.append(self.name())
            if not self.take(","):
                break
        if self.take(")") and self.next.text == "=>" and self.next.kind == "mark":
            return self.function(line, names)
        self.at = start
        return None

    def function(self, line: int, names: list[str] | None = None) -> Node:
        """Return a function from its parameters on; `names` are those of one with an arrow."""
        outer, self.assigned = self.assigned, set()
        if names is None:
            names = []
            self.need("(")
            while not self.take(")"):
                names.append(self.name())
                if self.next.text != ")":
                    self.need(",")
            body = self.block()
        else:
            self.need("=>")
            body = self.block() if self.next.text == "{" else ("return", self.expression())
        found = ("function", line, names, body, frozenset(self.assigned))
        self.assigned = outer | self.assigned
        return found

    def binary(self, level: int) -> Node:
        """Return what operators of this level and of those that bind more make."""
        if level == len(LEVELS):
            return self.unary()
        parts, length = [self.binary(level + 1)], 0
        while self.next.text in LEVELS[level] and self.next.kind in ("mark", "name"):
            operator = self.next.text
            self.at += 1
            right = self.binary(level + 1)
            if operator in ("&&", "||"):
                parts.append(right)
                continue
            length += 1
            if length > DEPTH:
                self.fail()
            parts = [("bin", operator, parts[0], right)]
        return parts[0] if len(parts) == 1 else (LEVELS[level][0], parts)

    def unary(self) -> Node:
        """Return an operand with what stands before it."""
        if self.take("!", "-"):
            operator = self.tokens[self.at - 1].text
            self.deeper()
            found: Node = ("unary", operator, self.unary())
            self.depth -= 1
            return found
        return self.postfix()

    def postfix(self) -> Node:
        """Return an operand with what is asked of it."""
        found, length = self.operand(), 0
        while self.next.kind == "mark" and self.next.text in (".", "[", "("):
            length += 1
            if length > DEPTH:
                self.fail()
            if self.take("."):
                token = self.next
                if token.kind != "name":
                    self.fail()
                self.at += 1
                found = ("member", found, ("const", token.text))
            elif self.take("["):
                found = ("member", found, self.expression())
                self.need("]")
            else:
                self.need("(")
                found = ("call", found, self.listed(")"))
        return found

    def listed(self, end: str) -> list[Node]:
        """Return expressions with commas between them up to a mark."""
        found = []
        while not self.take(end):
            found.append(self.expression())
            if self.next.text != end:
                self.need(",")
        return found

    def operand(self) -> Node:
        """Return a constant, a name, a list, an object, a function or what stands in parentheses."""
        token = self.next
        if token.kind in ("string", "regex", "number"):
            self.at += 1
            value = token.text if token.kind == "string" else int(token.text) if token.text.isdecimal() and len(token.text) < 10 else None
            return ("regex", token.text) if token.kind == "regex" else ("const", value)
        if token.text == "(":
            return self.group()
        if self.take("["):
            return ("list", self.listed("]"))
        if self.take("{"):
            return self.object()
        if self.take("function"):
            if self.next.text != "(":
                self.name()
            return self.function(token.line)
        name = self.name()
        return ("const", CONSTANTS[name]) if name in CONSTANTS else ("name", name)

    def object(self) -> Node:
        """Return the members of an object, by name."""
        found = []
        while not self.take("}"):
            token = self.next
            if token.kind not in ("name", "string", "number"):
                self.fail()
            self.at += 1
            self.need(":")
            found.append((token.text, self.expression()))
            if self.next.text != "}":
                self.need(",")
        return ("object", found)
