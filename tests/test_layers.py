"""rnncourse.layers against torch.nn: outputs, states and every gradient, and the laws they obey."""

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from rnncourse import layers

KINDS = ["RNN", "LSTM", "GRU"]
some = settings(max_examples=40, deadline=None, derandomize=True)


def pair(kind, *args, dtype=torch.float64, seed=0, **kwargs):
    """Torch's layer and ours with the same parameters."""
    torch.manual_seed(seed)
    theirs = getattr(torch.nn, kind)(*args, **kwargs, dtype=dtype)
    ours = getattr(layers, kind)(*args, **kwargs, dtype=dtype)
    ours.load_state_dict(theirs.state_dict())
    return theirs, ours


def random_states(layer, B, dtype):
    rows = layer.num_layers * (2 if layer.bidirectional else 1)
    shape = (rows, B, layer.hidden_size)
    states = [torch.randn(shape, dtype=dtype, requires_grad=True) for _ in range(2)]
    return tuple(states) if "LSTM" in type(layer).__name__ else states[0]


def as_tuple(states):
    return states if isinstance(states, tuple) else (states,)


def numbers(layer, x, hx, lengths=None):
    """Output, states and the gradients of a random scalar of all of them, as one list."""
    x = x.detach().requires_grad_()
    hx = None if hx is None else tuple(s.detach().requires_grad_() for s in as_tuple(hx))
    argument = hx if hx is None or len(hx) > 1 else hx[0]
    if lengths is None:
        output, states = layer(x, argument)
    else:
        packed = pack_padded_sequence(x, lengths, layer.batch_first, enforce_sorted=False)
        output, states = layer(packed, argument)
        output = pad_packed_sequence(output, layer.batch_first, total_length=x.shape[1])[0]
    results = [output, *as_tuple(states)]
    generator = torch.Generator().manual_seed(1)
    scalar = sum(
        (r * torch.randn(r.shape, generator=generator, dtype=r.dtype)).sum() for r in results
    )
    inputs = [x, *(hx or ()), *layer.parameters()]
    return [r.detach() for r in results] + list(torch.autograd.grad(scalar, inputs))


def assert_equal(a, b, dtype=torch.float64):
    assert len(a) == len(b)
    for one, other in zip(a, b, strict=True):
        assert one.shape == other.shape
        assert one.dtype == other.dtype
        if dtype == torch.float64:
            assert (one - other).abs().max() <= 1e-10
        else:
            assert (one - other).norm() <= 1e-5 * other.norm()


shapes = st.fixed_dictionaries(
    {
        "kind": st.sampled_from(KINDS),
        "D": st.integers(1, 5),
        "H": st.integers(1, 6),
        "num_layers": st.integers(1, 3),
        "bidirectional": st.booleans(),
        "bias": st.booleans(),
        "nonlinearity": st.sampled_from(["tanh", "relu"]),
        "dtype": st.sampled_from([torch.float64, torch.float32]),
        "seed": st.integers(0, 1000),
    }
)


def pair_of(case, **kwargs):
    if case["kind"] == "RNN":
        kwargs["nonlinearity"] = case["nonlinearity"]
    for name in ("num_layers", "bidirectional", "bias", "dtype", "seed"):
        kwargs[name] = case[name]
    return pair(case["kind"], case["D"], case["H"], **kwargs)


@some
@given(shapes, st.integers(1, 9), st.integers(1, 5), st.booleans(), st.booleans())
def test_equals_torch_on_outputs_states_and_all_gradients(case, T, B, batch_first, with_hx):
    theirs, ours = pair_of(case, batch_first=batch_first)
    x = torch.randn((B, T, case["D"]) if batch_first else (T, B, case["D"]), dtype=case["dtype"])
    hx = random_states(theirs, B, case["dtype"]) if with_hx else None
    assert_equal(numbers(ours, x, hx), numbers(theirs, x, hx), case["dtype"])


@some
@given(shapes, st.lists(st.integers(1, 9), min_size=1, max_size=6), st.booleans())
def test_equals_torch_on_packed_sequences_in_any_order(case, lengths, with_hx):
    theirs, ours = pair_of(case, batch_first=True)
    x = torch.randn(len(lengths), max(lengths), case["D"], dtype=case["dtype"])
    hx = random_states(theirs, len(lengths), case["dtype"]) if with_hx else None
    lengths = torch.tensor(lengths)
    assert_equal(numbers(ours, x, hx, lengths), numbers(theirs, x, hx, lengths), case["dtype"])


@some
@given(shapes, st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 60))
def test_equals_torch_across_the_seams_of_stretches(case, lengths, most):
    with pytest.MonkeyPatch.context() as patch:
        whole = layers.stretches
        patch.setattr(layers, "stretches", lambda sizes, width: whole(sizes, width, most))
        theirs, ours = pair_of(case, batch_first=True)
        x = torch.randn(len(lengths), max(lengths), case["D"], dtype=case["dtype"])
        lengths = torch.tensor(lengths)
        a, b = numbers(ours, x, None, lengths), numbers(theirs, x, None, lengths)
    assert_equal(a, b, case["dtype"])


@given(st.lists(st.integers(1, 9), min_size=1, max_size=20), st.integers(1, 5), st.integers(1, 99))
def test_stretches_cover_every_step_once_and_stay_small(sizes, width, most):
    cut = layers.stretches(sizes, width, most)
    assert [t for _, steps in cut for t in range(len(sizes))[steps]] == list(range(len(sizes)))
    assert [r for rows, _ in cut for r in range(sum(sizes))[rows]] == list(range(sum(sizes)))
    for rows, steps in cut:
        assert rows.stop - rows.start == sum(sizes[steps])
        assert (rows.stop - rows.start) * width <= most or steps.stop - steps.start == 1


@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("kind", KINDS)
def test_equals_torch_at_the_size_of_real_work(kind, dtype):
    theirs, ours = pair(kind, 32, 64, dtype=dtype)
    x = torch.randn(60, 16, 32, dtype=dtype)
    assert_equal(numbers(ours, x, None), numbers(theirs, x, None), dtype)


@pytest.mark.parametrize("kind", KINDS)
def test_sorted_packed_sequence(kind):
    theirs, ours = pair(kind, 3, 4, bidirectional=True)
    packed = pack_padded_sequence(torch.randn(5, 3, 3).double(), [5, 3, 2])
    (a, states_a), (b, states_b) = ours(packed), theirs(packed)
    assert torch.allclose(a.data, b.data, atol=1e-12)
    assert torch.equal(a.batch_sizes, b.batch_sizes)
    assert a.sorted_indices is None
    for one, other in zip(as_tuple(states_a), as_tuple(states_b), strict=True):
        assert torch.allclose(one, other, atol=1e-12)


@pytest.mark.parametrize("batch_first", [False, True])
@pytest.mark.parametrize("kind", KINDS)
def test_unbatched_input_equals_torch(kind, batch_first):
    theirs, ours = pair(kind, 3, 4, num_layers=2, bidirectional=True, batch_first=batch_first)
    x = torch.randn(7, 3).double()
    hx = tuple(s[:, 0] for s in as_tuple(random_states(theirs, 1, torch.float64)))
    hx = hx if len(hx) > 1 else hx[0]
    assert_equal(numbers(ours, x, None), numbers(theirs, x, None))
    assert_equal(numbers(ours, x, hx), numbers(theirs, x, hx))


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_have_torchs_names_shapes_and_first_values(kind):
    kwargs = {"num_layers": 2, "bidirectional": True}
    torch.manual_seed(3)
    theirs = getattr(torch.nn, kind)(3, 4, **kwargs).state_dict()
    torch.manual_seed(3)
    ours = getattr(layers, kind)(3, 4, **kwargs).state_dict()
    assert list(ours) == list(theirs)
    assert all(torch.equal(ours[name], theirs[name]) for name in ours)
    getattr(torch.nn, kind)(3, 4, **kwargs).load_state_dict(ours)  # and the other way round


# Laws


@some
@given(shapes, st.lists(st.integers(1, 8), min_size=1, max_size=5), st.integers(1, 4))
def test_padding_never_changes_a_result(case, lengths, more):
    _, ours = pair_of({**case, "dtype": torch.float64}, batch_first=True)
    B, T = len(lengths), max(lengths)
    x = torch.randn(B, T, case["D"]).double()
    long = torch.cat([x, torch.full((B, more, case["D"]), 1e3).double()], dim=1).requires_grad_()
    output, states = ours(long, lengths=lengths)
    output.square().sum().backward()
    for b, length in enumerate(lengths):
        alone, states_alone = ours(x[b, :length])
        assert torch.allclose(output[b, :length], alone, atol=1e-12)
        assert not output[b, length:].any()
        assert not long.grad[b, length:].any()
        for one, other in zip(as_tuple(states), as_tuple(states_alone), strict=True):
            assert torch.allclose(one[:, b], other, atol=1e-12)


@some
@given(shapes, st.integers(1, 6), st.integers(1, 6))
def test_splitting_a_sequence_and_carrying_the_state_changes_nothing(case, T1, T2):
    case = {**case, "bidirectional": False, "dtype": torch.float64}
    _, ours = pair_of(case)
    x = torch.randn(T1 + T2, 2, case["D"]).double()
    whole, state = ours(x)
    first, between = ours(x[:T1])
    second, end = ours(x[T1:], between)
    assert torch.allclose(whole, torch.cat([first, second]), atol=1e-12)
    for one, other in zip(as_tuple(state), as_tuple(end), strict=True):
        assert torch.allclose(one, other, atol=1e-12)
    gradients = torch.autograd.grad(whole.square().sum(), ours.parameters())
    halves = torch.autograd.grad(first.square().sum() + second.square().sum(), ours.parameters())
    for one, other in zip(gradients, halves, strict=True):
        assert torch.allclose(one, other, atol=1e-10)


@some
@given(shapes, st.lists(st.integers(1, 7), min_size=1, max_size=4))
def test_reversing_time_and_swapping_directions_reverses_the_output(case, lengths):
    case = {**case, "bidirectional": True, "num_layers": 1, "dtype": torch.float64}
    _, ours = pair_of(case, batch_first=True)
    _, swapped = pair_of(case, batch_first=True)
    for name, values in ours.named_parameters():
        other = name.removesuffix("_reverse") if name.endswith("_reverse") else name + "_reverse"
        swapped.get_parameter(other).data.copy_(values.data)
    x = torch.randn(len(lengths), max(lengths), case["D"]).double()
    back = x.clone()
    for b, length in enumerate(lengths):
        back[b, :length] = x[b, :length].flip(0)
    output, reversed_output = ours(x, lengths=lengths)[0], swapped(back, lengths=lengths)[0]
    forward, backward = output.chunk(2, dim=-1)
    mirrored = torch.cat([backward, forward], dim=-1)
    for b, length in enumerate(lengths):
        assert torch.allclose(reversed_output[b, :length], mirrored[b, :length].flip(0), atol=1e-12)


@some
@given(shapes, st.floats(-3, 3))
def test_the_backward_pass_is_linear(case, factor):
    _, ours = pair_of({**case, "dtype": torch.float64})
    x = torch.randn(4, 2, case["D"]).double()
    output = ours(x)[0]
    u, v = torch.randn_like(output), torch.randn_like(output)
    parameters = list(ours.parameters())

    def back(direction):
        return torch.autograd.grad(output, parameters, direction, retain_graph=True)

    for one, a, b in zip(back(u + factor * v), back(u), back(v), strict=True):
        assert torch.allclose(one, a + factor * b, atol=1e-10)


def test_mirror_is_its_own_inverse_and_stays_within_lengths():
    rows = layers.mirror([3, 2, 2, 1])  # lengths 4, 3, 1
    assert torch.equal(rows[rows], torch.arange(8))
    assert rows.tolist() == [7, 6, 2, 5, 4, 3, 1, 0]


# Dropout, precision, refusals


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_in_eval_equals_torch(kind):
    theirs, ours = pair(kind, 3, 4, num_layers=3, dropout=0.5)
    x = torch.randn(6, 2, 3).double()
    assert_equal(numbers(ours.eval(), x, None), numbers(theirs.eval(), x, None))


@pytest.mark.parametrize("kind", KINDS)
def test_dropout_in_training_keeps_the_mean_and_spares_the_last_layer(kind):
    _, ours = pair(kind, 3, 50, num_layers=2, dropout=0.25)
    x = torch.randn(40, 50, 3).double()
    seen = []
    run = ours._run
    ours._run = lambda data, *rest: seen.append(data) or run(data, *rest)
    output, _ = ours(x)
    dropped = (seen[1] == 0).double().mean()
    assert abs(dropped - 0.25) < 0.01
    with torch.no_grad():
        clean = ours.eval()(x)[0]
    assert len(seen) == 4
    kept = seen[1] != 0
    assert torch.allclose(seen[1][kept] * 0.75, seen[3][kept])
    assert not (output == 0).any()
    assert output.shape == clean.shape


@pytest.mark.parametrize("kind", KINDS)
def test_gradcheck(kind):
    _, ours = pair(kind, 2, 3, num_layers=2, bidirectional=True)
    x = torch.randn(4, 2, 2).double().requires_grad_()
    hx = random_states(ours, 2, torch.float64)
    parameters = list(ours.parameters())

    def function(x, *tensors):
        states = tensors[: len(as_tuple(hx))]
        output, end = ours(x, states if len(states) > 1 else states[0])
        return output, *as_tuple(end)

    assert torch.autograd.gradcheck(function, (x, *as_tuple(hx), *parameters))


@pytest.mark.parametrize("kind", KINDS)
def test_second_derivatives_raise_a_clear_error(kind):
    _, ours = pair(kind, 2, 3)
    x = torch.randn(4, 2, 2).double().requires_grad_()
    with pytest.raises(RuntimeError, match=r"first derivatives only.*torch\.nn"):
        torch.autograd.grad(ours(x)[0].sum(), x, create_graph=True)


@pytest.mark.parametrize("kind", KINDS)
def test_backward_twice_over_one_graph_gives_the_same(kind):
    _, ours = pair(kind, 2, 3)
    loss = ours(torch.randn(4, 2, 2).double())[0].square().sum()
    first = torch.autograd.grad(loss, ours.parameters(), retain_graph=True)
    second = torch.autograd.grad(loss, ours.parameters())
    assert all(torch.equal(a, b) for a, b in zip(first, second, strict=True))


@pytest.mark.filterwarnings("ignore:TF32 acceleration")  # said whenever oneDNN is switched off
@pytest.mark.parametrize("kind", KINDS)
def test_autocast_is_as_exact_as_torch_and_its_gradients_are_float32(kind):
    theirs, ours = pair(kind, 32, 64, dtype=torch.float32)
    x = torch.randn(100, 8, 32)
    exact, _ = theirs(x)
    exact.square().mean().backward()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        output, states = ours(x)
        with torch.backends.mkldnn.flags(enabled=False):  # its LSTM needs AVX-512 for bfloat16
            rounded, _ = theirs(x)
    assert {output.dtype, *(state.dtype for state in as_tuple(states))} == {torch.bfloat16}
    error = (output - exact).norm() / exact.norm()
    assert error <= (rounded - exact).norm() / exact.norm()
    assert error < 0.003
    output.float().square().mean().backward()
    for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
        assert one.grad.dtype == torch.float32
        assert (one.grad - other.grad).norm() < 0.01 * other.grad.norm()


@some
@given(shapes, st.lists(st.integers(1, 9), min_size=1, max_size=5), st.integers(1, 60))
def test_without_gradients_the_stretches_give_the_same(case, lengths, most):
    whole = layers.stretches
    _, ours = pair_of(case | {"dtype": torch.float64})
    x = torch.randn(max(lengths), len(lengths), case["D"]).double()
    expected, expected_states = ours(x, lengths=lengths)
    with torch.no_grad(), pytest.MonkeyPatch.context() as patch:
        patch.setattr(layers, "stretches", lambda sizes, width: whole(sizes, width, most))
        found, found_states = ours(x, lengths=lengths)
    assert_equal([found, *as_tuple(found_states)], [expected, *as_tuple(expected_states)])


@pytest.mark.parametrize("kind", KINDS)
def test_an_empty_batch_and_the_meta_device_give_torchs_shapes(kind):
    theirs, ours = pair(kind, 3, 4, num_layers=2, bidirectional=True, dtype=torch.float32)
    for x, device in [(torch.zeros(5, 0, 3), "cpu"), (torch.zeros(5, 2, 3, device="meta"), "meta")]:
        expected, found = theirs.to(device)(x), ours.to(device)(x)
        assert found[0].shape == expected[0].shape
        for one, other in zip(as_tuple(found[1]), as_tuple(expected[1]), strict=True):
            assert one.shape == other.shape
        if device == "cpu":
            found[0].sum().backward()
            assert not any(p.grad.any() for p in ours.parameters())


@pytest.mark.parametrize("kind", KINDS)
def test_names_that_other_code_asks_for_are_torchs(kind):
    theirs, ours = pair(kind, 3, 4, num_layers=2, bidirectional=True)
    assert ours.mode == theirs.mode
    for one, other in zip(ours.all_weights, theirs.all_weights, strict=True):
        for a, b in zip(one, other, strict=True):
            assert torch.equal(a, b)
    assert len(getattr(layers, kind)(3, 4, bias=False).all_weights[0]) == 2
    with pytest.warns(UserWarning, match="with num_layers=1 it does nothing"):
        getattr(layers, kind)(3, 4, dropout=0.5)


DEVICES = ["cpu", "cuda"] if torch.cuda.is_available() else ["cpu"]


@pytest.mark.parametrize("device", DEVICES)
@pytest.mark.parametrize("kind", KINDS)
def test_on_every_device(kind, device):
    theirs, ours = pair(kind, 3, 4, num_layers=2, bidirectional=True, batch_first=True)
    x, lengths = torch.randn(3, 7, 3).double().to(device), torch.tensor([4, 7, 2])
    theirs, ours = theirs.to(device), ours.to(device)
    assert_equal(numbers(ours, x, None, lengths), numbers(theirs, x, None, lengths))


@pytest.mark.parametrize("kind", KINDS)
def test_in_place_work_on_the_output_is_noticed_or_right(kind):
    _, ours = pair(kind, 2, 3)
    output, _ = ours(torch.randn(4, 2, 2).double())
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        output.mul_(2).sum().backward()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: layers.LSTM(3, 4, proj_size=2), "proj_size=2: projections are not part"),
        (lambda: layers.RNN(3, 4, nonlinearity="sin"), "must be 'tanh' or 'relu'"),
        (lambda: layers.GRU(3, 0), "hidden_size=0: must be at least 1"),
        (lambda: layers.GRU(3, 4, dropout=2), "must be a probability"),
        (lambda: layers.GRU(3, 4)(torch.randn(5, 2, 2)), "x has 2 features, but this layer was"),
        (lambda: layers.GRU(3, 4)(torch.randn(3)), "x has 1 dimensions"),
        (lambda: layers.GRU(3, 4)(torch.randn(0, 2, 3)), "no step to run over"),
        (lambda: layers.GRU(3, 4)(torch.randn(5, 3), lengths=[5]), "a batch of sequences"),
        (
            lambda: layers.GRU(3, 4)(torch.randn(5, 2, 3), torch.zeros(1, 3, 4)),
            r"the initial h has the shape \(1, 3, 4\), but this batch needs \(1, 2, 4\)",
        ),
        (
            lambda: layers.LSTM(3, 4)(torch.randn(5, 2, 3), torch.zeros(1, 2, 4)),
            "hx has 1 states, but this layer has",
        ),
        (
            lambda: layers.GRU(3, 4)(torch.randn(5, 3), torch.zeros(1, 1, 4)),
            "one sequence, so hx has 2, too",
        ),
        (
            lambda: layers.GRU(3, 4)(torch.randn(5, 2, 3).double()),
            "x is torch.float64, but this layer's weights are torch.float32",
        ),
        (
            lambda: layers.LSTM(3, 4)(
                torch.randn(5, 2, 3), (torch.zeros(1, 2, 4), torch.zeros(1, 2, 4).double())
            ),
            "the initial c is torch.float64",
        ),
    ],
)
def test_errors_say_what_was_wrong(call, message):
    with pytest.raises(ValueError, match=message):
        call()
