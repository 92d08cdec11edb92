"""Small things made by scripts: NAME.json comes from NAME.py, its SHA-256 stands in sha256.json."""

import base64
import hashlib
import json
from pathlib import Path

import numpy as np

FOLDER = Path(__file__).parent


def load(name: str) -> dict:
    """The content of NAME.json, after its SHA-256 was compared with the recorded one."""
    content = (FOLDER / f"{name}.json").read_bytes()
    recorded = json.loads((FOLDER / "sha256.json").read_text(encoding="utf-8"))[f"{name}.json"]
    found = hashlib.sha256(content).hexdigest()
    if found != recorded:
        raise ValueError(
            f"assets/{name}.json has the SHA-256 {found[:12]}…, but {recorded[:12]}… is recorded; "
            f"make it anew: python -m rnncourse.assets.{name}"
        )
    return json.loads(content)


def save(name: str, content: dict) -> None:
    """Write NAME.json and record its SHA-256."""
    text = json.dumps(content, ensure_ascii=False, indent=1) + "\n"
    (FOLDER / f"{name}.json").write_bytes(text.encode())
    path = FOLDER / "sha256.json"
    recorded = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    recorded[f"{name}.json"] = hashlib.sha256(text.encode()).hexdigest()
    path.write_text(json.dumps(recorded, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def unpack(packed: dict) -> np.ndarray:
    """An array from {"shape", "scale", "bytes"}: signed bytes, and one scale a row.

    bytes: int8 in base64, row by row; a vector is one row.
    """
    values = np.frombuffer(base64.b64decode(packed["bytes"]), np.int8).reshape(packed["shape"])
    scale = np.array(packed["scale"])
    return values * (scale[:, None] if values.ndim == 2 else scale)


def pack(values: np.ndarray) -> dict:
    """What `unpack` takes: each weight a signed byte, each row (a vector as a whole) its scale."""
    rows = np.atleast_2d(values)
    scale = np.array([float(f"{s:.4g}") for s in np.abs(rows).max(1) / 127])
    rounded = np.clip(np.rint(rows / scale[:, None]), -127, 127).astype(np.int8)
    return {
        "shape": list(values.shape),
        "scale": scale.tolist(),
        "bytes": base64.b64encode(rounded.tobytes()).decode(),
    }
