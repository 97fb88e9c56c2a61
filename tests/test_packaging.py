"""What the package lists, pins, exports and must not hold."""

import ast
import importlib
import re
import subprocess
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
OURS = ("ner", "matching", "training", "metier")
LOCKS = ("base", "dev", "training")
PINNED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)")
# Each with a bracket in it, so that this file does not hold what it looks for.
FOREIGN = [
    rb"(?<![\w.:/-])/(?:[w]ork|[o]pt|[r]oot)/",
    rb"(?<![\w.:/-])/[h]ome/\w",
    rb"[p]ypi\.org",
    rb"[f]iles\.pythonhosted",
    rb"[r]egistry\.npmjs",
    rb"[f]ile:///",
]

WEIGHTS = (".npy", ".safetensors")


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / "locks" / f"{lock}.lock").read_text("utf-8").splitlines()
    found = [match.groups() for line in lines if (match := PINNED.match(line))]
    return {canonicalize_name(name): version for name, version in found}


def repository_files() -> list[Path]:
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    try:
        listed = subprocess.run(command, cwd=ROOT, capture_output=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout: there is no list of tracked files")
    paths = [ROOT / name.decode() for name in listed.split(b"\0") if name]
    return [path for path in paths if path.is_file()]


def test_every_package_folder_is_listed(project: dict[str, Any]) -> None:
    folders = {path.parent for package in OURS for path in (ROOT / package).rglob("*.py")}
    names = sorted(".".join(folder.relative_to(ROOT).parts) for folder in folders)
    assert project["tool"]["setuptools"]["packages"] == names


def test_every_listed_package_has_an_init(project: dict[str, Any]) -> None:
    packages = project["tool"]["setuptools"]["packages"]
    without = [p for p in packages if not (ROOT / p.replace(".", "/") / "__init__.py").is_file()]
    assert not without


def test_every_top_package_says_that_it_is_typed() -> None:
    assert [name for name in OURS if not (ROOT / name / "py.typed").is_file()] == []


def isort_key(name: str) -> tuple[bool, bool, str]:
    """Constants, then classes, then the rest: the order that ruff asks for."""
    return (not name.isupper(), not name[0].isupper(), name)


def exporting() -> list[Path]:
    return [
        path
        for package in OURS
        for path in sorted((ROOT / package).rglob("*.py"))
        if "__all__" in path.read_text("utf-8")
    ]


def test_the_two_libraries_say_what_they_export() -> None:
    assert {ROOT / "ner" / "__init__.py", ROOT / "matching" / "__init__.py"} <= set(exporting())


@pytest.mark.parametrize("path", exporting(), ids=lambda path: str(path.relative_to(ROOT)))
def test_exports_are_sorted_and_exist(path: Path) -> None:
    parts = path.relative_to(ROOT).with_suffix("").parts
    module = importlib.import_module(".".join(parts).removesuffix(".__init__"))
    exported = list(module.__all__)
    assert exported == sorted(set(exported), key=isort_key)
    assert [name for name in exported if not hasattr(module, name)] == []


@pytest.mark.parametrize("path", exporting(), ids=lambda path: str(path.relative_to(ROOT)))
def test_exports_hold_every_public_name(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    bound: set[str] = set()
    exported: set[str] = set()
    for node in tree.body:
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name):
                bound.add(name)
            case ast.ImportFrom(module=module, level=level) if path.name == "__init__.py" and (
                level or str(module).partition(".")[0] in OURS
            ):
                bound.update(alias.asname or alias.name for alias in node.names)
            case (
                ast.Assign(targets=[ast.Name(id="__all__")])
                | ast.AnnAssign(target=ast.Name(id="__all__"))
            ):
                assert node.value is not None
                exported.update(ast.literal_eval(node.value))
    assert {name for name in bound if not name.startswith("_")} <= exported


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(1_000_000)


def test_no_file_holds_a_machine_path_or_a_registry_address() -> None:
    pattern = re.compile(b"|".join(FOREIGN))
    found = [
        f"{path.relative_to(ROOT)}: {match.group().decode(errors='replace')}"
        for path in repository_files()
        # A hundred megabytes of numbers; what is written in words stands in the first of them.
        if (match := pattern.search(_head(path) if path.suffix in WEIGHTS else path.read_bytes()))
    ]
    assert not found


def test_the_base_lock_holds_nothing_heavy() -> None:
    heavy = {"torch", "transformers", "pandas", "pyarrow", "scipy", "scikit-learn", "datasets"}
    assert heavy & set(pins("base")) == set()


def test_the_base_lock_pins_every_dependency_within_its_bounds(project: dict[str, Any]) -> None:
    pinned = pins("base")
    for line in project["project"]["dependencies"]:
        requirement = Requirement(line)
        assert requirement.specifier.contains(pinned[canonicalize_name(requirement.name)]), line


@pytest.mark.parametrize(("extra", "lock"), [("dev", "dev"), ("train", "training")])
def test_a_lock_pins_its_extra_within_its_bounds(
    project: dict[str, Any], extra: str, lock: str
) -> None:
    pinned = pins(lock)
    for line in project["project"]["optional-dependencies"][extra]:
        requirement = Requirement(line)
        if requirement.name != "torch":
            name = canonicalize_name(requirement.name)
            assert requirement.specifier.contains(pinned[name]), line


def test_typer_is_as_new_as_what_the_command_takes_from_it(project: dict[str, Any]) -> None:
    needed = map(Requirement, project["project"]["dependencies"])
    (versions,) = (one.specifier for one in needed if one.name == "typer")
    assert not versions.contains("0.27.1")  # has no TyperException
    assert versions.contains("0.27.2")


def test_every_package_of_the_base_is_imported_somewhere(project: dict[str, Any]) -> None:
    paths = [path for package in OURS for path in (ROOT / package).rglob("*.py")]
    source = "\n".join(path.read_text("utf-8") for path in paths)
    names = [Requirement(line).name for line in project["project"]["dependencies"]]
    unused = [n for n in names if not re.search(rf"^\s*(import|from) {n}\b", source, re.MULTILINE)]
    assert not unused


def test_torch_stays_out_of_the_training_lock() -> None:
    assert "torch" not in pins("training")


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_holds_a_hash_for_each_pin_and_no_address(lock: str) -> None:
    lines = (ROOT / "locks" / f"{lock}.lock").read_text("utf-8").splitlines()
    for line, following in zip(lines, [*lines[1:], ""], strict=True):
        if PINNED.match(line):
            assert following.strip().startswith("--hash=sha256:"), line
        assert "://" not in line
        assert not re.match(r"\s*(-i|-f|--(extra-)?index-url|--find-links|--trusted-host)\b", line)


@pytest.mark.parametrize("lock", ["dev", "training"])
def test_the_locks_agree_on_the_base(lock: str) -> None:
    base, other = pins("base"), pins(lock)
    assert {n: v for n, v in other.items() if n in base} == {
        n: v for n, v in base.items() if n in other
    }
