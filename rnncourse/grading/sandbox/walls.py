"""The walls of the sandbox: which files are there, and nothing else."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from rnncourse.grading import imports
from rnncourse.grading.sandbox.session import SandboxError

INSIDE = Path(__file__).with_name("inside")
WITHHELD = ("bank", "exercises", "grading", "quizzes")  # whoever imports them
PARTS = ("bin", "sbin", "lib", "lib32", "lib64", "libx32", "libexec", "share", "pyvenv.cfg")
STRANGER = 61999  # the user id that the sandbox takes when the grader is root: nobody's


def bubblewrap(user: int, allowed: Iterable[str]) -> list[str]:
    """The walls: what of the file system is there, and nothing else. Of the course, the modules
    that are allowed, and what these import.

    Root needs no user namespace to build them; the warm process then becomes `user` by itself,
    for whom, unlike for root, the limit on processes holds.
    """
    bwrap = shutil.which("bwrap")
    if bwrap is None:
        raise SandboxError("bwrap is missing")
    walls = [
        bwrap, "--unshare-pid", "--unshare-ipc", "--unshare-net",
        "--unshare-uts", "--unshare-cgroup-try", "--die-with-parent", "--new-session",
        "--hostname", "grader", "--clearenv",
    ]  # fmt: skip
    if user:
        walls += ["--cap-drop", "ALL", "--cap-add", "CAP_SETUID", "--cap-add", "CAP_SETGID"]
    else:
        walls += ["--unshare-user", "--uid", str(STRANGER), "--gid", str(STRANGER)]
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": scratch(), "TMPDIR": scratch(), "LANG": "C.UTF-8",
        "PYTHONPATH": "/course", "PYTHONHASHSEED": "0",
        "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1",
        "MPLBACKEND": "agg", "MPLCONFIGDIR": scratch(),
    }  # fmt: skip
    for name, value in environment.items():
        walls += ["--setenv", name, value]
    shown = [*_parts_of("/usr"), *_parts_of("/usr/local"), *_python_folders()]
    course = {str(path): f"/course/{path.relative_to(imports.PACKAGE.parent)}"
              for path in course_files(allowed)}  # fmt: skip
    for path in _parents(["/dev/null", "/etc/x", *course.values(), *shown]):
        walls += ["--perms", "0755", "--dir", path]  # or only root could walk through them
    for path in map(Path, ("/bin", "/sbin", "/lib", "/lib32", "/lib64")):
        if path.is_symlink():
            walls += ["--symlink", os.readlink(path), str(path)]
        elif path.exists():
            walls += ["--ro-bind", str(path), str(path)]
    walls += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache", "--proc", "/proc"]
    for device in ("null", "zero", "full", "random", "urandom"):
        walls += ["--dev-bind", f"/dev/{device}", f"/dev/{device}"]
    for path in shown:
        link = Path(path).is_symlink() and os.readlink(path)  # lib64 is often lib by another name
        walls += ["--symlink", link, path] if link in PARTS else ["--ro-bind", path, path]
    for place in sorted(_private_places(shown)):  # /course has what may be seen
        walls += ["--tmpfs", place, "--remount-ro", place]
    walls += ["--ro-bind", str(INSIDE), "/sandbox"]
    for path, inside in course.items():
        walls += ["--ro-bind", path, inside]
    return [*walls, "--dir", scratch(), "--chdir", "/", "--remount-ro", "/"]


def course_files(allowed: Iterable[str]) -> list[Path]:
    """The modules that are allowed and what they import, with what lies in their packages and is
    no code: hashes of data, scripts of figures."""
    modules = imports.closure(
        {"rnncourse.values", "rnncourse.tracebacks", *allowed}, without=WITHHELD
    )
    files = sorted(map(imports.path_of, modules))
    packages = {path.parent for path in files if path.name == "__init__.py"} - {imports.PACKAGE}
    beside = [path for folder in sorted(packages) for path in sorted(folder.iterdir())]
    return files + [path for path in beside if not _is_code(path)]


def _is_code(path: Path) -> bool:
    return path.suffix == ".py" or path.name == "__pycache__" or (path / "__init__.py").exists()


def scratch() -> str:
    """Where the folder is that students may write to: an empty one must hide nothing."""
    hidden = any(Path(folder).is_relative_to("/tmp") for folder in _python_folders())
    return "/scratch" if hidden else "/tmp"


def _parents(paths: Sequence[str]) -> list[str]:
    found = {str(parent) for path in paths for parent in Path(path).parents}
    return sorted(found - {"/"})


def _parts_of(prefix: str) -> list[str]:
    """What of a folder that programs are installed in belongs to programs: where the course, or
    the submissions, are kept beside them, they stay out (`python -m venv .`, /usr/src/app)."""
    return [str(path) for name in PARTS if (path := Path(prefix) / name).exists()]


def _python_folders() -> list[str]:
    """The interpreter and its libraries, as far as they are not in /usr. No path has a `..`:
    what it leads through is not there inside."""
    import numpy

    folders: list[str] = []
    for prefix in map(os.path.abspath, (sys.base_prefix, sys.prefix)):
        if not Path(prefix).is_relative_to("/usr"):
            folders += [part for part in _parts_of(prefix) if part not in folders]
    site = os.path.abspath(Path(numpy.__file__).parents[1])  # of the interpreter, or elsewhere
    inside = any(Path(site).is_relative_to(f) for f in [*folders, *_parts_of("/usr")])
    return folders if inside else [*folders, site]


def _private_places(shown: Sequence[str]) -> set[str]:
    """The course, and copies of it, where they lie in folders that the sandbox shows."""
    import numpy

    course, site = imports.PACKAGE.parent, Path(numpy.__file__).parents[1]
    copies = {imports.PACKAGE, Path(os.path.abspath(site), "rnncourse")}
    if (course / "notebooks").is_dir() and not any(Path(f).is_relative_to(course) for f in shown):
        copies.add(course)
    found = {c for c in copies if c.is_dir() and any(c.is_relative_to(path) for path in shown)}
    return {str(c) for c in found if not found & set(c.parents)}
