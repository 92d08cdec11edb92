"""rnncourse.layers against torch.nn and against a plain loop over the steps under autograd.

    OMP_NUM_THREADS=2 python benchmarks/layers.py > benchmarks/results/layers.txt

Each line: median time of ours, and how many times as long the other two take (median of the paired
ratios, and the middle half of them). The three run in turn, one repetition after the other, with
the same weights and data, float32. "step" is forward and backward with all weight gradients,
"inference" the forward pass without gradients. "products" is the time of the step's matrix products
alone, as a share of ours: no arrangement of the other work can go below it. Memory is the growth
of the process's peak over one step, in a fresh process a number, after a small warm-up (Linux
only).

Above 1 means that ours is faster, or needs less memory.
"""

import argparse
import multiprocessing
import os
import platform
import statistics
import time
from pathlib import Path

import torch
from torch import nn

from rnncourse import layers

SIZES = [(32, 32, 32, 35), (64, 128, 32, 35), (64, 256, 64, 100)]  # D, H, B, T
KINDS = ["RNN", "GRU", "LSTM"]
GOALS = {"RNN": 1.5, "GRU": 1.25, "LSTM": 0.8}  # geometric mean over the sizes


class Loop(nn.Module):
    """A cell of torch in a Python loop, as tutorials write it; autograd does the rest."""

    def __init__(self, layer):
        super().__init__()
        self.cell = getattr(nn, type(layer).__name__ + "Cell")(layer.input_size, layer.hidden_size)
        weights = {name.removesuffix("_l0"): w for name, w in layer.state_dict().items()}
        self.cell.load_state_dict(weights)

    def forward(self, x):
        state, outputs = None, []
        for x_t in x:
            state = self.cell(x_t, state)
            outputs.append(state[0] if isinstance(state, tuple) else state)
        return torch.stack(outputs), state


def contenders(kind, D, H):
    """Ours, torch's and the loop, with the same weights."""
    torch.manual_seed(0)
    ours, torchs = getattr(layers, kind)(D, H), getattr(nn, kind)(D, H)
    ours.load_state_dict(torchs.state_dict())
    return [ours, torchs, Loop(torchs)]


def step(model, x, dh):
    model.zero_grad()
    model(x)[0].backward(dh)


def inference(model, x, dh):
    with torch.no_grad():
        model(x)


class Products:
    """The matrix products of a step and nothing else: T small ones each way, three large ones."""

    def __init__(self, layer, x):
        (T, B, D), (R, H) = x.shape, layer.weight_hh_l0.shape
        self.rows, self.h = x.view(T * B, D), torch.zeros(B, H)
        self.W_xh, self.W_hh = (w.detach() for w in (layer.weight_ih_l0, layer.weight_hh_l0))
        self.a, self.states, self.steps = torch.zeros(T * B, R), torch.zeros(T * B, H), T

    def zero_grad(self):
        pass

    @torch.no_grad()
    def __call__(self, x):
        torch.mm(self.rows, self.W_xh.t(), out=self.a)
        W = self.W_hh.t().contiguous()
        steps = self.a.chunk(self.steps)
        for a_t in steps:
            a_t.addmm_(self.h, W)
        for a_t in steps:
            torch.mm(a_t, self.W_hh, out=self.h)
        return [self]

    @torch.no_grad()
    def backward(self, dh):
        torch.mm(self.a.t(), self.rows), torch.mm(self.a.t(), self.states)


def paired_times(run, models, x, dh, repetitions):
    """Seconds (repetitions, models), the models taking turns."""
    times = []
    for repetition in range(-3, repetitions):
        row = []
        for model in models:
            start = time.perf_counter()
            run(model, x, dh)
            row.append(time.perf_counter() - start)
        if repetition >= 0:  # the first three warm up
            times.append(row)
    return times


def _peak(kind, size, which, answer):
    """Growth of the peak resident memory over one step, in MiB."""
    D, H, B, T = size
    model = contenders(kind, D, H)[which]
    step(model, torch.randn(2, 2, D), torch.randn(2, 2, H))
    x, dh = torch.randn(T, B, D), torch.randn(T, B, H)
    for parameter in model.parameters():
        parameter.grad = None
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = _status("VmRSS")
    step(model, x, dh)
    answer.put((_status("VmHWM") - before) / 1024)


def _status(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])  # KiB
    raise KeyError(field)


def peaks(kind, size):
    """Peak memory of ours, torch's and the loop in MiB, or None where it cannot be measured."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    found = []
    for which in range(3):
        context = multiprocessing.get_context("spawn")
        answer = context.Queue()
        child = context.Process(target=_peak, args=(kind, size, which, answer))
        child.start()
        found.append(answer.get(timeout=300))
        child.join()
    return found


def middle(ratios):
    low, _, high = statistics.quantiles(ratios, n=4)
    return f"{statistics.median(ratios):5.2f} ({low:.2f}-{high:.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("--repetitions", type=int, default=100, help="at the small sizes")
    parser.add_argument("--no-memory", action="store_true")
    arguments = parser.parse_args()
    print(
        f"torch {torch.__version__}, {torch.get_num_threads()} threads, "
        f"{torch.backends.cpu.get_cpu_capability()}, {platform.machine()}, "
        f"load {os.getloadavg()[0]:.1f} at the start"
    )
    print(
        f"{'':5}{'D, H, B, T':18}{'':11}{'ours, ms':>9}   torch.nn / ours    loop / ours"
        "       products  MiB: ours, torch.nn, loop"
    )
    for kind in KINDS:
        medians = {"step": [], "inference": []}
        for size in SIZES:
            D, H, B, T = size
            models = contenders(kind, D, H)
            x, dh = torch.randn(T, B, D), torch.randn(T, B, H)
            products = Products(models[0], x)
            repetitions = max(
                5, arguments.repetitions if H * T < 10_000 else arguments.repetitions // 5
            )
            for name, run in [("step", step), ("inference", inference)]:
                alone = [products] if name == "step" else []
                times = paired_times(run, models + alone, x, dh, repetitions)
                ours = statistics.median(row[0] for row in times)
                ratios = [[row[which] / row[0] for row in times] for which in (1, 2)]
                medians[name].append(statistics.median(ratios[0]))
                line = f"{kind:5}{size!s:18}{name:11}{ours * 1e3:9.2f}   "
                line += "   ".join(middle(r) for r in ratios)
                if alone:
                    share = statistics.median(row[3] / row[0] for row in times)
                    line += f"   {share:8.0%}"
                if alone and not arguments.no_memory:
                    memory = peaks(kind, size)
                    line += "   " + (", ".join(f"{m:.1f}" for m in memory) if memory else "-")
                print(line, flush=True)
        print(
            f"{kind:5}geometric mean of torch.nn / ours: "
            f"step {statistics.geometric_mean(medians['step']):.2f} (goal {GOALS[kind]}), "
            f"inference {statistics.geometric_mean(medians['inference']):.2f}\n",
            flush=True,
        )


if __name__ == "__main__":
    main()
