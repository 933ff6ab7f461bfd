"""The rules of the house: style, types, imports, packaging."""

import ast
import importlib
import inspect
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from importlib.metadata import requires
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

import pytest
from numpydoc.validate import validate

import mlworkbench

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "mlworkbench"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = sorted(set(mlworkbench.__all__) - {"__version__"})
BIN = Path(sys.executable).parent
# What an environment brings by itself, and the project.
OUR_TOOLS = {"pip", "setuptools", "wheel", "mlworkbench"}


def run(*line, **options):
    done = subprocess.run(
        line, cwd=options.pop("cwd", ROOT), capture_output=True, text=True, **options
    )
    assert done.returncode == 0, f"\n{done.stdout}\n{done.stderr}"
    return done.stdout


def test_ruff_finds_nothing():
    run(BIN / "ruff", "check", ".")


def test_ruff_would_format_nothing():
    run(BIN / "ruff", "format", "--check", ".")


def test_mypy_finds_nothing():
    run(BIN / "mypy")


def test_import_contract_holds():
    run(BIN / "lint-imports")


def test_every_room_is_under_the_import_contract():
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    listed = {name.rpartition(".")[2] for name in contracts[0]["modules"]}
    assert listed == set(ROOMS)
    assert {n.rpartition(".")[2] for n in contracts[1]["forbidden_modules"]} == listed
    folders = {path.parent.name for path in PACKAGE.glob("*/__init__.py")}
    assert folders == set(ROOMS)


def public_objects():
    for room in ROOMS:
        module = importlib.import_module(f"mlworkbench.{room}")
        for name in module.__all__:
            yield f"mlworkbench.{room}.{name}"


def documented_parts():
    for path in public_objects():
        module, _, name = path.rpartition(".")
        thing = getattr(importlib.import_module(module), name)
        if not callable(thing):
            continue
        yield path
        if inspect.isclass(thing):
            for part, value in vars(thing).items():
                if not part.startswith("_") and callable(getattr(value, "fget", value)):
                    yield f"{path}.{part}"


@pytest.mark.parametrize("path", list(documented_parts()))
def test_docstring_is_numpydoc(path):
    wanted = {"GL03", "SS01", "SS02", "SS03", "SS05", "PR01", "PR02", "PR03", "PR04"}
    wanted |= {"PR07", "PR10", "RT01", "RT03", "GL08"}
    found = validate(path)
    is_property = found["type"] == "property"
    errors = [
        f"{code}: {text}"
        for code, text in found["errors"]
        if code in wanted and not (is_property and code.startswith("RT"))
    ]
    assert not errors, "\n".join(errors)


def lines_of_code(path):
    """Count the lines that are neither blank nor part of a docstring."""
    tree = ast.parse(path.read_text())
    documented = ast.Module | ast.ClassDef | ast.FunctionDef
    texts = {
        line
        for node in ast.walk(tree)
        if isinstance(node, documented) and ast.get_docstring(node)
        for line in range(node.body[0].lineno, node.body[0].end_lineno + 1)
    }
    lines = enumerate(path.read_text().splitlines(), start=1)
    return sum(1 for number, line in lines if line.strip() and number not in texts)


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda p: p.stem)
def test_files_stay_small(path):
    assert lines_of_code(path) <= 300, "split it: one idea per file"


def length(function):
    """Count a function's lines without its docstring."""
    lines = function.end_lineno - function.lineno + 1
    if ast.get_docstring(function):
        lines -= function.body[0].end_lineno - function.body[0].lineno + 1
    return lines


def test_functions_stay_short():
    long = [
        f"{path.relative_to(PACKAGE)}: {node.name} has {length(node)} lines"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and length(node) > 50
    ]
    assert not long, "\n".join(long)


def test_importing_the_package_loads_nothing_heavy():
    heavy = "{'numpy', 'pandas', 'sklearn', 'torch', 'matplotlib', 'IPython', 'pooch'}"
    code = f"import sys, mlworkbench; print(sorted({heavy} & set(sys.modules)))"
    assert run(sys.executable, "-c", code).strip() == "[]"


@pytest.mark.parametrize("room", ROOMS)
def test_importing_a_room_loads_neither_torch_nor_matplotlib(room):
    heavy = "{'torch', 'matplotlib', 'IPython', 'ipywidgets', 'shap'}"
    code = f"import sys, mlworkbench.{room}; print(sorted({heavy} & set(sys.modules)))"
    assert run(sys.executable, "-c", code).strip() == "[]"


def test_version_is_said_once_the_same():
    assert PROJECT["project"]["version"] == mlworkbench.__version__
    assert (
        f'version: "{mlworkbench.__version__}"' in (ROOT / "CITATION.cff").read_text()
    )
    assert f"## {mlworkbench.__version__}" in (ROOT / "CHANGELOG.md").read_text()


def test_environment_yml_says_what_the_project_says():
    spec = spec_from_file_location("environment", ROOT / "tools" / "environment.py")
    environment = module_from_spec(spec)
    spec.loader.exec_module(environment)
    assert (ROOT / "environment.yml").read_text() == environment.text()


def pinned():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pins = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins}


def test_constraints_pin_the_whole_closure_without_local_versions():
    pins = pinned()
    assert not [name for name, version in pins.items() if "+" in version]
    todo, seen = ["mlworkbench[course,grading,book,dev]"], set()
    from packaging.requirements import Requirement

    while todo:
        parent = Requirement(todo.pop())
        for text in requires(parent.name) or []:
            need = Requirement(text)
            extras = parent.extras or {""}
            if need.marker and not any(
                need.marker.evaluate({"extra": e}) for e in extras
            ):
                continue
            name = re.sub(r"[-_.]+", "-", need.name).lower()
            key = f"{name}[{','.join(sorted(need.extras))}]"
            if key not in seen and name not in OUR_TOOLS:
                seen.add(key)
                todo.append(key if need.extras else name)
    closure = {key.partition("[")[0] for key in seen}
    missing = {name for name in closure - set(pins) if not name.startswith("nvidia")}
    assert not missing - {"cuda-toolkit", "cuda-bindings", "triton"}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", folder)
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_package_and_every_data_file(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    data = ROOT / "datasets"
    for path in data.rglob("*"):
        if path.suffix in {".parquet", ".yaml"}:
            inside = f"mlworkbench/datasets/_files/{path.relative_to(data).as_posix()}"
            assert inside in names
    assert "mlworkbench/py.typed" in names
    assert "mlworkbench/notebook/course.mplstyle" in names
    assert not [name for name in names if name.startswith(("tests", "tools"))]


def test_the_wheel_works_in_an_empty_environment(wheel, tmp_path):
    run(sys.executable, "-m", "venv", tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    line = [python, "-m", "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True)
    offline = "NewConnectionError" in done.stderr or "Max retries" in done.stderr
    if done.returncode and offline and not os.environ.get("CI"):
        pytest.skip("PyPI cannot be reached, so there is nothing to install from")
    assert done.returncode == 0, done.stderr
    code = """
import json, mlworkbench
from mlworkbench import datasets
rows = {n: len(datasets.load(n).frame) for n in datasets.names(tier="embedded")}
print(json.dumps([mlworkbench.__file__, rows]))
"""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("MLWORKBENCH")}
    where, rows = json.loads(run(python, "-c", code, cwd=tmp_path, env=clean))
    assert Path(where).is_relative_to(tmp_path)
    assert rows["flights"] == 336_776
    assert len(rows) >= 5
