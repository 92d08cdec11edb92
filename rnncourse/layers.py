"""RNN, LSTM and GRU layers for PyTorch, with back-propagation through time written by hand.

Drop-in for `torch.nn.RNN`, `torch.nn.LSTM` and `torch.nn.GRU`: same arguments, same parameter
names and shapes, same numbers. What torch leaves to autograd or to a fused kernel stands here in
the open: each cell is one `torch.autograd.Function`, its `forward` the loop over time, its
`backward` the same loop walked back.

Layout. A batch is a column of rows, as in torch's `PackedSequence`: first the `sizes[0]` rows of
time step 1, then the `sizes[1]` rows of step 2, and so on, N rows in all. Sequences are sorted,
longest first, so a step's rows belong to the first `sizes[t]` sequences; a batch without padding
has `sizes = [B] * T` and N = T·B. No row is padding, so padding cannot change a result.

What makes it fast: all input projections are one matrix product before the loop; going back, the
local derivatives of many steps are taken at once and the weight gradients of many steps are one
product; the loops themselves work in place on views made beforehand. "Many steps": a stretch short
enough for its gates to stay in the processor's cache: for small layers the whole sequence.

Limits. First derivatives only; no projections (`proj_size`); no `torch.func` transforms and no
TorchScript; `torch.compile` breaks its graph at each layer and leaves the layer as it is. Gradients
of frozen weights are computed all the same, and dropped. Under autocast a layer computes in
float32, for a state rounded at each of a thousand steps loses its digits, and hands its results on
in autocast's precision: exact, but no faster. Where no gradient is recorded, only one stretch of
gates is in memory at a time.

Sources: Elman (1990); Hochreiter and Schmidhuber (1997) with the forget gate of Gers et al.
(2000); Cho et al. (2014), with the reset gate after the product as in PyTorch.
"""

# ruff: noqa: B905 (what is zipped here has one entry a step)
import math
import warnings

import torch
import torch.nn.functional as F
from torch import nn
from torch.autograd import Function
from torch.nn.utils.rnn import PackedSequence, pack_padded_sequence, pad_packed_sequence


def steps_before(start, steps, sizes):
    """What each step finds: `start` (B, H), then the step before it, cut to the rows that go on."""
    pairs = zip([start, *steps[:-1]], sizes[:1] + sizes[:-1], sizes)
    return [rows if size == found else rows[:size] for rows, found, size in pairs]


def with_room(h_0, N):
    """h_0 (B, H) and room for N more rows behind it: all states (B + N, H), and h, its end."""
    states = h_0.new_empty(len(h_0) + N, h_0.shape[1])
    states[: len(h_0)] = h_0
    return states, states[len(h_0) :].detach()  # detached: for autograd no view, but an output


def states_before(states, sizes, rows, now):
    """What the steps `now` found, a row of states for each of `rows`."""
    if sizes[-1] == sizes[0]:  # no padding: each row finds what stands B rows before it
        return states[rows]
    h_0, h = states[: sizes[0]], states[sizes[0] :]
    return torch.cat(steps_before(h_0, h.split(sizes), sizes)[now])


def last_rows(steps, sizes):
    """The row in which each sequence ends, (B, H), longest sequence first."""
    sizes_after = [*sizes[1:], 0]
    ends = [h[after:] for h, size, after in zip(steps, sizes, sizes_after) if size > after]
    return torch.cat(ends[::-1]) if ends else steps[-1]  # no sequence at all: B = 0


def leading_rows(carry, sizes):
    """Views of the first rows of `carry` (B, H), one for each size that occurs."""
    return {size: carry[:size] for size in set(sizes)}


def stretches(sizes, width, most=2**20):
    """Cut time into stretches of at most `most` numbers, `width` a row: slices (rows, steps)."""
    cut, step, row = [], 0, 0
    while step < len(sizes):
        first_step, first_row = step, row
        while step < len(sizes) and (
            step == first_step or (row + sizes[step] - first_row) * width <= most
        ):
            row, step = row + sizes[step], step + 1
        cut.append((slice(first_row, row), slice(first_step, step)))
    return cut


def refuse_second_derivatives():
    """Inside `backward` gradients are recorded only if someone wants to differentiate it again."""
    if torch.is_grad_enabled():
        raise RuntimeError(
            "rnncourse.layers has first derivatives only (its backward pass is written by hand); "
            "for second derivatives (create_graph=True) use the layer of torch.nn, "
            "which takes the same state_dict"
        )


class RNNThroughTime(Function):
    """h_t = tanh(W_xh x_t + W_hh h_{t-1} + b), or relu, over all steps."""

    @staticmethod
    def forward(ctx, x, h_0, W_xh, W_hh, b, sizes, nonlinearity):
        """x (N, D), h_0 (B, H) → h (N, H), h_T (B, H)."""
        activate = torch.tanh_ if nonlinearity == "tanh" else torch.relu_
        states, h = with_room(h_0, len(x))
        torch.addmm(b, x, W_xh.t(), out=h)  # W_xh x_t + b, to become h_t in place
        h_steps, W = h.split(sizes), W_hh.t().contiguous()
        for h_t, h_prev in zip(h_steps, steps_before(h_0, h_steps, sizes)):
            h_t.addmm_(h_prev, W)
            activate(h_t)
        ctx.save_for_backward(x, states, W_xh, W_hh)
        ctx.sizes, ctx.tanh = sizes, nonlinearity == "tanh"
        return h, last_rows(h_steps, sizes)

    @staticmethod
    def backward(ctx, dh_outside, dh_T):
        refuse_second_derivatives()
        x, states, W_xh, W_hh = ctx.saved_tensors
        sizes, one, H = ctx.sizes, states.new_ones(()), states.shape[1]
        h = states[sizes[0] :]
        dx = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        dW_xh, dW_hh = torch.zeros_like(W_xh), torch.zeros_like(W_hh)
        db = h.new_zeros(H)
        dh = dh_T.clone()  # what comes back from the step after
        dh_rows = leading_rows(dh, sizes)
        for rows, now in reversed(stretches(sizes, H)):
            # da holds the slopes, 1 - tanh² or 0 and 1, and becomes dL/da in place
            h_now = h[rows]
            da = one.addcmul(h_now, h_now, value=-1) if ctx.tanh else h_now.sign()
            views = [da, dh_outside[rows]]
            steps = zip(sizes[now], *(view.split(sizes[now]) for view in views))
            for size, da_t, dh_out in reversed([*steps]):
                dh_t = dh_rows[size].add_(dh_out)
                da_t.mul_(dh_t)  # through the activation
                torch.mm(da_t, W_hh, out=dh_t)  # and one step back in time
            dW_xh.addmm_(da.t(), x[rows])
            dW_hh.addmm_(da.t(), states_before(states, sizes, rows, now))
            db += da.sum(0)
            if dx is not None:
                torch.mm(da, W_xh, out=dx[rows])
        return dx, dh, dW_xh, dW_hh, db, None, None


class LSTMThroughTime(Function):
    """c_t = f⊙c_{t-1} + i⊙g and h_t = o⊙tanh(c_t) over all steps; order i f g o."""

    @staticmethod
    def forward(ctx, x, h_0, c_0, W_xh, W_hh, b, sizes):
        """x (N, D), h_0 and c_0 (B, H) → h (N, H), h_T and c_T (B, H)."""
        H = h_0.shape[1]
        gates = F.linear(x, W_xh, b)  # (N, 4H): W_xh x_t + b, to become the gates
        W = W_hh.t().contiguous()
        states, h = with_room(h_0, len(x))
        c, tanh_c = torch.empty_like(h), torch.empty_like(h)
        h_steps, c_steps = h.split(sizes), c.split(sizes)
        steps = zip(
            gates.split(sizes),
            *(gate.split(sizes) for gate in gates.split(H, dim=1)),
            steps_before(h_0, h_steps, sizes), steps_before(c_0, c_steps, sizes),
            c_steps, tanh_c.split(sizes), h_steps,
        )
        for gates_t, i, f, g, o, h_prev, c_prev, c_t, tanh_c_t, h_t in steps:
            gates_t.addmm_(h_prev, W)
            i.sigmoid_(), f.sigmoid_(), g.tanh_(), o.sigmoid_()
            torch.mul(f, c_prev, out=c_t).addcmul_(i, g)
            torch.mul(o, torch.tanh(c_t, out=tanh_c_t), out=h_t)
        ctx.save_for_backward(x, states, gates, c, tanh_c, W_xh, W_hh)
        ctx.sizes = sizes
        return h, last_rows(h_steps, sizes), last_rows(c_steps, sizes)

    @staticmethod
    def backward(ctx, dh_outside, dh_T, dc_T):
        refuse_second_derivatives()
        x, states, gates, c, tanh_c, W_xh, W_hh = ctx.saved_tensors
        sizes, H = ctx.sizes, states.shape[1]
        h = states[sizes[0] :]
        dx = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        dW_xh, dW_hh = torch.zeros_like(W_xh), torch.zeros_like(W_hh)
        db = h.new_zeros(4 * H)
        dh, dc = dh_T.clone(), dc_T.clone()  # what comes back from the step after
        dh_rows, dc_rows = leading_rows(dh, sizes), leading_rows(dc, sizes)
        dc_wide = leading_rows(dc[:, None], sizes)  # (B, 1, H)
        for rows, now in reversed(stretches(sizes, 4 * H)):
            i, f, g, o = gates[rows].split(H, dim=1)
            da = torch.empty_like(gates[rows])  # local derivatives, to become dL/da
            da_i, da_f, da_g, da_o = da.split(H, dim=1)
            torch.mul(i, g, out=da_i)
            torch.addcmul(i, da_i, g, value=-1, out=da_g)  # ∂c/∂a_g = i(1-g²)
            torch.sub(c[rows], da_i, out=da_f)  # c - ig = f c_{t-1}
            da_f.addcmul_(da_f, f, value=-1)  # ∂c/∂a_f = f(1-f)c_{t-1}
            da_i.addcmul_(da_i, i, value=-1)  # ∂c/∂a_i = i(1-i)g
            torch.addcmul(h[rows], h[rows], o, value=-1, out=da_o)  # ∂h/∂a_o = h(1-o)
            slope = torch.addcmul(o, h[rows], tanh_c[rows], value=-1)  # ∂h/∂c = o - h tanh(c)
            da_ifg = da[:, : 3 * H].unflatten(1, (3, H))
            views = [da, da_ifg, da_o, slope, f, dh_outside[rows]]
            steps = zip(sizes[now], *(view.split(sizes[now]) for view in views))
            for size, da_t, da_ifg, da_o, slope_t, f_t, dh_out in reversed([*steps]):
                dh_t = dh_rows[size].add_(dh_out)
                dc_t = dc_rows[size].addcmul_(dh_t, slope_t)
                da_ifg.mul_(dc_wide[size])
                da_o.mul_(dh_t)
                dc_t.mul_(f_t)  # one step back in time along the cell state
                torch.mm(da_t, W_hh, out=dh_t)  # and along the hidden state
            dW_xh.addmm_(da.t(), x[rows])
            dW_hh.addmm_(da.t(), states_before(states, sizes, rows, now))
            db += da.sum(0)
            if dx is not None:
                torch.mm(da, W_xh, out=dx[rows])
        return dx, dh, dc, dW_xh, dW_hh, db, None


class GRUThroughTime(Function):
    """h_t = z⊙h_{t-1} + (1-z)⊙n, where n = tanh(W_xn x_t + b_xn + r⊙m) and
    m = W_hn h_{t-1} + b_hn.
    """

    @staticmethod
    def forward(ctx, x, h_0, W_xh, W_hh, b_x, b_h, sizes):
        """x (N, D), h_0 (B, H) → h (N, H), h_T (B, H). Order r z n."""
        H = h_0.shape[1]
        n = F.linear(x, W_xh[2 * H :], b_x[2 * H :])  # (N, H), to become n in place
        gates = n.new_empty(len(x), 3 * H)  # to become r, z and m
        rz = gates[:, : 2 * H]
        torch.addmm((b_x + b_h)[: 2 * H], x, W_xh[: 2 * H].t(), out=rz)
        gates[:, 2 * H :] = b_h[2 * H :]
        r, z, m = (gate.split(sizes) for gate in gates.split(H, dim=1))
        (states, h), W = with_room(h_0, len(x)), W_hh.t().contiguous()
        h_steps = h.split(sizes)
        steps = zip(gates.split(sizes), rz.split(sizes), r, z, m, n.split(sizes),
                    steps_before(h_0, h_steps, sizes), h_steps)
        for gates_t, rz_t, r_t, z_t, m_t, n_t, h_prev, h_t in steps:
            gates_t.addmm_(h_prev, W)
            rz_t.sigmoid_()
            n_t.addcmul_(r_t, m_t).tanh_()
            torch.lerp(n_t, h_prev, z_t, out=h_t)  # n + z⊙(h_{t-1} - n)
        ctx.save_for_backward(x, states, gates, n, W_xh, W_hh)
        ctx.sizes = sizes
        return h, last_rows(h_steps, sizes)

    @staticmethod
    def backward(ctx, dh_outside, dh_T):
        refuse_second_derivatives()
        x, states, gates, n, W_xh, W_hh = ctx.saved_tensors
        sizes, H = ctx.sizes, states.shape[1]
        h = states[sizes[0] :]
        dx = torch.empty_like(x) if ctx.needs_input_grad[0] else None
        dW_xh, dW_hh = torch.zeros_like(W_xh), torch.zeros_like(W_hh)
        db_x, db_h = h.new_zeros(3 * H), h.new_zeros(3 * H)
        dh = dh_T.clone()  # what comes back from the step after
        dh_rows, dh_wide = leading_rows(dh, sizes), leading_rows(dh[:, None], sizes)
        for rows, now in reversed(stretches(sizes, 4 * H)):
            r, z, m = gates[rows].split(H, dim=1)
            da = torch.empty_like(gates[rows])  # to become dL/d(r, z, m)
            da_r, da_z, dm = da.split(H, dim=1)
            torch.sub(h[rows], n[rows], out=da_z)  # h - n = z(h_{t-1}-n)
            da_z.addcmul_(da_z, z, value=-1)  # ∂h/∂a_z = z(1-z)(h_{t-1}-n)
            dn = 1 - z
            torch.mul(dn, n[rows], out=dm)
            dn.addcmul_(dm, n[rows], value=-1)  # ∂h/∂a_n = (1-z)(1-n²)
            torch.mul(dn, r, out=dm)  # ∂h/∂m
            torch.mul(dm, m, out=da_r)
            da_r.addcmul_(da_r, r, value=-1)  # and on through r(1-r)
            views = [da, da.unflatten(1, (3, H)), z, dn, dh_outside[rows]]
            steps = zip(sizes[now], *(view.split(sizes[now]) for view in views))
            for size, da_t, da_rzm, z_t, dn_t, dh_out in reversed([*steps]):
                dh_t = dh_rows[size].add_(dh_out)
                da_rzm.mul_(dh_wide[size])
                dn_t.mul_(dh_t)
                dh_t.mul_(z_t)  # one step back in time along the shortcut
                dh_t.addmm_(da_t, W_hh)  # and through the gates
            dW_hh.addmm_(da.t(), states_before(states, sizes, rows, now))
            db_h += da.sum(0)
            dm.copy_(dn)  # x enters n, not m
            dW_xh.addmm_(da.t(), x[rows])
            db_x += da.sum(0)
            if dx is not None:
                torch.mm(da, W_xh, out=dx[rows])
        return dx, dh, dW_xh, dW_hh, db_x, db_h, None


def mirror(sizes):
    """For each of the N rows, the row at the mirrored time of its own sequence, (N,).

    Reversing twice restores the order, and a sequence of length 3 in a batch of length 10 is
    reversed within its 3 steps.
    """
    sizes = torch.tensor(sizes)  # (T,)
    running = torch.arange(sizes[0]) < sizes[:, None]  # (T, B)
    time, sequence = running.nonzero().unbind(1)  # of each row
    first_row = sizes.cumsum(0) - sizes  # of each step
    return first_row[running.sum(0)[sequence] - 1 - time] + sequence


class RecurrentLayer(nn.Module):
    """What RNN, LSTM and GRU share: parameters, stacking, directions, padding, states."""

    GATES = 1
    STATES = ("h",)

    def __init__(self, input_size, hidden_size, num_layers=1, bias=True, batch_first=False,
                 dropout=0.0, bidirectional=False, proj_size=0, device=None, dtype=None):
        super().__init__()
        if proj_size:
            raise ValueError(
                f"proj_size={proj_size}: projections are not part of this course's layers; use "
                "torch.nn.LSTM, or an nn.Linear after the layer"
            )
        for name, size in [("input_size", input_size), ("hidden_size", hidden_size),
                           ("num_layers", num_layers)]:
            if size < 1:
                raise ValueError(f"{name}={size}: must be at least 1")
        if not 0 <= dropout <= 1:
            raise ValueError(f"dropout={dropout}: must be a probability, between 0 and 1")
        if dropout and num_layers == 1:
            warnings.warn(
                f"dropout={dropout} stands between layers, so with num_layers=1 it does nothing",
                stacklevel=3,
            )
        self.input_size, self.hidden_size, self.num_layers = input_size, hidden_size, num_layers
        self.bias, self.batch_first, self.dropout = bias, batch_first, float(dropout)
        self.bidirectional, self.num_directions = bidirectional, 2 if bidirectional else 1
        rows = self.GATES * hidden_size
        for layer in range(num_layers):
            columns = input_size if layer == 0 else hidden_size * self.num_directions
            shapes = {"weight_ih": (rows, columns), "weight_hh": (rows, hidden_size)}
            if bias:
                shapes |= {"bias_ih": (rows,), "bias_hh": (rows,)}
            for direction in range(self.num_directions):
                for name, shape in shapes.items():
                    values = torch.empty(shape, device=device, dtype=dtype)
                    self.register_parameter(
                        f"{name}_l{layer}{'_reverse' * direction}", nn.Parameter(values)
                    )
        self.reset_parameters()

    def reset_parameters(self):
        """Uniform in ±1/√H, drawn in the order torch draws them."""
        bound = 1 / math.sqrt(self.hidden_size)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -bound, bound)

    def flatten_parameters(self):
        """Nothing to do here; torch's layers have it for cuDNN."""

    @property
    def mode(self):
        """What torch calls the kind of layer: RNN_TANH, RNN_RELU, LSTM or GRU."""
        return type(self).__name__

    @property
    def all_weights(self):
        """A list of parameters for each layer and direction, as torch orders them."""
        each = 4 if self.bias else 2
        flat = list(self.parameters())
        return [flat[i : i + each] for i in range(0, len(flat), each)]

    def extra_repr(self):
        words = [f"{self.input_size}, {self.hidden_size}"]
        for name, usual in [("num_layers", 1), ("bias", True), ("batch_first", False),
                            ("dropout", 0.0), ("bidirectional", False)]:
            if getattr(self, name) != usual:
                words.append(f"{name}={getattr(self, name)}")
        return ", ".join(words)

    def forward(self, x, hx=None, lengths=None):
        """All steps of all layers.

        x: (T, B, D), with `batch_first` (B, T, D), without a batch (T, D), or a `PackedSequence`.
        hx: the initial states, each (num_layers · directions, B, H), zeros if left out.
        lengths: (B,), how many steps of each padded sequence are real; in any order.

        Returns the output (T, B, directions · H), shaped like x, zero beyond `lengths`, and the
        states after each sequence's own last step, shaped like hx.
        Raises ValueError if a shape or a dtype does not fit.
        """
        if isinstance(x, PackedSequence):
            return self._forward_packed(x, hx)
        self._check_input(x, lengths)
        if x.dim() == 2:  # one sequence without a batch: add one, take it away again
            if any(state.dim() != 2 for state in (hx if isinstance(hx, tuple | list) else [hx])
                   if state is not None):
                raise ValueError("x has 2 dimensions, one sequence, so hx has 2, too: (layers · "
                                 "directions, hidden_size)")
            states = None if hx is None else _map(lambda s: s.unsqueeze(1), hx)
            batch = 0 if self.batch_first else 1
            output, states = self.forward(x.unsqueeze(batch), states)
            return output.squeeze(batch), _map(lambda s: s.squeeze(1), states)
        if lengths is not None:
            lengths = torch.as_tensor(lengths).cpu()
            packed = pack_padded_sequence(x, lengths, self.batch_first, enforce_sorted=False)
            output, states = self._forward_packed(packed, hx)
            T = x.shape[1 if self.batch_first else 0]
            return pad_packed_sequence(output, self.batch_first, total_length=T)[0], states
        if self.batch_first:
            x = x.transpose(0, 1)
        T, B, D = x.shape
        output, states = self._forward_rows(x.reshape(T * B, D), hx, [B] * T)
        output = output.view(T, B, output.shape[1])
        return output.transpose(0, 1) if self.batch_first else output, states

    def _check_input(self, x, lengths):
        if x.dim() not in (2, 3):
            raise ValueError(f"x has {x.dim()} dimensions, but a layer takes 2 (unbatched) or 3")
        if x.shape[-1] != self.input_size:
            raise ValueError(
                f"x has {x.shape[-1]} features, but this layer was made for "
                f"input_size={self.input_size}"
            )
        if x.shape[0 if x.dim() == 2 or not self.batch_first else 1] == 0:
            raise ValueError(f"x has the shape {tuple(x.shape)}: there is no step to run over")
        if lengths is not None and x.dim() == 2:
            raise ValueError("lengths goes with a batch of sequences, but x has 2 dimensions")

    def _forward_packed(self, packed, hx):
        data, batch_sizes, order, back = packed
        if data.shape[-1] != self.input_size:
            self._check_input(data, None)
        if hx is not None and order is not None:
            hx = _map(lambda s: s.index_select(1, order), hx)
        output, states = self._forward_rows(data, hx, batch_sizes.tolist())
        if back is not None:
            states = _map(lambda s: s.index_select(1, back), states)
        return PackedSequence(output, batch_sizes, order, back), states

    def _check_dtype(self, name, tensor):
        wanted = self.weight_ih_l0.dtype
        if tensor.dtype != wanted and _autocast_dtype(tensor) is None:
            raise ValueError(
                f"{name} is {tensor.dtype}, but this layer's weights are {wanted}: convert one of "
                f"them, for instance with .to({wanted})"
            )

    def _initial_states(self, x, hx, B):
        """The tuple of initial states, each (layers · directions, B, H), checked."""
        shape = (self.num_layers * self.num_directions, B, self.hidden_size)
        if hx is None:
            return tuple(x.new_zeros(shape) for _ in self.STATES)
        states = hx if isinstance(hx, tuple | list) else (hx,)
        if len(states) != len(self.STATES):
            raise ValueError(f"hx has {len(states)} states, but this layer has {self.STATES}")
        for name, state in zip(self.STATES, states):
            if state.shape != shape:
                raise ValueError(
                    f"the initial {name} has the shape {tuple(state.shape)}, but this batch needs "
                    f"{shape}: layers · directions, batch, hidden_size"
                )
            self._check_dtype(f"the initial {name}", state)
        return tuple(states)

    def _forward_rows(self, x, hx, sizes):
        """x (N, D) → output (N, directions · H) and states as torch returns them."""
        self._check_dtype("x", x)
        states = self._initial_states(x, hx, sizes[0])
        mirrored = mirror(sizes).to(x.device) if self.bidirectional else None
        last_states = []
        for layer in range(self.num_layers):
            if layer > 0 and self.dropout > 0:  # between layers, not within
                x = F.dropout(x, self.dropout, self.training)
            outputs = []
            for direction in range(self.num_directions):
                row = layer * self.num_directions + direction
                start = [s[row] for s in states]
                rows = x.index_select(0, mirrored) if direction else x
                h, *last = self._through_time(rows, start, sizes, layer, direction)
                outputs.append(h.index_select(0, mirrored) if direction else h)
                last_states.append(last)
            x = torch.cat(outputs, dim=1) if self.bidirectional else outputs[0]
        stacked = tuple(torch.stack(rows) for rows in zip(*last_states))
        return x, stacked if len(stacked) > 1 else stacked[0]

    def _through_time(self, x, start, sizes, layer, direction):
        """One layer in one direction; in float32 where autocast is on."""
        tensors = [x, *start, *self._parameters_of(layer, direction)]
        dtype = _autocast_dtype(x)
        if dtype is None:
            return self._run_in_stretches(tensors, sizes)
        with torch.autocast(x.device.type, enabled=False):
            results = self._run_in_stretches([tensor.float() for tensor in tensors], sizes)
        return [result.to(dtype) for result in results]

    def _run_in_stretches(self, tensors, sizes):
        """The whole sequence at once, or, where no gradient is recorded, stretch by stretch."""
        needed = torch.is_grad_enabled() and any(tensor.requires_grad for tensor in tensors)
        cut = stretches(sizes, self.GATES * self.hidden_size)
        if needed or len(cut) == 1:
            return self._run(*tensors, sizes)
        x, *states = tensors[: 1 + len(self.STATES)]
        weights = tensors[1 + len(self.STATES) :]
        outputs, states = [], [state.clone() for state in states]
        for rows, now in cut:
            B = sizes[now.start]  # sequences that still run
            h, *last = self._run(x[rows], *(s[:B] for s in states), *weights, sizes[now])
            outputs.append(h)
            for state, after in zip(states, last):
                state[:B] = after
        return torch.cat(outputs), *states

    def _parameters_of(self, layer, direction):
        suffix = f"_l{layer}{'_reverse' * direction}"
        weights = [getattr(self, name + suffix) for name in ("weight_ih", "weight_hh")]
        if not self.bias:
            zeros = weights[0].new_zeros(len(weights[0]))
            return *weights, zeros, zeros
        return *weights, *(getattr(self, name + suffix) for name in ("bias_ih", "bias_hh"))


def _autocast_dtype(tensor):
    """The precision of autocast, None where it is off or does not concern the tensor."""
    device = tensor.device.type
    if tensor.dtype == torch.float64 or not tensor.is_floating_point() or device == "meta":
        return None
    return torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None


def _map(function, states):
    return tuple(map(function, states)) if isinstance(states, tuple | list) else function(states)


class RNN(RecurrentLayer):
    """Elman's network, as `torch.nn.RNN`."""

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", *args, **kwargs):
        if nonlinearity not in ("tanh", "relu"):
            raise ValueError(f"nonlinearity={nonlinearity!r}: must be 'tanh' or 'relu'")
        super().__init__(input_size, hidden_size, num_layers, *args, **kwargs)
        self.nonlinearity = nonlinearity

    @property
    def mode(self):
        return f"RNN_{self.nonlinearity.upper()}"

    def _run(self, x, h_0, W_xh, W_hh, b_x, b_h, sizes):
        return RNNThroughTime.apply(x, h_0, W_xh, W_hh, b_x + b_h, sizes, self.nonlinearity)


class LSTM(RecurrentLayer):
    """Long short-term memory, as `torch.nn.LSTM` without projections. hx is the pair (h, c)."""

    GATES = 4
    STATES = ("h", "c")

    def _run(self, x, h_0, c_0, W_xh, W_hh, b_x, b_h, sizes):
        return LSTMThroughTime.apply(x, h_0, c_0, W_xh, W_hh, b_x + b_h, sizes)


class GRU(RecurrentLayer):
    """Gated recurrent unit, as `torch.nn.GRU`: reset after the product, z near 1 keeps."""

    GATES = 3

    def _run(self, x, h_0, W_xh, W_hh, b_x, b_h, sizes):
        return GRUThroughTime.apply(x, h_0, W_xh, W_hh, b_x, b_h, sizes)
