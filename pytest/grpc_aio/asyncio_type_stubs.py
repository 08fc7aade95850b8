"""Makes the type stubs of services asyncio's: `asyncio_type_stubs.py <*_pb2_grpc.pyi>...`, in place.

mypy-protobuf 3.2, which Debian 12 has, knows only the blocking gRPC. The generated code itself serves both; so what
must change is the module that the types come from, and that a servicer's methods are awaited or iterated asynchronously.
"""

import ast
import pathlib
import sys


class AsyncioTypes(ast.NodeTransformer):
    """grpc.Channel becomes grpc.aio.Channel, and a servicer's method what asyncio calls."""

    def visit_Import(self, node: ast.Import) -> ast.Import:
        node.names = [ast.alias("grpc.aio") if name.name == "grpc" else name for name in node.names]
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.Attribute:
        if isinstance(node.value, ast.Name) and node.value.id == "grpc":
            node.value = expression("grpc.aio")
            return node
        self.generic_visit(node)
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        if node.name.endswith("Servicer"):
            for member in node.body:
                if isinstance(member, ast.FunctionDef):
                    make_asynchronous(member)
        return node


def make_asynchronous(method: ast.FunctionDef) -> None:
    for argument in method.args.args:
        if argument.annotation is not None:
            argument.annotation = asynchronous_iterator(argument.annotation)
    assert method.returns is not None, method.name
    answer = asynchronous_iterator(method.returns)
    if answer is method.returns:  # one answer, not a stream of them
        answer = ast.Subscript(expression("typing.Awaitable"), answer, ast.Load())
    method.returns = answer


def asynchronous_iterator(annotation: ast.expr) -> ast.expr:
    """typing.Iterator[X] as typing.AsyncIterator[X]; anything else as it is."""
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "typing.Iterator":
        return ast.Subscript(expression("typing.AsyncIterator"), annotation.slice, ast.Load())
    return annotation


def expression(text: str) -> ast.expr:
    return ast.parse(text, mode="eval").body


def main() -> None:
    for path in map(pathlib.Path, sys.argv[1:]):
        tree = ast.parse(path.read_text("utf-8"))
        tree = AsyncioTypes().visit(tree)
        tree.body.insert(1, ast.Import([ast.alias("typing")]))  # behind the comment of the module
        path.write_text(ast.unparse(ast.fix_missing_locations(tree)) + "\n", "utf-8")


if __name__ == "__main__":
    main()
