"""Read data files out of installed packages, and only if they are the files we know.

A package is found with `importlib.util.find_spec`, which looks at folders and imports nothing.
``sha256.json``, beside this module, holds for each package its name for pip, its version and
the SHA-256 of every file the course reads; `python -m rnncourse.data.files` rewrites it.
"""

from __future__ import annotations

import hashlib
import json
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

MANIFEST_PATH = Path(__file__).with_name("sha256.json")
MANIFEST = json.loads(MANIFEST_PATH.read_text(encoding="utf-8"))


class DataError(Exception):
    """A data package is missing, or one of its files is not the one the course was written for."""


def package_folder(package: str) -> Path:
    """The folder of an importable package, without importing it. DataError if there is none."""
    spec = find_spec(package)
    folders = spec.submodule_search_locations if spec else None
    if not folders:
        raise DataError(
            f"the data package {_distribution(package)!r} is not installed; "
            f"run: pip install {_requirement(package)}"
        )
    return Path(next(iter(folders)))


def file_names(package: str) -> list[str]:
    """The files of `package` that the course reads, as sorted paths relative to its folder."""
    return sorted(MANIFEST[package]["files"])


def read_file(package: str, name: str) -> bytes:
    """The bytes of one file of `package`, after its SHA-256 was compared with the known one."""
    path = package_folder(package) / name
    if not path.is_file():
        raise DataError(
            f"{package}/{name} is missing: {_installed(package)}, "
            f"the course needs version {MANIFEST[package]['version']}; {_mend(package)}"
        )
    content = path.read_bytes()
    found, expected = hashlib.sha256(content).hexdigest(), MANIFEST[package]["files"][name]
    if found != expected:
        raise DataError(
            f"{package}/{name} is not the file this course was written with: "
            f"SHA-256 {found[:12]}… found, {expected[:12]}… expected; "
            f"{_installed(package)}; {_mend(package)}"
        )
    return content


def verify(package: str) -> int:
    """Read and compare every file of `package`; the number of files, or a DataError."""
    return len([read_file(package, name) for name in file_names(package)])


def _distribution(package: str) -> str:
    return MANIFEST[package]["distribution"]


def _requirement(package: str) -> str:
    return f"{_distribution(package)}=={MANIFEST[package]['version']}"


def _mend(package: str) -> str:
    return f"run: pip install --force-reinstall --no-deps {_requirement(package)}"


def _installed(package: str) -> str:
    try:
        return f"version {version(_distribution(package))} is installed"
    except PackageNotFoundError:
        return "its version is unknown"


def rewrite_manifest() -> None:
    """Hash the installed packages' files anew: after a pin has changed, and on purpose only."""
    for package, entry in MANIFEST.items():
        folder = package_folder(package)
        names = sorted(
            path.relative_to(folder).as_posix()
            for pattern in entry["patterns"]
            for path in folder.glob(pattern)
        )
        entry["version"] = version(entry["distribution"])
        entry["files"] = {
            name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in names
        }
    MANIFEST_PATH.write_text(json.dumps(MANIFEST, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    rewrite_manifest()
