"""The README's table "Where is it decided?" is true: each function it names is there."""

import ast
import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]
ROW = re.compile(r"^\| (?P<question>[^|]+) \| `(?P<path>[\w/]+\.py)#(?P<function>\w+)` \|$", re.MULTILINE)


def table() -> list[tuple[str, str, str]]:
    """The rows under the heading: question, file below src/roundtables, function."""
    _, _, after = (TOP / "README.md").read_text(encoding="utf-8").partition("## Where is it decided?")
    return ROW.findall(after.split("\n## ")[0])


def functions(path: Path) -> dict[str, ast.FunctionDef]:
    return {node.name: node for node in ast.parse(path.read_text("utf-8")).body if isinstance(node, ast.FunctionDef)}


def test_every_row_of_the_table_is_read() -> None:
    _, _, after = (TOP / "README.md").read_text(encoding="utf-8").partition("## Where is it decided?")
    rows = [line for line in after.split("\n## ")[0].splitlines() if line.startswith("|")]
    assert len(rows) - 2 == len(table()) >= 8


@pytest.mark.parametrize(("question", "path", "function"), table())
def test_the_answer_stands_where_the_table_says(question: str, path: str, function: str) -> None:
    file = TOP / "src" / "roundtables" / path
    assert file.is_file(), f"{question}: there is no {path}"
    assert function in functions(file), f"{question}: {path} has no function {function}"
    assert ast.get_docstring(functions(file)[function]), f"{question}: {function} says nothing about itself"
