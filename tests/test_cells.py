"""The NumPy cells: laws first, then equality with torch.nn in float64."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from rnncourse.cells import (
    GRUCell,
    LSTMCell,
    RNNCell,
    gradient_lengths,
    rnn_step,
    sigmoid,
    unroll,
    unroll_backward,
)
from rnncourse.cells.rnn import NONLINEARITIES

KINDS = {
    "rnn": RNNCell,
    "rnn_relu": lambda D, H, rng, **kw: RNNCell(D, H, rng, nonlinearity="relu", **kw),
    "rnn_sigmoid": lambda D, H, rng, **kw: RNNCell(D, H, rng, nonlinearity="sigmoid", **kw),
    "rnn_identity": lambda D, H, rng, **kw: RNNCell(D, H, rng, nonlinearity="identity", **kw),
    "lstm": LSTMCell,
    "gru": GRUCell,
    "gru_before": lambda D, H, rng, **kw: GRUCell(D, H, rng, reset_after=False, **kw),
}
IN_TORCH = ("rnn", "rnn_relu", "lstm", "gru")
every_cell = pytest.mark.parametrize("kind", KINDS)
shapes = st.tuples(*[st.integers(1, 6)] * 4)  # T, B, D, H
laws = settings(max_examples=15, deadline=None)


def as_tuple(state):
    return state if isinstance(state, tuple) else (state,)


def draw(kind, shape, seed=0):
    """A cell, an input x (T, B, D), a random state, and gradients to send back."""
    T, B, D, H = shape
    rng = np.random.default_rng(seed)
    cell = KINDS[kind](D, H, rng)
    x = rng.normal(size=(T, B, D))
    zero = cell.initial_state(B)
    state = tuple(rng.normal(size=(B, H)) for _ in as_tuple(zero))
    dstate = tuple(rng.normal(size=(B, H)) for _ in as_tuple(zero))
    if not isinstance(zero, tuple):
        (state,), (dstate,) = state, dstate
    return cell, x, state, rng.normal(size=(T, B, H)), dstate


def assert_close(actual, expected, what, tol=1e-10):
    np.testing.assert_allclose(actual, expected, rtol=tol, atol=tol, err_msg=f"{what} differs")


def assert_states_close(actual, expected, what):
    for part, a, b in zip("hc", as_tuple(actual), as_tuple(expected), strict=False):
        assert_close(a, b, f"{part} of {what}")


# Laws that hold for every cell


@every_cell
@given(shape=shapes, seed=st.integers(0, 99))
@laws
def test_splitting_a_sequence_and_carrying_the_state_changes_nothing(kind, shape, seed):
    cell, x, state, dh, dstate = draw(kind, shape, seed)
    cut = seed % len(x)
    whole, end, caches = unroll(cell, x, state)
    dx, d0, grads = unroll_backward(cell, dh, caches, dstate)
    if cut == 0:
        return
    first, middle, first_caches = unroll(cell, x[:cut], state)
    second, end_2, second_caches = unroll(cell, x[cut:], middle)
    assert_close(np.concatenate([first, second]), whole, "h")
    assert_states_close(end_2, end, "the last state")
    dx_2, d_middle, grads_2 = unroll_backward(cell, dh[cut:], second_caches, dstate)
    dx_1, d0_1, grads_1 = unroll_backward(cell, dh[:cut], first_caches, d_middle)
    assert_close(np.concatenate([dx_1, dx_2]), dx, "dx")
    assert_states_close(d0_1, d0, "dstate_0")
    for name in grads:
        assert_close(grads_1[name] + grads_2[name], grads[name], f"gradient of {name}")


@every_cell
@given(shape=shapes, seed=st.integers(0, 99), a=st.floats(-3, 3), b=st.floats(-3, 3))
@laws
def test_the_backward_pass_is_linear(kind, shape, seed, a, b):
    cell, x, state, dh, _ = draw(kind, shape, seed)
    other = np.random.default_rng(seed + 1).normal(size=dh.shape)
    _, _, caches = unroll(cell, x, state)
    dx_1, d0_1, grads_1 = unroll_backward(cell, dh, caches)
    dx_2, d0_2, grads_2 = unroll_backward(cell, other, caches)
    dx, d0, grads = unroll_backward(cell, a * dh + b * other, caches)
    assert_close(dx, a * dx_1 + b * dx_2, "dx", 1e-9)
    for part, p, q in zip(as_tuple(d0), as_tuple(d0_1), as_tuple(d0_2), strict=True):
        assert_close(part, a * p + b * q, "dstate_0", 1e-9)
    for name in grads:
        assert_close(grads[name], a * grads_1[name] + b * grads_2[name], name, 1e-9)


@every_cell
@given(shape=shapes, seed=st.integers(0, 99))
@laws
def test_the_entries_of_a_batch_do_not_see_each_other(kind, shape, seed):
    cell, x, _, dh, _ = draw(kind, shape, seed)
    h, _, caches = unroll(cell, x)
    dx, _, grads = unroll_backward(cell, dh, caches)
    total = {name: 0 for name in grads}
    for b in range(x.shape[1]):
        h_b, _, caches_b = unroll(cell, x[:, b])  # no batch axis at all
        dx_b, _, grads_b = unroll_backward(cell, dh[:, b], caches_b)
        assert_close(h_b, h[:, b], f"h of sequence {b} alone")
        assert_close(dx_b, dx[:, b], f"dx of sequence {b} alone")
        total = {name: total[name] + grads_b[name] for name in grads}
    for name in grads:
        assert_close(total[name], grads[name], f"gradient of {name}")


@every_cell
def test_the_future_never_changes_the_past(kind):
    cell, x, state, dh, _ = draw(kind, (6, 2, 3, 4))
    h, _, caches = unroll(cell, x, state)
    x[4:] += 1
    changed, _, _ = unroll(cell, x, state)
    assert_close(changed[:4], h[:4], "h before the change")
    assert np.abs(changed[4] - h[4]).max() > 1e-6, "x_t does not reach h_t"
    dh[3:] = 0
    dx, _, _ = unroll_backward(cell, dh, caches)
    assert np.abs(dx[3:]).max() == 0, "a loss on h_3 sends gradient to later inputs"
    assert np.abs(dx[2]).max() > 1e-6, "a loss on h_3 sends no gradient to x_3"


@every_cell
def test_gradient_lengths_are_those_of_every_shorter_walk(kind):
    cell, x, _, dh, dstate = draw(kind, (6, 2, 3, 4))
    found = gradient_lengths(cell, x, dstate)
    _, _, caches = unroll(cell, x)
    for back in range(1, 7):
        _, arrived, _ = unroll_backward(cell, 0 * dh[:back], caches[6 - back :], dstate)
        squares = sum((part**2).sum() for part in as_tuple(arrived))
        assert_close(found[back], squares**0.5, f"the length {back} steps back")
    own = sum((part**2).sum() for part in as_tuple(dstate)) ** 0.5
    assert_close(found[0], own, "the length at the end")


@every_cell
@pytest.mark.parametrize("truncate", [7, 8, 100])
def test_truncation_beyond_the_end_is_full_bptt(kind, truncate):
    cell, x, state, dh, dstate = draw(kind, (7, 2, 3, 4))
    _, _, caches = unroll(cell, x, state)
    full = unroll_backward(cell, dh, caches, dstate)
    cut = unroll_backward(cell, dh, caches, dstate, truncate=truncate)
    assert_close(cut[0], full[0], "dx")
    assert_states_close(cut[1], full[1], "dstate_0")
    for name in full[2]:
        assert_close(cut[2][name], full[2][name], f"gradient of {name}")


@every_cell
@pytest.mark.parametrize("k", [1, 2, 3])
def test_truncation_is_detaching_between_windows(kind, k):
    cell, x, state, dh, dstate = draw(kind, (7, 2, 3, 4))
    _, _, caches = unroll(cell, x, state)
    dx, _, grads = unroll_backward(cell, dh, caches, dstate, truncate=k)
    total = {name: 0 for name in grads}
    for start in range(0, 7, k):
        window = slice(start, start + k)
        from_beyond = dstate if start + k >= 7 else None
        dx_w, _, grads_w = unroll_backward(cell, dh[window], caches[window], from_beyond)
        assert_close(dx[window], dx_w, f"dx in the window from {start}")
        total = {name: total[name] + grads_w[name] for name in grads}
    for name in grads:
        assert_close(grads[name], total[name], f"gradient of {name}")


@every_cell
def test_float32_stays_float32(kind):
    cell = KINDS[kind](3, 4, 0, dtype=np.float32)
    x = np.random.default_rng(0).normal(size=(5, 2, 3)).astype(np.float32)
    h, _, caches = unroll(cell, x)
    dx, _, grads = unroll_backward(cell, h, caches)
    kept = {"h": h, "dx": dx} | {f"gradient of {name}": g for name, g in grads.items()}
    assert {name: a.dtype.name for name, a in kept.items()} == dict.fromkeys(kept, "float32")
    exact, _, _ = unroll(KINDS[kind](3, 4, 0), x.astype(float))
    assert_close(h, exact, "h in float32", 1e-5)


@every_cell
def test_a_step_leaves_its_arguments_alone(kind):
    cell, x, state, dh, dstate = draw(kind, (4, 2, 3, 4))
    given = [x, dh, *as_tuple(state), *as_tuple(dstate), *cell.params.values()]
    before = [a.copy() for a in given]
    _, _, caches = unroll(cell, x, state)
    unroll_backward(cell, dh, caches, dstate)
    for a, b in zip(given, before, strict=True):
        np.testing.assert_array_equal(a, b)


# The two dresses of the GRU, and what the gates are for


def tutorial_gru_step(x_t, h, params):
    """The other convention, written out: h_t = (1 − z) · h_{t−1} + z · n."""
    H = len(h)
    (W_xr, W_xz, W_xn), (W_hr, W_hz, W_hn) = (
        np.split(params[name], 3) for name in ("W_xh", "W_hh")
    )
    b_r, b_z, b_n = params["b_h"].reshape(3, H)
    r = sigmoid(W_xr @ x_t + W_hr @ h + b_r)
    z = sigmoid(W_xz @ x_t + W_hz @ h + b_z)
    n = np.tanh(W_xn @ x_t + b_n + r * (W_hn @ h + params["b_hn"]))
    return (1 - z) * h + z * n


@given(shape=shapes, seed=st.integers(0, 99))
@laws
def test_one_minus_z_maps_one_gru_convention_onto_the_other(shape, seed):
    cell, x, _, _, _ = draw("gru", shape, seed)
    H = cell.hidden_size
    mirrored = {name: p.copy() for name, p in cell.params.items()}
    for name in ("W_xh", "W_hh", "b_h"):
        mirrored[name][H : 2 * H] *= -1  # σ(−a) = 1 − σ(a)
    h, _, _ = unroll(cell, x[:, 0])
    h_t = np.zeros(H)
    for t, x_t in enumerate(x[:, 0]):
        h_t = tutorial_gru_step(x_t, h_t, mirrored)
        assert_close(h_t, h[t], f"h at t={t + 1} with z for 1 − z")


def test_reset_before_and_after_are_two_models():
    after = GRUCell(3, 4, 0)
    after.params["b_hn"][:] = 0
    before = GRUCell(3, 4, 0, reset_after=False)
    for name in before.params:
        before.params[name][:] = after.params[name]
    x = np.random.default_rng(1).normal(size=(5, 2, 3))
    assert np.abs(unroll(after, x)[0] - unroll(before, x)[0]).max() > 1e-3
    for cell in (after, before):
        cell.params["b_h"][:4] = 50  # r = 1 everywhere: nothing is reset, the two agree
    assert_close(unroll(after, x)[0], unroll(before, x)[0], "h with r = 1")


def test_gru_keeps_its_state_where_z_is_one():
    cell, x, state, _, _ = draw("gru", (5, 2, 3, 4))
    cell.params["b_h"][4:8] = 100
    _, end, _ = unroll(cell, x, state)
    assert_close(end, state, "the state under z = 1")


def test_lstm_keeps_its_cell_where_f_is_one_and_i_is_zero():
    cell, x, (h, c), _, _ = draw("lstm", (5, 2, 3, 4))
    cell.params["b_h"][:4] = -100  # i
    cell.params["b_h"][4:8] = 100  # f
    _, (_, end), _ = unroll(cell, x, (h, c))
    assert_close(end, c, "c under f = 1, i = 0")


def test_forget_bias_is_set_in_the_forget_gate_only():
    plain, biased = LSTMCell(3, 4, 0), LSTMCell(3, 4, 0, forget_bias=1.0)
    expected = plain.params["b_h"].copy()
    expected[4:8] = 1.0
    assert_close(biased.params["b_h"], expected, "b_h")


# Equality with torch.nn


def torch_twin(kind, cell):
    """The torch.nn layer with the same numbers: torch has a second bias, which stays zero."""
    layers = {"rnn": torch.nn.RNN, "rnn_relu": torch.nn.RNN}
    layers |= {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}
    extra = {"nonlinearity": "relu"} if kind == "rnn_relu" else {}
    layer = layers[kind](cell.input_size, cell.hidden_size, dtype=torch.float64, **extra)
    b_hh = np.zeros_like(cell.params["b_h"])
    if kind == "gru":
        b_hh[-cell.hidden_size :] = cell.params["b_hn"]
    twin = [cell.params["W_xh"], cell.params["W_hh"], cell.params["b_h"], b_hh]
    with torch.no_grad():
        for ours, theirs in zip(twin, layer.parameters(), strict=True):
            theirs.copy_(torch.from_numpy(ours))
    return layer


@pytest.mark.parametrize("kind", IN_TORCH)
@given(shape=shapes, seed=st.integers(0, 99))
@laws
def test_equal_to_torch_nn_on_outputs_and_gradients(kind, shape, seed):
    cell, x, state, dh, dstate = draw(kind, shape, seed)
    h, end, caches = unroll(cell, x, state)
    dx, d0, grads = unroll_backward(cell, dh, caches, dstate)

    layer = torch_twin(kind, cell)
    x_t = torch.tensor(x, requires_grad=True)
    start = tuple(torch.tensor(s[None], requires_grad=True) for s in as_tuple(state))
    out, last = layer(x_t, start if kind == "lstm" else start[0])
    loss = (out * torch.tensor(dh)).sum()
    for part, d in zip(as_tuple(last), as_tuple(dstate), strict=True):
        loss = loss + (part[0] * torch.tensor(d)).sum()
    loss.backward()

    assert_close(h, out.detach().numpy(), "h")
    assert_states_close(end, tuple(part[0].detach().numpy() for part in as_tuple(last)), "end")
    assert_close(dx, x_t.grad.numpy(), "dx")
    assert_states_close(d0, tuple(s.grad[0].numpy() for s in start), "dstate_0")
    w_xh, w_hh, b_ih, b_hh = (p.grad.numpy() for p in layer.parameters())
    expected = {"W_xh": w_xh, "W_hh": w_hh, "b_h": b_ih}
    if kind == "gru":
        expected["b_hn"] = b_hh[-cell.hidden_size :]
    assert grads.keys() == expected.keys()
    for name in grads:
        assert_close(grads[name], expected[name], f"gradient of {name}")


def test_torch_two_biases_are_our_one():
    cell, x, _, _, _ = draw("rnn", (5, 2, 3, 4))
    layer = torch_twin("rnn", cell)
    with torch.no_grad():
        layer.bias_ih_l0 -= 0.25
        layer.bias_hh_l0 += 0.25
        out, _ = layer(torch.tensor(x))
    assert_close(unroll(cell, x)[0], out.numpy(), "h")


# The formula itself: each of these points at one term

TERMS = {
    "b_h": lambda x_t, h_prev, W_xh, W_hh, b_h: b_h,
    "W_xh": lambda x_t, h_prev, W_xh, W_hh, b_h: W_xh @ x_t,
    "W_hh": lambda x_t, h_prev, W_xh, W_hh, b_h: W_hh @ h_prev,
}


@pytest.mark.parametrize("name", TERMS)
def test_each_term_alone(name):
    rng = np.random.default_rng(0)
    x_t, h_prev = rng.normal(size=4), rng.normal(size=4)
    params = {"W_xh": rng.normal(size=(4, 4)), "W_hh": rng.normal(size=(4, 4)), "b_h": x_t + 1}
    alone = {other: p * (other == name) for other, p in params.items()}
    h_t = rnn_step(x_t, h_prev, **alone)
    hint = f"with every other parameter zero, the {name} term is wrong"
    flipped = {other: p.T for other, p in alone.items()}
    if np.allclose(h_t, np.tanh(TERMS[name](x_t, h_prev, **flipped))) and name != "b_h":
        hint += f": {name} is transposed"
    elif not h_t.any():
        hint += f": {name} has no influence"
    np.testing.assert_allclose(h_t, np.tanh(TERMS[name](x_t, h_prev, **alone)), err_msg=hint)


@pytest.mark.parametrize("name", ["tanh", "relu", "sigmoid", "identity"])
def test_slopes_are_those_of_the_nonlinearities(name):
    f, slope = NONLINEARITIES[name]
    a = np.array([-2.0, -0.3, 0.4, 1.5])
    measured = (f(a + 1e-6) - f(a - 1e-6)) / 2e-6
    assert_close(slope(f(a)), measured, f"slope of {name}, written in terms of its output,", 1e-8)


@pytest.mark.parametrize(("make", "order"), [(LSTMCell, "ifgo"), (GRUCell, "rzn")])
def test_gate_order(make, order):
    cell = make(3, 4, 0)
    for name, p in cell.params.items():
        cell.params[name] = np.zeros_like(p)
    for block, gate in enumerate(order):
        cell.params["b_h"][:] = 0
        cell.params["b_h"][4 * block : 4 * block + 4] = 100
        _, cache = cell.step(np.zeros(3), cell.initial_state())
        opened = [g for g in order if getattr(cache, g).min() > 0.99]
        assert opened == [gate], f"block {block} of b_h opens {opened}; the order should be {order}"


@given(shape=shapes, seed=st.integers(0, 99))
@laws
def test_rnn_step_is_the_formula_unit_by_unit(shape, seed):
    _, B, D, H = shape
    rng = np.random.default_rng(seed)
    x_t, h_prev, W_xh, W_hh, b_h = (rng.normal(size=s) for s in [(B, D), (B, H), (H, D), (H, H), H])
    h_t = rnn_step(x_t, h_prev, W_xh, W_hh, b_h)
    for b in range(B):
        for i in range(H):
            from_x = sum(W_xh[i, j] * x_t[b, j] for j in range(D))
            from_h = sum(W_hh[i, j] * h_prev[b, j] for j in range(H))
            assert_close(h_t[b, i], np.tanh(from_x + from_h + b_h[i]), f"h_t[{b}, {i}]")


def test_rnn_step_by_pencil():
    h_t = rnn_step(
        x_t=np.array([1.0, 2.0]),
        h_prev=np.array([0.5]),
        W_xh=np.array([[0.1, 0.2]]),
        W_hh=np.array([[0.4]]),
        b_h=np.array([-0.3]),
        nonlinearity="identity",
    )
    assert_close(h_t, [0.1 + 0.4 + 0.2 - 0.3], "h_t")


# Clear errors


@every_cell
def test_errors_say_what_was_wrong_and_what_was_expected(kind):
    cell = KINDS[kind](4, 5, 0)
    with pytest.raises(ValueError, match=r"x has 3 features, .* made for input_size=4"):
        cell.step(np.zeros((2, 3)), cell.initial_state(2))
    with pytest.raises(ValueError, match="differ in their batch"):
        cell.step(np.zeros((2, 4)), cell.initial_state(3))
    with pytest.raises(ValueError, match=r"the state has 6 units, .* hidden_size=5"):
        cell.step(np.zeros((2, 4)), KINDS[kind](4, 6, 0).initial_state(2))
    with pytest.raises(ValueError, match=r"\(T, B, D\) or \(T, D\)"):
        unroll(cell, np.zeros(4))
    with pytest.raises(ValueError, match="T ≥ 1"):
        unroll(cell, np.zeros((0, 2, 4)))
    _, _, caches = unroll(cell, np.zeros((3, 2, 4)))
    with pytest.raises(ValueError, match="dh has 2 time steps, but the forward pass made 3"):
        unroll_backward(cell, np.zeros((2, 2, 5)), caches)
    with pytest.raises(ValueError, match="truncate must be at least 1"):
        unroll_backward(cell, np.zeros((3, 2, 5)), caches, truncate=0)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"W_xh": (1, 3)}, r"W_xh has shape \(1, 3\), but must be \(H, D\) with H=4"),
        ({"W_xh": (3,)}, r"W_xh has shape \(3,\), but must be"),
        ({"W_hh": (4, 5)}, r"W_hh has shape \(4, 5\), but must be \(H, H\)"),
        ({"W_hh": ()}, r"W_hh has shape \(\), but must be"),
        ({"b_h": (2, 1)}, r"b_h has shape \(2, 1\), but must be \(4,\)"),
        ({"b_h": (1,)}, r"b_h has shape \(1,\), but must be \(4,\)"),
        ({"b_h": ()}, r"b_h has shape \(\), but must be \(4,\)"),
    ],
)
def test_weights_that_would_broadcast_are_refused(wrong, message):
    shapes = {"W_xh": (4, 3), "W_hh": (4, 4), "b_h": (4,)} | wrong
    weights = {name: np.zeros(shape) for name, shape in shapes.items()}
    with pytest.raises(ValueError, match=message):
        rnn_step(np.zeros((2, 3)), np.zeros((2, 4)), **weights)


def test_unknown_names_are_refused():
    with pytest.raises(ValueError, match="nonlinearity 'tan' is unknown; choose one of tanh, relu"):
        RNNCell(3, 4, nonlinearity="tan")
    with pytest.raises(ValueError, match="init 'random' is unknown; choose one of uniform"):
        GRUCell(3, 4, init="random")
    with pytest.raises(ValueError, match="hidden_size must be at least 1, not 0"):
        LSTMCell(3, 0)


def test_cells_never_import_torch():
    code = "import sys, rnncourse.cells; print('torch' in sys.modules)"
    seen = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert seen.stdout.strip() == "False"
