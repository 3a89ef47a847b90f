"""Prints the public surface of the generated module: names and signatures, one a line, in order."""

import ast
import sys


def lines(path):
    with open(path, encoding="utf-8") as source:
        tree = ast.parse(source.read())
    public = public_names(tree)
    for node in tree.body:
        if isinstance(node, ast.ClassDef) and node.name in public:
            yield from of_class(node, "")
        elif isinstance(node, ast.FunctionDef) and node.name in public:
            yield signature(node, "")


def public_names(tree):
    for node in tree.body:
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "__all__":
            return {element.value for element in node.value.elts}
    raise SystemExit("the generated module has no __all__")


def of_class(node, indent):
    # The protocol beside an object repeats the object's methods.
    if node.name.endswith("Protocol"):
        return
    bases = ", ".join(ast.unparse(base) for base in node.bases)
    yield f"{indent}class {node.name}({bases})"
    for member in node.body:
        if isinstance(member, ast.ClassDef):
            yield from of_class(member, indent + "  ")
        elif isinstance(member, ast.FunctionDef) and shown(member.name):
            yield signature(member, indent + "  ")


def shown(name):
    return name in ("__init__", "__str__", "__repr__") or not name.startswith("_")


def signature(node, indent):
    kind = "classmethod " if any(ast.unparse(d) == "classmethod" for d in node.decorator_list) else ""
    result = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{indent}{kind}{node.name}({ast.unparse(node.args)}){result}"


print("\n".join(lines(sys.argv[1])))
