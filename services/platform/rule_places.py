"""Where each rule is applied and proved, read from the sources without running them.

A pack parameter is applied where its key is written, a named rule where its name is used in a function, or where a
docstring names it in double backticks. A test proves what ``@pytest.mark.rule("KEY")`` says.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
"""Of the checkout: the pages are made there."""

DECLARES_PARAMETERS = "services/platform/pack_parameters.py"
_NAMED, _ALL_NAMED = "NamedRule", "NAMED_RULES"
_Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, order=True)
class Place:
    """``path`` from the root; ``name``: of the function, with its class, or of a named value."""

    path: str
    name: str


@dataclass(frozen=True)
class NamedRule:
    """As a service's domain declares it."""

    name: str
    says: str
    source: str
    declared: Place

    @property
    def service(self) -> str:
        return self.declared.path.split("/")[1]


class Source:
    """One parsed file."""

    def __init__(self, root: Path, path: Path) -> None:
        self.path = path.relative_to(root).as_posix()
        self.tree = ast.parse(path.read_text(encoding="utf-8"))
        self.imported = {
            alias.name
            for node in self.tree.body
            if isinstance(node, ast.ImportFrom) and str(node.module).startswith("services.")
            for alias in node.names
        }

    @property
    def service(self) -> str:
        return self.path.split("/")[1]

    def place(self, name: str) -> Place:
        return Place(self.path, name)

    def scopes(self) -> Iterator[tuple[str, _Function | ast.ClassDef | ast.Assign | ast.AnnAssign]]:
        """Functions, methods, classes without their methods, and values of the module, each with its name."""
        for node in self.tree.body:
            yield from _scopes(node, "")

    def texts(self) -> Iterator[tuple[Place, str]]:
        """Every text written in a scope and where. What is written in a value of the module is also written in each
        function that uses the value."""
        values = {name: node for name, node in self.scopes() if isinstance(node, ast.Assign | ast.AnnAssign)}
        used: set[str] = set()
        for name, node in self.scopes():
            if name in values:
                continue
            for inner in _inside(node):
                if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
                    yield self.place(name), inner.value
                elif isinstance(inner, ast.Name) and inner.id in values:
                    used.add(inner.id)
                    yield from ((self.place(name), text) for text in _strings(values[inner.id]))
        for name in values.keys() - used:
            yield from ((self.place(name), text) for text in _strings(values[name]))


def sources(root: Path = ROOT) -> list[Source]:
    """Of the services, without what declares parameters."""
    found = sorted((root / "services").rglob("*.py"))
    return [Source(root, path) for path in found if path.relative_to(root).as_posix() != DECLARES_PARAMETERS]


def applied(keys: Collection[str], read: Iterable[Source]) -> Mapping[str, list[Place]]:
    """Parameter → where its key is written."""
    places = defaultdict(set)
    for source in read:
        for place, text in source.texts():
            if text in keys:
                places[text].add(place)
    return {key: sorted(found) for key, found in places.items()}


def named_rules(read: Iterable[Source]) -> list[NamedRule]:
    """All that are declared, by service and name."""
    found = []
    for source in read:
        for name, node in source.scopes():
            call = node.value if isinstance(node, ast.Assign) else None
            if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == _NAMED:
                said = [_text(argument, source.tree) for argument in (*call.args, *(k.value for k in call.keywords))]
                found.append(NamedRule(said[0], said[1], said[2], source.place(name)))
    return sorted(found, key=lambda rule: (rule.service, rule.name))


def used(rules: Iterable[NamedRule], read: Iterable[Source]) -> Mapping[str, list[Place]]:
    """Named rule → the functions of its service that use it or whose docstring names it."""
    by_service: defaultdict[str, list[NamedRule]] = defaultdict(list)
    for rule in rules:
        by_service[rule.service].append(rule)
    places: defaultdict[str, set[Place]] = defaultdict(set)
    for source in read:
        for name, node in source.scopes():
            if isinstance(node, ast.Assign | ast.AnnAssign):
                continue
            said = ast.get_docstring(node) or ""
            names = {inner.id for inner in _inside(node) if isinstance(inner, ast.Name)}
            for rule in by_service[source.service]:
                known = source.path == rule.declared.path or rule.declared.name in source.imported
                if (known and rule.declared.name in names) or f"``{rule.name}``" in said:
                    places[rule.name].add(source.place(name))
    return {name: sorted(found) for name, found in places.items()}


def proved(root: Path = ROOT) -> Mapping[str, list[Place]]:
    """Key of each mark → the tests that carry it."""
    places = defaultdict(list)
    for path in sorted((root / "tests").rglob("test_*.py")):
        source = Source(root, path)
        for name, node in source.scopes():
            if isinstance(node, _Function):
                for key in filter(None, map(_marked, node.decorator_list)):
                    places[key].append(source.place(name))
    return dict(places)


def _marked(decorator: ast.expr) -> str | None:
    if isinstance(decorator, ast.Call) and ast.unparse(decorator.func) == "pytest.mark.rule":
        return str(ast.literal_eval(decorator.args[0]))
    return None


def _scopes(node: ast.stmt, within: str) -> Iterator[tuple[str, _Function | ast.ClassDef | ast.Assign | ast.AnnAssign]]:
    if isinstance(node, _Function):
        yield within + node.name, node
    elif isinstance(node, ast.ClassDef):
        yield within + node.name, node
        for inner in node.body:
            if isinstance(inner, _Function | ast.ClassDef):
                yield from _scopes(inner, f"{within}{node.name}.")
    elif isinstance(node, ast.Assign | ast.AnnAssign):
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if isinstance(target, ast.Name) and target.id != _ALL_NAMED:
            yield target.id, node


def _inside(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a scope; a class's methods are scopes of their own."""
    for child in ast.iter_child_nodes(node):
        if isinstance(node, ast.ClassDef) and isinstance(child, _Function | ast.ClassDef):
            continue
        yield child
        yield from _inside(child)


def _strings(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def _text(node: ast.expr, tree: ast.Module) -> str:
    """A text, or the module's value of that name."""
    if isinstance(node, ast.Name):
        for other in tree.body:
            if isinstance(other, ast.Assign) and ast.unparse(other.targets[0]) == node.id:
                return _text(other.value, tree)
    return str(ast.literal_eval(node))
