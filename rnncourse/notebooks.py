"""Run a notebook from a clean kernel and store it so that the same run gives the same file.

Only what a reader sees is kept: no timings, no versions, no random ids, no progress bars.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from pathlib import Path

import nbformat

KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {
    "file_extension": ".py",
    "mimetype": "text/x-python",
    "name": "python",
    "pygments_lexer": "ipython3",
}
CELL_METADATA = ("mystnb", "nbgrader", "tags")  # every other key is an editor's noise
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
OWN_FIGURE = 'class="rnncourse-figure'
PROGRESS_BAR = re.compile(r"\r|\d+%\|.*\|\s*\d+/\d+|(Int|Float)Progress\(")
ANSI = re.compile(r"\x1b\[[0-9;]*m")


def root() -> Path:
    """The folder of the course: the nearest one above the working folder, else the package's."""
    here = Path.cwd()
    for folder in (here, *here.parents, Path(__file__).resolve().parents[1]):
        if (folder / "notebooks").is_dir() and (folder / "_toc.yml").is_file():
            return folder
    raise NotebookError("run this in the folder of the course, where _toc.yml is")


class NotebookError(Exception):
    """A notebook that cannot be read or does not run; the message says which and where."""


def read(path: str | os.PathLike) -> nbformat.NotebookNode:
    """The notebook at path, as nbformat 4. Raises NotebookError with a readable line."""
    path = Path(path)
    if not path.is_file():
        raise NotebookError(f"{path}: there is no such notebook")
    try:
        text = path.read_text(encoding="utf-8-sig")
        if not text.strip():
            raise NotebookError(f"{path}: the file is empty. Save or download it again.")
        content = json.loads(text)
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise NotebookError(
            f"{path}: this file is not a notebook (it is not JSON). Save or download it again."
        ) from None
    if not isinstance(content, dict) or "cells" not in content or content.get("nbformat") != 4:
        raise NotebookError(
            f"{path}: this JSON is not a notebook of format 4. Save it again with Jupyter."
        )
    if not content["cells"]:
        raise NotebookError(f"{path}: the notebook is empty, it has no cells")
    try:
        for number, cell in enumerate(content["cells"]):
            cell["id"] = f"cell-{number}"
        content["nbformat_minor"] = 5
        notebook = nbformat.reads(json.dumps(content), as_version=4)
        nbformat.validate(notebook)
    except (AttributeError, KeyError, TypeError, nbformat.ValidationError) as error:
        reason = str(error).splitlines()[0]
        raise NotebookError(f"{path}: this is not a valid notebook ({reason})") from None
    return notebook


def write(notebook: nbformat.NotebookNode, path: str | os.PathLike) -> None:
    """Store the notebook, with the same bytes on every system."""
    Path(path).write_text(to_text(notebook), encoding="utf-8", newline="\n")


def to_text(notebook: nbformat.NotebookNode) -> str:
    return nbformat.writes(notebook, version=4).rstrip("\n") + "\n"


def run(path: str | os.PathLike, timeout: int = 600) -> None:
    """Execute the notebook at path in its own folder, normalise it and store it in place.

    Nothing is stored when a cell fails: NotebookError names the cell and the error.
    """
    write(normalise(execute(read(path), Path(path), timeout)), path)


def execute(
    notebook: nbformat.NotebookNode,
    path: Path,
    timeout: int = 600,
    allow_errors: bool = False,
    begun=lambda index: None,
) -> nbformat.NotebookNode:
    """Run every cell in a fresh kernel, in the folder of path; outputs are stored in notebook.

    begun is called with the index of each cell when it begins.
    """
    from jupyter_client.kernelspec import NoSuchKernel
    from nbclient import NotebookClient
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    notebook.metadata["kernelspec"] = dict(KERNELSPEC)
    notebook.metadata.pop("widgets", None)
    client = NotebookClient(
        notebook,
        timeout=timeout,
        kernel_name="python3",
        record_timing=False,
        allow_errors=allow_errors,
        on_cell_execute=lambda cell, cell_index: begun(cell_index),
        interrupt_on_timeout=allow_errors,
        extra_arguments=["--log-level=40"],  # no warnings of the kernel's own
        resources={"metadata": {"path": str(Path(path).resolve().parent)}},
    )
    try:
        client.execute(env={**os.environ, "TQDM_DISABLE": "1"})
    except CellExecutionError as error:
        raise NotebookError(_failure(notebook, path, error)) from None
    except CellTimeoutError:
        raise NotebookError(f"{path}: a cell ran for more than {timeout} s") from None
    except DeadKernelError:
        raise NotebookError(
            f"{path}: the kernel died (out of memory, or the notebook ended it)"
        ) from None
    except NoSuchKernel:
        raise NotebookError(
            "there is no Jupyter kernel named python3: python -m pip install ipykernel"
        ) from None
    return notebook


def _failure(notebook, path, error) -> str:
    """The failed cell by number, its first lines, the line that failed and the error."""
    for number, cell in enumerate(notebook.cells):
        outputs = cell.get("outputs", [])
        if any(output.output_type == "error" for output in outputs):
            if "raises-exception" in cell.metadata.get("tags", []):
                continue
            source = "\n".join("    " + line for line in cell.source.splitlines())
            failed = next(output for output in outputs if output.output_type == "error")
            arrows = [
                line.strip()
                for line in ANSI.sub("", "\n".join(failed.traceback)).splitlines()
                if re.match(r"\s*-+> *\d+ ", line)
            ]
            where = f"\n  {arrows[0]}" if arrows else ""
            return (
                f"{path}: cell {number} of {len(notebook.cells)} failed:\n{source}{where}\n"
                f"  {failed.ename}: {failed.evalue}"
            )
    return f"{path}: {error}"


def normalise(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Strip everything that differs between two runs of the same notebook; in place."""
    count = 0
    for cell, name in zip(notebook.cells, cell_ids(notebook), strict=True):
        cell.id = name
        cell.metadata = nbformat.from_dict(
            {key: cell.metadata[key] for key in CELL_METADATA if cell.metadata.get(key)}
        )
        if cell.cell_type != "code":
            continue
        count += bool(cell.source.strip())
        cell.execution_count = count if cell.source.strip() else None
        cell.outputs = _clean_outputs(cell.outputs, cell.execution_count)
    widgets = notebook.metadata.get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})
    metadata = {"kernelspec": KERNELSPEC, "language_info": LANGUAGE}
    state = _renumber_widgets(notebook, widgets)
    if state:
        metadata["widgets"] = {
            WIDGET_STATE: {"version_major": 2, "version_minor": 0, "state": state}
        }
    notebook.metadata = nbformat.from_dict(metadata)
    notebook.nbformat_minor = 5
    return notebook


def cell_ids(notebook: nbformat.NotebookNode) -> list[str]:
    """An id for each cell that depends on its content only, so that an edit changes one id."""
    seen, ids = {}, []
    for cell in notebook.cells:
        digest = hashlib.sha256(f"{cell.cell_type}\n{cell.source}".encode()).hexdigest()[:10]
        seen[digest] = seen.get(digest, 0) + 1
        ids.append(digest if seen[digest] == 1 else f"{digest}-{seen[digest]}")
    return ids


def _clean_outputs(outputs: list, count: int | None) -> list:
    kept = []
    for output in outputs:
        if output.output_type == "stream":
            if output.name == "stderr" and PROGRESS_BAR.search(output.text):
                continue
            if kept and kept[-1].output_type == "stream" and kept[-1].name == output.name:
                kept[-1].text += output.text
                continue
        elif output.output_type == "error":
            output.traceback = [ANSI.sub("", line) for line in output.traceback]
        else:
            data = output.data
            if WIDGET_VIEW in data and PROGRESS_BAR.search(data.get("text/plain", "")):
                continue
            if OWN_FIGURE in data.get("text/html", ""):  # the page mounts it without a kernel
                data.pop(WIDGET_VIEW, None)
            if output.output_type == "execute_result":
                output.execution_count = count
        kept.append(output)
    return kept


def model_id(number: int) -> str:
    """The stored id of the widget model with this number (the widget manager wants 32 digits)."""
    return f"{number:032x}"


def _renumber_widgets(notebook: nbformat.NotebookNode, models: dict) -> dict:
    """Keep the models that a stored view needs, under ids in order of their appearance."""
    order: list[str] = []
    views = [
        output.data[WIDGET_VIEW]
        for cell in notebook.cells
        for output in cell.get("outputs", [])
        if WIDGET_VIEW in output.get("data", {})
    ]
    for view in views:
        _visit(view["model_id"], models, order)
    links = [name for name in models if models[name]["model_name"].endswith("LinkModel")]
    for name in links:  # a link is no part of a view, but moves two that are
        if name not in order and all(used in order for used in _references(models[name])):
            _visit(name, models, order)
    new = {old: model_id(number) for number, old in enumerate(order, start=1)}
    for view in views:
        view["model_id"] = new[view["model_id"]]
    text = json.dumps({new[old]: models[old] for old in order})
    for old, name in new.items():
        text = text.replace(f"IPY_MODEL_{old}", f"IPY_MODEL_{name}")
    return json.loads(text)


def _visit(name: str, models: dict, order: list[str]) -> None:
    if name in order or name not in models:
        return
    order.append(name)
    for reference in _references(models[name]):
        _visit(reference, models, order)


def _references(model: dict) -> list[str]:
    return re.findall(r"IPY_MODEL_([0-9a-f]+)", json.dumps(model["state"], sort_keys=True))
