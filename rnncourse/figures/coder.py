"""An encoder and a decoder in NumPy, from the weights that an asset holds: what figures run.

weights: name → array, with the names of `models.EncoderDecoder` and `AttentiveEncoderDecoder`.
Sequences are single ones, without a batch.
"""

from __future__ import annotations

import numpy as np

from rnncourse.cells import GRUCell, unroll

Weights = dict[str, np.ndarray]


def linear(weights: Weights, name: str, x: np.ndarray) -> np.ndarray:
    """x (…, D) through the layer of this name, which may have no bias."""
    return x @ weights[f"{name}.weight"].T + weights.get(f"{name}.bias", 0.0)


def gru(weights: Weights, name: str, way: str = "") -> GRUCell:
    """The cell of a layer of GRUs; way: "_reverse" for the one that reads backwards."""
    kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    W_xh, W_hh, b_ih, b_hh = (weights[f"{name}.{kind}_l0{way}"] for kind in kinds)
    H = W_hh.shape[1]
    cell = GRUCell(W_xh.shape[1], H)
    inner = np.concatenate([b_hh[: 2 * H], np.zeros(H)])
    cell.params = {"W_xh": W_xh, "W_hh": W_hh, "b_h": b_ih + inner, "b_hn": b_hh[2 * H :]}
    return cell


def both_ways(weights: Weights, name: str, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """x (S, D) → the layer's states (S, H), reading ahead and reading backwards."""
    back = unroll(gru(weights, name, "_reverse"), x[::-1])[0][::-1]
    return unroll(gru(weights, name), x)[0], back


def encode(weights: Weights, tokens: list[int]) -> tuple[np.ndarray, np.ndarray]:
    """S token numbers → the encoder's states (S, 2H), and the decoder's first state (H,)."""
    x = weights["source_embedding.weight"][tokens]
    ahead, back = both_ways(weights, "encoder", x)
    first = np.tanh(linear(weights, "bridge", np.concatenate([ahead[-1], back[0]])))
    return np.concatenate([ahead, back], axis=1), first
