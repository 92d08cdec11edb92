"""Recurrences that are linear in their state, and so need no loop over the steps.

    h_t = a_t · h_{t-1} + b_t,    unit by unit, (B, T, H), h_0 given or zero

Two steps in a row are again one such step, with a = a_2 · a_1 and b = a_2 · b_1 + b_2, and how the
steps are bracketed does not matter. So all states follow in about 2·log₂ T rounds (`scan`) as well
as in T (`loop`). Where a is the same at each step, what an input leaves behind depends on how long
ago it was and on nothing else: the states are a convolution (`convolve`). The three differ by
rounding only.

`MinGRU` and `DiagonalSSM` are layers made of this, called as those of `rnncourse.layers` are.
`linear_attention` is attention without its softmax, whose state is a matrix.

Sources: Blelloch (1990) for the scan, Martin and Cundy (2018) for its use here; Gu, Goel and Ré
(2022) and Orvieto et al. (2023) for the diagonal layer; Katharopoulos et al. (2020) for linear
attention; Feng et al. (2024) for the minimal GRU.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import Function

FORMS = ("scan", "loop", "convolution")


def loop(a, b, start=None):
    """States (B, T, H) one after the other: a that broadcasts to b (B, T, H), start (B, H)."""
    h = torch.zeros_like(b[:, 0]) if start is None else start
    states = []
    for a_t, b_t in zip(a.expand_as(b).unbind(1), b.unbind(1), strict=True):
        h = a_t * h + b_t
        states.append(h)
    return torch.stack(states, 1)


def scan(a, b, start=None):
    """The states of `loop`, all steps at once; so is the way back."""
    a = a.expand_as(b)
    if start is not None:
        b = torch.cat([b[:, :1] + a[:, :1] * start[:, None], b[:, 1:]], 1)
    return Scan.apply(a, b)


def convolve(a, b, start=None):
    """The states of `loop` where a (H,) is the same at each step: b convolved with 1, a, a², …

    By the fast Fourier transform, over twice the length, so that the end does not run into the
    beginning.
    """
    if a.dim() != 1:
        raise ValueError(
            f"a is {tuple(a.shape)}, but a convolution needs one a for all steps, (H,): where a "
            "depends on the step, use scan"
        )
    T = b.shape[1]
    powers = a ** torch.arange(T + 1, device=b.device)[:, None]  # (T + 1, H)
    kernel = powers[:T]
    if b.is_complex():
        h = torch.fft.ifft(torch.fft.fft(kernel, 2 * T, 0) * torch.fft.fft(b, 2 * T, 1), dim=1)
    else:
        spectrum = torch.fft.rfft(kernel, 2 * T, 0) * torch.fft.rfft(b, 2 * T, 1)
        h = torch.fft.irfft(spectrum, 2 * T, 1)
    h = h[:, :T]
    return h if start is None else h + powers[1:] * start[:, None]


def combined(a, b):
    """States of a recurrence from zero: pairs of steps made one, half as many steps solved the same
    way, and the steps between them filled in."""
    T = b.shape[1]
    if T == 1:
        return b
    a_1, a_2, b_1, b_2 = a[:, 0 : T - 1 : 2], a[:, 1::2], b[:, 0 : T - 1 : 2], b[:, 1::2]
    second = combined(a_2 * a_1, a_2 * b_1 + b_2)  # the states after each pair
    h = torch.empty_like(b)
    h[:, 0], h[:, 1::2] = b[:, 0], second
    h[:, 2::2] = a[:, 2::2] * second[:, : (T - 1) // 2] + b[:, 2::2]
    return h


class Scan(Function):
    """a, b (B, T, H) → h (B, T, H). What comes back is a linear recurrence too, from the end."""

    @staticmethod
    def forward(ctx, a, b):
        h = combined(a, b)
        ctx.save_for_backward(a, h)
        return h

    @staticmethod
    def backward(ctx, dh_outside):
        a, h = ctx.saved_tensors
        last = torch.zeros_like(a[:, :1])
        next_a = torch.cat([a[:, 1:], last], 1).conj()  # the way from h_t leads through a_{t+1}
        dh = Scan.apply(next_a.flip(1), dh_outside.flip(1)).flip(1)
        da = torch.cat([last, dh[:, 1:] * h[:, :-1].conj()], 1)
        return da, dh


# Layers


class Stack(nn.Module):
    """Layers one above the other, each called with (x, state) and returning (y, state).

    dropout: of what one layer hands to the next, in training only.
    """

    def __init__(self, layers, dropout):
        super().__init__()
        self.layers, self.dropout = nn.ModuleList(layers), nn.Dropout(dropout)

    def forward(self, x, state=None):
        """x (B, T, D), state (layers, B, H) or None → y (B, T, H), the state after it."""
        if x.dim() != 3 or x.shape[2] != self.layers[0].input_size:
            raise ValueError(
                f"x is {tuple(x.shape)}, but this layer reads (B, T, {self.layers[0].input_size})"
            )
        states = []
        for number, layer in enumerate(self.layers):
            x = self.dropout(x) if number else x
            x, last = layer(x, None if state is None else state[number])
            states.append(last)
        return x, torch.stack(states)


class MinGRU(Stack):
    """GRU layers whose gate and candidate see the input only (Feng et al., 2024):

        z_t = σ(W_z x_t + b_z),  n_t = W_n x_t + b_n,  h_t = z_t · h_{t-1} + (1 − z_t) · n_t

    z near 1 keeps, as in the rest of the course; in the paper z and 1 − z change places. There is
    no reset gate and no tanh. form: "scan" or "loop". batch_first: always.
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, *, batch_first=True, dropout=0.0, form="scan"
    ):
        _refuse(form, ("scan", "loop"), batch_first)
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        super().__init__([_MinGRULayer(size, hidden_size, form) for size in sizes], dropout)


class _MinGRULayer(nn.Module):
    def __init__(self, input_size, hidden_size, form):
        super().__init__()
        self.input_size, self.form = input_size, form
        self.z, self.n = nn.Linear(input_size, hidden_size), nn.Linear(input_size, hidden_size)

    def forward(self, x, start):
        z = torch.sigmoid(self.z(x))
        h = (scan if self.form == "scan" else loop)(z, (1 - z) * self.n(x), start)
        return h, h[:, -1]


class DiagonalSSM(Stack):
    """State-space layers with a diagonal matrix (Gu et al., 2022; Orvieto et al., 2023):

        h_t = λ · h_{t-1} + γ · W_xh x_t  (complex),   y_t = gelu(Re(W_hy h_t) + W_xy x_t)

    hidden_size: features of y, and complex units of h. |λ| = exp(−exp(ν)) is below 1 whatever ν is;
    γ = √(1 − |λ|²) keeps the states at the inputs' size. At first |λ| is between 0.9 and 0.999.
    form: "scan", "loop" or "convolution", which give the same numbers. batch_first: always.
    """

    def __init__(
        self, input_size, hidden_size, num_layers=1, *, batch_first=True, dropout=0.0, form="scan"
    ):
        _refuse(form, FORMS, batch_first)
        sizes = [input_size] + [hidden_size] * (num_layers - 1)
        super().__init__([_DiagonalLayer(size, hidden_size, form) for size in sizes], dropout)


class _DiagonalLayer(nn.Module):
    def __init__(self, input_size, hidden_size, form):
        super().__init__()
        self.input_size, self.form = input_size, form
        radius = torch.empty(hidden_size).uniform_(0.9**2, 0.999**2).sqrt()  # evenly over a ring
        self.nu = nn.Parameter(torch.log(-torch.log(radius)))
        self.theta = nn.Parameter(torch.empty(hidden_size).uniform_(0, math.pi / 10))
        self.into = nn.Linear(input_size, 2 * hidden_size, bias=False)  # real and imaginary part
        self.out = nn.Linear(2 * hidden_size, hidden_size)
        self.past = nn.Linear(input_size, hidden_size, bias=False)  # W_xy, past the state

    def eigenvalues(self):
        """λ (H,), complex."""
        return torch.polar(torch.exp(-torch.exp(self.nu)), self.theta)

    def forward(self, x, start):
        a = self.eigenvalues()
        real, imaginary = self.into(x).chunk(2, -1)
        b = (1 - a.abs() ** 2).sqrt() * torch.complex(real, imaginary)
        h = {"scan": scan, "loop": loop, "convolution": convolve}[self.form](a, b, start)
        y = self.out(torch.cat([h.real, h.imag], -1)) + self.past(x)
        return F.gelu(y), h[:, -1]


def _refuse(form, forms, batch_first):
    if form not in forms:
        raise ValueError(f"form is {form!r}, but there are only {', '.join(map(repr, forms))}")
    if not batch_first:
        raise ValueError("batch_first is False, but these layers read (B, T, D) only")


# Attention without its softmax


def feature_map(x):
    """φ: what stands for the exponential of a product, elu(x) + 1, so that it is above zero."""
    return F.elu(x) + 1


def linear_attention(q, k, v, state=None):
    """Causal attention with φ(q)·φ(k) for the softmax's exp(q·k), as attention computes it.

    q, k (B, T, K), v (B, T, V), state (S, z) of what came before or None → (B, T, V), (S, z) after
    it: S (B, K, V), the sum of φ(k_t) v_tᵀ, and z (B, K), the sum of φ(k_t). Time and memory grow
    with T², but only within a call: a long sequence may be read in pieces.
    """
    q, k = feature_map(q), feature_map(k)
    S, z = _empty(k, v) if state is None else state
    weights = (q @ k.mT).tril()  # (B, T, T): the future weighs nothing
    said = weights @ v + q @ S
    weighed = weights.sum(-1) + (q @ z[..., None])[..., 0]
    return said / weighed[..., None], (S + k.mT @ v, z + k.sum(1))


def linear_attention_loop(q, k, v, state=None):
    """`linear_attention`, step by step: a recurrent network whose state is a matrix."""
    q, k = feature_map(q), feature_map(k)
    S, z = _empty(k, v) if state is None else state
    said = []
    for q_t, k_t, v_t in zip(q.unbind(1), k.unbind(1), v.unbind(1), strict=True):
        S = S + k_t[:, :, None] * v_t[:, None, :]  # (B, K, V)
        z = z + k_t
        said.append((q_t[:, None] @ S)[:, 0] / (q_t * z).sum(-1, keepdim=True))
    return torch.stack(said, 1), (S, z)


def _empty(k, v):
    B, _, K = k.shape
    return k.new_zeros(B, K, v.shape[2]), k.new_zeros(B, K)
