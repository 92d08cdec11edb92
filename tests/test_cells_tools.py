"""What the cells stand on: softmax and loss, initialisers, gradient check, optimisers, clipping."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.cells import (
    SGD,
    Adam,
    GradientError,
    GRUCell,
    LSTMCell,
    RNNCell,
    clip_by_norm,
    clip_by_value,
    cross_entropy,
    cross_entropy_backward,
    embed,
    global_norm,
    gradcheck,
    log_softmax,
    one_hot,
    orthogonal,
    sigmoid,
    softmax,
    unroll,
    unroll_backward,
)

laws = settings(max_examples=25, deadline=None)


def close(a, b, tol=1e-12):
    np.testing.assert_allclose(a, b, rtol=tol, atol=tol)


# Softmax, loss, one-hot, embedding


@given(seed=st.integers(0, 99), shift=st.floats(-1000, 1000), scale=st.floats(0.1, 500))
@laws
def test_softmax_laws(seed, shift, scale):
    z = scale * np.random.default_rng(seed).normal(size=(3, 5))
    p = softmax(z)
    close(p.sum(axis=-1), np.ones(3))
    close(softmax(z + shift), p, 1e-9)
    assert (p.argmax(axis=-1) == z.argmax(axis=-1)).all()
    close(np.exp(log_softmax(z)), p, 1e-9)
    close(softmax(z.T, axis=0), p.T)


def test_extreme_numbers_do_not_overflow():
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        close(softmax(np.array([1e4, 0.0])), [1, 0])
        close(log_softmax(np.array([1e4, 0.0])), [0, -1e4])
        close(sigmoid(np.array([-1e4, 0.0, 1e4])), [0, 0.5, 1])


@given(seed=st.integers(0, 99), lead=st.sampled_from([(), (4,), (3, 2)]), V=st.integers(1, 7))
@laws
def test_cross_entropy_is_torch_s_with_its_gradient(seed, lead, V):
    rng = np.random.default_rng(seed)
    logits, targets = rng.normal(size=(*lead, V)), rng.integers(V, size=lead)
    z = torch.tensor(logits.reshape(-1, V), requires_grad=True)
    loss = F.cross_entropy(z, torch.tensor(targets.reshape(-1)))
    loss.backward()
    close(cross_entropy(logits, targets), loss.item())
    close(cross_entropy_backward(logits, targets).reshape(-1, V), z.grad.numpy())


def test_indifferent_logits_cost_log_v():
    close(cross_entropy(np.zeros((6, 65)), np.arange(6)), np.log(65))


def test_embedding_is_one_hot_times_table():
    table = np.random.default_rng(0).normal(size=(7, 3))
    indices = np.array([[0, 6], [2, 2]])
    close(embed(indices, table), one_hot(indices, 7) @ table)
    assert one_hot(3, 5).tolist() == [0, 0, 0, 1, 0]
    assert one_hot(indices, 7, dtype=np.float32).dtype == np.float32


def test_indices_out_of_range_are_named():
    with pytest.raises(ValueError, match="index 5 is outside 0 … 4: num_classes is 5"):
        one_hot([0, 5], 5)
    with pytest.raises(ValueError, match="index -1 is outside 0 … 2: the table has 3 rows"):
        embed([-1], np.zeros((3, 2)))
    with pytest.raises(TypeError, match="indices must be integers, not float64"):
        one_hot(np.array([0.0]), 5)
    with pytest.raises(ValueError, match=r"targets should have shape \(4,\)"):
        cross_entropy(np.zeros((4, 3)), np.zeros((3, 4), int))


# Initialisers


@given(rows=st.integers(1, 9), columns=st.integers(1, 9), seed=st.integers(0, 99))
@laws
def test_orthogonal_is_orthogonal(rows, columns, seed):
    W = orthogonal((rows, columns), np.random.default_rng(seed))
    assert W.shape == (rows, columns)
    gram = W.T @ W if rows >= columns else W @ W.T
    close(gram, np.eye(min(rows, columns)), 1e-10)


@pytest.mark.parametrize(("cell_class", "gates"), [(RNNCell, 1), (LSTMCell, 4), (GRUCell, 3)])
def test_starts_are_made_gate_by_gate(cell_class, gates):
    start = {name: cell_class(3, 8, 0, init=name).params for name in ("orthogonal", "identity")}
    for block in np.split(start["orthogonal"]["W_hh"], gates):
        close(block @ block.T, np.eye(8), 1e-10)
    for block in np.split(start["identity"]["W_hh"], gates):
        close(block, np.eye(8))
    assert not start["orthogonal"]["b_h"].any()


@pytest.mark.parametrize("cell_class", [RNNCell, LSTMCell, GRUCell])
def test_uniform_start_has_torch_s_bound(cell_class):
    params = cell_class(40, 100, 0).params
    everything = np.concatenate([p.ravel() for p in params.values()])
    assert np.abs(everything).max() <= 0.1
    assert np.abs(everything).max() > 0.0999
    assert abs(everything.std() - 0.1 / np.sqrt(3)) < 1e-3


def test_xavier_start_has_its_variance():
    W = RNNCell(300, 500, 0, init="xavier").params["W_xh"]
    assert abs(W.var() / (2 / 800) - 1) < 0.02


def test_a_seed_fixes_the_start():
    a, b, c = (GRUCell(3, 4, seed).params for seed in (1, 1, 2))
    assert all((a[name] == b[name]).all() for name in a)
    assert (a["W_hh"] != c["W_hh"]).any()


# The gradient check, on every cell and on planted faults

CELLS = {
    "tanh": lambda: RNNCell(3, 4, 0),
    "sigmoid": lambda: RNNCell(3, 4, 0, nonlinearity="sigmoid"),
    "identity": lambda: RNNCell(3, 4, 0, nonlinearity="identity"),
    "relu": lambda: RNNCell(3, 4, 0, nonlinearity="relu"),
    "lstm": lambda: LSTMCell(3, 4, 0, forget_bias=1.0),
    "gru": lambda: GRUCell(3, 4, 0),
    "gru_before": lambda: GRUCell(3, 4, 0, reset_after=False),
}


def small_problem(cell):
    """A loss on every state of a short sequence; returns f, the parameters and x, gradients."""
    rng = np.random.default_rng(1)
    x, weights = rng.normal(size=(5, 2, 3)), rng.normal(size=(5, 2, 4))

    def loss():
        h, _, _ = unroll(cell, x)
        return (weights * h).sum()

    _, _, caches = unroll(cell, x)
    dx, _, grads = unroll_backward(cell, weights, caches)
    return loss, {**cell.params, "x": x}, {**grads, "x": dx}


@pytest.mark.parametrize("kind", CELLS)
def test_gradcheck_passes_on_every_cell(kind):
    f, params, grads = small_problem(CELLS[kind]())
    before = {name: p.copy() for name, p in params.items()}
    assert gradcheck(f, params, grads) < 1e-6
    assert all((params[name] == before[name]).all() for name in params), "parameters were changed"


def test_gradcheck_names_the_worst_entry():
    f, params, grads = small_problem(RNNCell(3, 4, 0))
    grads["W_hh"][2, 1] += 100
    with pytest.raises(GradientError) as caught:
        gradcheck(f, params, grads)
    message = str(caught.value)
    assert message.startswith("the gradient of W_hh[2, 1] is wrong: ")
    assert "W_hh: 1 of 16 entries off" in message
    assert "b_h: right" in message


@pytest.mark.parametrize("wrong", [np.nan, np.inf])
def test_gradcheck_does_not_let_nan_pass(wrong):
    f, params, grads = small_problem(RNNCell(3, 4, 0))
    grads["b_h"][3] = wrong
    with pytest.raises(GradientError, match=r"b_h\[3\] is wrong"):
        gradcheck(f, params, grads)


def test_gradcheck_finds_a_forgotten_slope():
    class Forgetful(RNNCell):
        def step_backward(self, dh_t, cache):
            return super().step_backward(dh_t / (1 - cache.h_t**2), cache)

    with pytest.raises(GradientError, match="is wrong"):
        gradcheck(*small_problem(Forgetful(3, 4, 0)))


def test_gradcheck_refuses_what_it_cannot_judge():
    p = {"w": np.zeros(3)}
    with pytest.raises(GradientError, match="no gradient for w; grads holds v"):
        gradcheck(lambda: 0.0, p, {"v": np.zeros(3)})
    with pytest.raises(GradientError, match=r"has shape \(3, 1\), but w has \(3,\)"):
        gradcheck(lambda: 0.0, p, {"w": np.zeros((3, 1))})
    with pytest.raises(TypeError, match="w is float32: finite differences need float64"):
        gradcheck(lambda: 0.0, {"w": np.zeros(3, np.float32)}, {"w": np.zeros(3)})


# Optimisers and clipping


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (lambda p: SGD(p, 0.1), lambda p: torch.optim.SGD(p, 0.1)),
        (lambda p: SGD(p, 0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
        (lambda p: Adam(p, 0.01), lambda p: torch.optim.Adam(p, 0.01)),
    ],
    ids=["sgd", "momentum", "adam"],
)
def test_optimisers_walk_as_torch_s_do(ours, theirs):
    rng = np.random.default_rng(0)
    params = {"W": rng.normal(size=(3, 2)), "b": rng.normal(size=3)}
    twins = [torch.tensor(p, requires_grad=True) for p in params.values()]
    optimiser, twin = ours(params), theirs(twins)
    for _ in range(20):
        grads = {name: rng.normal(size=p.shape) for name, p in params.items()}
        for t, g in zip(twins, grads.values(), strict=True):
            t.grad = torch.tensor(g)
        optimiser.step(grads)
        twin.step()
    for p, t in zip(params.values(), twins, strict=True):
        close(p, t.detach().numpy(), 1e-9)


@given(seed=st.integers(0, 99), max_norm=st.floats(0.01, 10))
@laws
def test_clip_by_norm_shortens_and_never_turns(seed, max_norm):
    rng = np.random.default_rng(seed)
    grads = {"a": rng.normal(size=(3, 2)), "b": rng.normal(size=4)}
    before = np.concatenate([g.ravel() for g in grads.values()])
    norm = clip_by_norm(grads, max_norm)
    after = np.concatenate([g.ravel() for g in grads.values()])
    close(norm, np.linalg.norm(before))
    close(global_norm(grads), min(norm, max_norm), 1e-9)
    close(after * norm, before * np.linalg.norm(after), 1e-9)


def test_clip_by_value_caps_each_entry():
    grads = {"a": np.array([-3.0, 0.5, 2.0])}
    clip_by_value(grads, 1.0)
    assert grads["a"].tolist() == [-1.0, 0.5, 1.0]


def test_a_character_rnn_learns():
    """The whole game: after a few steps the loss on a repeating text is near zero."""
    rng = np.random.default_rng(0)
    text = np.tile(np.arange(6), 20)
    cell = RNNCell(6, 16, rng)
    params = {**cell.params, "W_hy": rng.normal(size=(6, 16)) / 4, "b_y": np.zeros(6)}
    adam, state, x = Adam(params, lr=0.02), None, one_hot(text, 6)
    for _ in range(150):
        h, state, caches = unroll(cell, x[:-1, None], state)  # (T, 1, H)
        logits = h @ params["W_hy"].T + params["b_y"]
        targets = text[1:, None]
        d_logits = cross_entropy_backward(logits, targets)
        dh = d_logits @ params["W_hy"]
        _, _, grads = unroll_backward(cell, dh, caches, truncate=20)
        grads["W_hy"] = np.einsum("tbv,tbh->vh", d_logits, h)
        grads["b_y"] = d_logits.sum(axis=(0, 1))
        clip_by_norm(grads, 5.0)
        adam.step(grads)
    assert cross_entropy(logits, targets) < 0.05
