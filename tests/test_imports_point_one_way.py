"""The layers, read from the source: who may import whom, and what stays out of module level."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
MAY_IMPORT = {
    "ner": {"ner"},
    "matching": {"matching", "ner"},
    "training": {"training", "ner", "matching"},
    "metier": {"metier", "ner", "matching", "training"},
}
HEAVY = {
    "accelerate",
    "datasets",
    "onnx",
    "onnxscript",
    "pandas",
    "pyarrow",
    "scipy",
    "sentence_transformers",
    "seqeval",
    "sklearn",
    "torch",
    "transformers",
}
LONGEST_MODULE = 400


def modules(package: str) -> list[Path]:
    return sorted((ROOT / package).rglob("*.py"))


def imported(node: ast.AST) -> Iterator[str]:
    """Top-level names that one statement or call imports from outside its own package."""
    match node:
        case ast.Import(names=names):
            yield from (alias.name.partition(".")[0] for alias in names)
        case ast.ImportFrom(module=str(module), level=0):
            yield module.partition(".")[0]
        case ast.Call(
            func=ast.Attribute(attr="import_module") | ast.Name(id="import_module" | "__import__"),
            args=[ast.Constant(value=str(module)), *_],
        ):
            yield module.partition(".")[0]


def imports_anywhere(source: str) -> set[str]:
    return {name for node in ast.walk(ast.parse(source)) for name in imported(node)}


def at_module_level(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Statements that run on import; `if TYPE_CHECKING:` does not."""
    for statement in body:
        match statement:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                continue
            case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING")):
                yield from at_module_level(statement.orelse)
            case _:
                yield statement
                for field in ("body", "orelse", "finalbody"):
                    yield from at_module_level(getattr(statement, field, []))
                for handler in getattr(statement, "handlers", []):
                    yield from at_module_level(handler.body)


def imports_on_import(source: str) -> set[str]:
    statements = at_module_level(ast.parse(source).body)
    return {name for statement in statements for name in imported(statement)}


@pytest.mark.parametrize("package", MAY_IMPORT)
def test_a_layer_imports_only_the_layers_below_it(package: str) -> None:
    forbidden = set(MAY_IMPORT) - MAY_IMPORT[package]
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imports_anywhere(path.read_text("utf-8")) & forbidden
    }
    assert modules(package)
    assert not found


@pytest.mark.parametrize("package", ["ner", "matching", "metier"])
def test_what_comes_with_an_extra_is_never_imported_at_module_level(package: str) -> None:
    found = {
        f"{path.relative_to(ROOT)} imports {name}"
        for path in modules(package)
        for name in imports_on_import(path.read_text("utf-8")) & HEAVY
    }
    assert not found


def test_relative_imports_do_not_climb_out_of_their_package() -> None:
    found = [
        str(path.relative_to(ROOT))
        for package in MAY_IMPORT
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level >= len(path.relative_to(ROOT).parts)
    ]
    assert not found


def test_no_module_is_longer_than_it_may_be() -> None:
    folders = [*MAY_IMPORT, "tests", "benchmarks"]
    lengths = {
        str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines())
        for folder in folders
        for path in modules(folder)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LONGEST_MODULE} == {}


def test_no_module_imports_everything_of_another() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for package in MAY_IMPORT
        for path in modules(package)
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names)
    ]
    assert not found


LAZY = """
import numpy as np
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import pandas
try:
    import onnx
except ImportError:
    pass
class Holder:
    import scipy
    def method(self):
        from torch import nn
def plain():
    import importlib
    return importlib.import_module("transformers.models")
"""


def test_the_reader_of_imports_sees_lazy_ones_everywhere() -> None:
    assert imports_anywhere(LAZY) >= {"numpy", "pandas", "onnx", "scipy", "torch", "transformers"}


def test_the_reader_of_imports_tells_module_level_from_lazy() -> None:
    assert imports_on_import(LAZY) == {"numpy", "typing", "onnx", "scipy"}
