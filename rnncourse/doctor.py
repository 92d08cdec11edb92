"""Look at an installation and say what the course would miss."""

from __future__ import annotations

import json
import os
import platform
import re
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

OLDEST_PYTHON = (3, 11)


def examine() -> tuple[str, bool]:
    """A report, one line a finding, and whether everything is in order."""
    findings = [_python(), *_packages(), *_data(), _kernel(), _threads()]
    bad = [advice for good, _, advice in findings if not good and advice]
    lines = [f"{'ok ' if good else 'BAD'}  {text}" for good, text, _ in findings]
    healthy = all(good for good, _, _ in findings)
    if healthy:
        lines.append("\nEverything the course needs is here.")
    else:
        lines += ["\nWhat to do:", *dict.fromkeys(f"  {advice}" for advice in bad)]
    return "\n".join(lines), healthy


def _python() -> tuple[bool, str, str]:
    good = sys.version_info >= OLDEST_PYTHON
    wanted = ".".join(map(str, OLDEST_PYTHON))
    text = f"Python {platform.python_version()} ({sys.executable})"
    return good, text, f"install Python {wanted} or newer and make a new environment"


def requirements(path: Path) -> dict[str, str]:
    """The pinned packages of a requirements file, with their versions."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        match = re.match(r"([A-Za-z0-9._-]+)==([^\s#;]+)", line)
        if match:
            found[match[1]] = match[2]
    return found


def _packages() -> list[tuple[bool, str, str]]:
    path = Path(__file__).resolve().parents[1] / "requirements.txt"
    if not path.exists():
        return [(True, "requirements.txt is not beside the package: versions not compared", "")]
    findings, unlike = [], 0
    for name, wanted in requirements(path).items():
        try:
            installed = version(name).split("+")[0]  # torch 2.x+cpu is torch 2.x
        except PackageNotFoundError:
            installed = None
        if installed == wanted:
            continue
        unlike += 1
        state = f"{installed} is installed" if installed else "is not installed"
        advice = f'python -m pip install "{name}=={wanted}"'
        findings.append((False, f"{name} {state}, the course wants {wanted}", advice))
    total = len(requirements(path))
    if not unlike:
        return [(True, f"all {total} required packages have the right version", "")]
    return findings


def _data() -> list[tuple[bool, str, str]]:
    from rnncourse.data.files import MANIFEST, DataError, verify

    findings, files = [], 0
    for package in MANIFEST:
        try:
            files += verify(package)
        except DataError as error:
            text, _, advice = str(error).partition("run: ")
            advice = f"python -m {advice}" if advice else ""
            findings.append((False, f"data: {text.rstrip(' ;,')}", advice))
    if not findings:
        text = f"all {len(MANIFEST)} data packages are here, {files} files as expected"
        return [(True, text, "")]
    return findings


def _kernel() -> tuple[bool, str, str]:
    """Does Jupyter's python3 start this Python? If not, notebooks see other packages."""
    advice = "python -m ipykernel install --sys-prefix --name python3"
    try:
        from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel
    except ImportError:
        return False, "jupyter is not installed", "python -m pip install -r requirements.txt"
    try:
        spec = KernelSpecManager().get_kernel_spec("python3")
    except (NoSuchKernel, json.JSONDecodeError):
        return False, "Jupyter knows no kernel named python3", advice
    command = spec.argv[0]
    same = command in ("python", "python3", "python.exe") or Path(command) == Path(sys.executable)
    same = same or Path(command).resolve() == Path(sys.executable).resolve()
    text = "Jupyter's kernel python3 starts this Python"
    return same, text if same else f"Jupyter's kernel python3 starts {command}", advice


def _threads() -> tuple[bool, str, str]:
    cores = os.cpu_count() or 1
    limit = os.environ.get("OMP_NUM_THREADS")
    text = f"{cores} processor core{'s' * (cores > 1)}, " + (
        f"OMP_NUM_THREADS={limit}" if limit else "no limit on threads set"
    )
    return True, text, ""
