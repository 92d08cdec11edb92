"""Loop, scan and convolution give the same states and gradients; so do the forms of attention."""

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given, settings

from rnncourse import linear
from rnncourse.models import LanguageModel, Transformer
from rnncourse.models.transformer import explicit_attention, fused_attention

EXACT = {"rtol": 0, "atol": 1e-11}
LAYERS = [linear.MinGRU, linear.DiagonalSSM]


def drawn(seed, *shape, complex_=False):
    generator = torch.Generator().manual_seed(seed)
    kind = torch.complex128 if complex_ else torch.float64
    return torch.randn(*shape, generator=generator, dtype=kind)


def gradients(function, *inputs):
    """What the function gives, and the gradients of a weighted sum of it."""
    inputs = [x.clone().requires_grad_() for x in inputs]
    out = function(*inputs)
    weights = drawn(9, *out.shape, complex_=out.is_complex())
    (out * weights).abs().sum().backward()
    return [out.detach(), *(x.grad for x in inputs)]


# --- the recurrence ---------------------------------------------------------------------------


@given(st.integers(1, 3), st.integers(1, 40), st.integers(1, 4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_scan_is_the_loop_and_so_is_its_way_back(B, T, H, complex_):
    a = 0.7 * drawn(0, B, T, H, complex_=complex_)
    b, start = drawn(1, B, T, H, complex_=complex_), drawn(2, B, H, complex_=complex_)
    for found, expected in zip(gradients(linear.scan, a, b, start),
                               gradients(linear.loop, a, b, start), strict=True):  # fmt: skip
        torch.testing.assert_close(found, expected, **EXACT)


@given(st.integers(1, 3), st.integers(1, 40), st.integers(1, 4), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_convolution_is_the_loop_where_a_stays_the_same(B, T, H, complex_):
    a = 0.9 * torch.tanh(drawn(0, H)).to(torch.complex128 if complex_ else torch.float64)
    a = a * torch.polar(torch.ones(H).double(), drawn(3, H)) if complex_ else a
    b, start = drawn(1, B, T, H, complex_=complex_), drawn(2, B, H, complex_=complex_)
    for found, expected in zip(gradients(linear.convolve, a, b, start),
                               gradients(linear.loop, a, b, start), strict=True):  # fmt: skip
        torch.testing.assert_close(found, expected, **EXACT)


def test_without_a_start_it_is_zero():
    a, b = drawn(0, 2, 5, 3), drawn(1, 2, 5, 3)
    for form in (linear.loop, linear.scan):
        torch.testing.assert_close(form(a, b), form(a, b, torch.zeros(2, 3).double()))
        torch.testing.assert_close(form(a, b)[:, 0], b[:, 0])


def test_by_pencil():
    a, b = torch.full((1, 4, 1), 0.5), torch.tensor([1.0, 0, 0, 2]).view(1, 4, 1)
    for h in (linear.loop(a, b), linear.scan(a, b), linear.convolve(a[0, 0], b)):
        torch.testing.assert_close(h.flatten(), torch.tensor([1, 0.5, 0.25, 2.125]))


def test_a_scan_can_be_differentiated_twice():
    a, b = drawn(0, 1, 6, 2).requires_grad_(), drawn(1, 1, 6, 2).requires_grad_()
    assert torch.autograd.gradgradcheck(linear.scan, (a, b))


def test_a_convolution_refuses_what_changes_with_the_step():
    with pytest.raises(ValueError, match=r"a is \(1, 5, 3\), but a convolution needs one a"):
        linear.convolve(torch.ones(1, 5, 3), torch.ones(1, 5, 3))


# --- the layers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "form"), [(linear.MinGRU, "loop"), (linear.DiagonalSSM, "loop"),
                       (linear.DiagonalSSM, "convolution")],
)  # fmt: skip
def test_layers_give_the_same_in_each_form(kind, form):
    torch.manual_seed(0)
    net = kind(3, 4, 2).double()
    other = kind(3, 4, 2, form=form).double()
    other.load_state_dict(net.state_dict())
    x, found = drawn(0, 2, 13, 3), []
    for one in (net, other):
        y, state = one(x)
        (y * drawn(1, *y.shape)).sum().backward()
        found.append([y, state, *(p.grad for p in one.parameters())])
    for ours, theirs in zip(*found, strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)


@pytest.mark.parametrize("kind", LAYERS)
@pytest.mark.parametrize("cut", [1, 4, 10])
def test_layers_may_read_in_pieces(kind, cut):
    torch.manual_seed(0)
    net, x = kind(3, 4, 2).double(), drawn(0, 2, 11, 3)
    whole, last = net(x)
    first, state = net(x[:, :cut])
    rest, end = net(x[:, cut:], state)
    torch.testing.assert_close(torch.cat([first, rest], 1), whole, **EXACT)
    torch.testing.assert_close(end, last, **EXACT)


def test_a_minimal_gru_is_its_formula():
    torch.manual_seed(0)
    net, x = linear.MinGRU(3, 4).double(), drawn(0, 2, 5, 3)
    z_map, n_map = net.layers[0].z, net.layers[0].n
    h = torch.zeros(2, 4).double()
    for t, h_t in enumerate(net(x)[0].unbind(1)):
        z = torch.sigmoid(z_map(x[:, t]))
        h = z * h + (1 - z) * n_map(x[:, t])
        torch.testing.assert_close(h_t, h, **EXACT)


def test_the_gates_of_a_minimal_gru_do_not_see_the_state():
    """So a step is affine in it: the mean of two starts ends at the mean of the two ends."""
    torch.manual_seed(0)
    net, x = linear.MinGRU(3, 4).double(), drawn(0, 2, 5, 3)
    one, two = drawn(1, 1, 2, 4), drawn(2, 1, 2, 4)
    ends = [net(x, start)[1] for start in (one, two, (one + two) / 2)]
    torch.testing.assert_close((ends[0] + ends[1]) / 2, ends[2], **EXACT)


def test_a_diagonal_layer_begins_stable_and_stays_so():
    torch.manual_seed(0)
    layer = linear.DiagonalSSM(2, 200).layers[0]
    radius = layer.eigenvalues().abs()
    assert 0.9 <= radius.min() < 0.93
    assert 0.99 < radius.max() <= 0.999
    with torch.no_grad():
        layer.nu.fill_(-3.0)
    assert (layer.eigenvalues().abs() < 1).all()


@pytest.mark.parametrize("kind", LAYERS)
def test_what_a_layer_cannot_do_is_refused(kind):
    with pytest.raises(ValueError, match="form is 'fast', but there are only 'scan', 'loop'"):
        kind(2, 3, form="fast")
    with pytest.raises(ValueError, match="batch_first is False"):
        kind(2, 3, batch_first=False)
    with pytest.raises(ValueError, match=r"x is \(1, 5, 4\), but this layer reads \(B, T, 2\)"):
        kind(2, 3)(torch.ones(1, 5, 4))


# --- attention --------------------------------------------------------------------------------


@given(st.integers(1, 3), st.integers(1, 12), st.integers(1, 4), st.integers(1, 4))
@settings(max_examples=30, deadline=None)
def test_linear_attention_is_a_recurrent_network(B, T, K, V):
    q, k, v = drawn(0, B, T, K), drawn(1, B, T, K), drawn(2, B, T, V)
    one = gradients(lambda *x: linear.linear_attention(*x)[0], q, k, v)
    two = gradients(lambda *x: linear.linear_attention_loop(*x)[0], q, k, v)
    for ours, theirs in zip(one, two, strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)


@pytest.mark.parametrize("cuts", [(1, 2), (2, 5), (4, 8)])
def test_linear_attention_may_read_in_pieces_of_either_form(cuts):
    q, k, v = drawn(0, 2, 9, 3), drawn(1, 2, 9, 3), drawn(2, 2, 9, 4)
    whole, end = linear.linear_attention(q, k, v)
    pieces, state = [], None
    forms = (linear.linear_attention, linear.linear_attention_loop, linear.linear_attention)
    for form, begin, stop in zip(forms, (0, *cuts), (*cuts, 9), strict=True):
        said, state = form(q[:, begin:stop], k[:, begin:stop], v[:, begin:stop], state)
        pieces.append(said)
    torch.testing.assert_close(torch.cat(pieces, 1), whole, **EXACT)
    for ours, theirs in zip(state, end, strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)


def test_linear_attention_is_a_mean_of_what_was_seen():
    """Weights are positive and sum to one: equal values come out as they are."""
    q, k = drawn(0, 2, 7, 3), drawn(1, 2, 7, 3)
    said, _ = linear.linear_attention(q, k, torch.full((2, 7, 2), 3.5).double())
    torch.testing.assert_close(said, torch.full_like(said, 3.5), **EXACT)


@pytest.mark.parametrize(("T", "S"), [(6, 6), (1, 6), (3, 6)])
def test_fused_attention_is_the_formula(T, S):
    q, k, v = drawn(0, 2, 2, T, 4), drawn(1, 2, 2, S, 4), drawn(2, 2, 2, S, 4)
    one, two = gradients(explicit_attention, q, k, v), gradients(fused_attention, q, k, v)
    for ours, theirs in zip(one, two, strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)


# --- the Transformer --------------------------------------------------------------------------


def transformer(explicit=False):
    torch.manual_seed(0)
    return Transformer(7, 12, 2, 3, 16, explicit=explicit).double()


def test_a_transformer_with_its_cache_is_the_one_without():
    net, text = transformer(), torch.randint(7, (3, 11))
    whole, last = net(text)
    first, state = net(text[:, :4])
    second, state = net(text[:, 4:7], state)
    torch.testing.assert_close(torch.cat([first, second], 1), whole[:, :7], **EXACT)
    for t in range(7, 11):
        logits, state = net.step(text[:, t], state)
        torch.testing.assert_close(logits, whole[:, t], **EXACT)
    for ours, theirs in zip(state, last, strict=True):
        torch.testing.assert_close(ours, theirs, **EXACT)
        assert ours[0].shape == (3, 3, 11, 4)


def test_both_ways_to_attend_make_the_same_transformer():
    text = torch.randint(7, (2, 9))
    torch.testing.assert_close(transformer()(text)[0], transformer(True)(text)[0], **EXACT)


def two_layers_of_minimal_gru():
    return LanguageModel(7, 6, 5, cell=linear.MinGRU, num_layers=2).double()


@pytest.mark.parametrize("make", [transformer, two_layers_of_minimal_gru])
def test_the_future_says_nothing(make):
    net, text = make(), torch.randint(7, (2, 9))
    changed = text.clone()
    changed[:, 5:] = (changed[:, 5:] + 1) % 7
    torch.testing.assert_close(net(text)[0][:, :5], net(changed)[0][:, :5], rtol=0, atol=0)
    assert not torch.equal(net(text)[0][:, 5:], net(changed)[0][:, 5:])


def test_a_transformer_has_places_for_its_context_and_no_more():
    net = transformer()
    _, state = net(torch.randint(7, (1, 16)))
    with pytest.raises(ValueError, match="the text has 17 tokens, but this Transformer has places"):
        net.step(torch.tensor([0]), state)
    with pytest.raises(ValueError, match="width 10 cannot be shared by 4 heads"):
        Transformer(7, 10, heads=4)
