"""Time and memory against length: GRU, Transformer, minimal GRU, state space, all of equal size.

    python benchmarks/lengths.py                  # measure everything, print and store the tables
    python benchmarks/lengths.py train stream     # these parts anew, the others as they are stored
    python benchmarks/lengths.py --table          # only print what is stored

Language models of about 66,000 weights that read 65 characters (a Transformer has 48 more weights
for each place of its context), float32, one thread:

train      a training step, forward and backward, on one sequence or on 16 of a length. Time: what
           is compared takes turns, one repetition after the other; "ratio" is to the GRU in the
           same turn, its median and the middle half. Memory: by how much the process's peak grows
           over one step, each in a fresh process after a small step (Linux only).
generate   one token more after so many, nothing recorded for gradients; "kib" is what must be kept
           of the text, the state or the keys and values.
stream     a text read token by token, in a fresh process: resident memory after so many steps,
           beyond what it was after the first 100.
attention  the Transformer's attention alone, q, k and v (1, 4, T, 12): softmax(q kᵀ) v as it is
           written, and torch's fused kernel.
forms      h_t = a_t h_{t-1} + b_t of 128 units, forward and backward, as loop, scan, convolution;
           and a GRU layer of 128 units that reads 128 features. Ratio to the loop.
int8       one step of torch.nn.GRU, as many inputs as units, in float32; in torch's dynamic int8
           (weights and, on the fly, activations are bytes); and with weights kept as bytes and
           turned back into float32 at every step. "kib": the weights. Ratio to float32.
"""

import argparse
import io
import math
import multiprocessing
import statistics
import time
import warnings
from functools import partial
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import experiments, layers, linear
from rnncourse.models import LanguageModel, Transformer
from rnncourse.models.transformer import explicit_attention, fused_attention

RESULTS = experiments.BENCHMARKS / "results" / "lengths.json"
V = 65
MODELS = {
    "GRU": lambda T: LanguageModel(V, 120),
    "Transformer, explicit": lambda T: Transformer(V, 48, 2, 4, T, explicit=True),
    "Transformer, fused": lambda T: Transformer(V, 48, 2, 4, T),
    "minimal GRU": lambda T: LanguageModel(V, 150, cell=linear.MinGRU, num_layers=2),
    "state space": lambda T: LanguageModel(V, 84, cell=linear.DiagonalSSM, num_layers=2),
}
LENGTHS = {1: (128, 256, 512, 1024, 2048, 4096, 8192), 16: (64, 256, 1024)}
EXPLICIT_UP_TO = 4096  # its matrices would need several GB beyond
POSITIONS = (128, 512, 2048, 8192, 16384)
STREAMS = {"GRU": (1_000, 10_000, 100_000, 1_000_000), "Transformer, fused": (1_000, 4_000, 16_000)}


def train_step(net, text):
    net.zero_grad()
    logits, _ = net(text)
    F.cross_entropy(logits.flatten(0, 1), text.flatten()).backward()


def takes_turns(runs, repetitions):
    """{name: [seconds, …]} of functions that are called one after the other, again and again."""
    times = {name: [] for name in runs}
    for repetition in range(-1, repetitions):
        for name, run in runs.items():
            start = time.perf_counter()
            run()
            if repetition >= 0:  # the first warms up
                times[name].append(time.perf_counter() - start)
    return times


def timed(runs, to, repetitions, **where):
    """A row for each of the functions: median milliseconds, ratio to the one called `to`."""
    times = takes_turns(runs, repetitions)
    rows = []
    for name, found in times.items():
        ratios = [one / other for one, other in zip(found, times[to], strict=True)]
        low, middle, high = statistics.quantiles(ratios, n=4)
        rows.append({**where, "model": name, "ms": digits(1e3 * statistics.median(found)),
                     "ratio": [digits(one) for one in (middle, low, high)]})  # fmt: skip
    return rows


def digits(value, n=3):
    """Rounded to n digits that count."""
    return round(value, n - 1 - math.floor(math.log10(abs(value)))) if value else 0.0


def compared(length):
    """The models that are measured at a length."""
    return [name for name in MODELS if "explicit" not in name or length <= EXPLICIT_UP_TO]


def train():
    rows = []
    for batch, lengths in LENGTHS.items():
        for T in lengths:
            text = torch.randint(V, (batch, T))
            runs = {name: partial(train_step, MODELS[name](T), text) for name in compared(T)}
            repetitions = 21 if batch * T <= 2048 else 9
            found = timed(runs, "GRU", repetitions, part="train", batch=batch, length=T)
            if batch == 1:
                for row in found:
                    row["mib"] = in_fresh_process(training_memory, row["model"], T)
            rows += report(found)
    return rows


def generate():
    rows = []
    for T in POSITIONS:
        text, states, runs = torch.randint(V, (1, T)), {}, {}
        with torch.no_grad():
            for name in compared(0):
                if "explicit" in name:
                    continue  # with one query there is no matrix
                net = MODELS[name](T + 1).eval()
                states[name] = net(text)[1]
                runs[name] = partial(generated, net, text[:, 0], states[name])
        found = timed(runs, "GRU", 41, part="generate", batch=1, length=T)
        for row in found:
            row["kib"] = digits(size(states[row["model"]]) / 1024, 6)
        rows += report(found)
    return rows


@torch.no_grad()
def generated(net, token, state, times=10):
    """One token more, ten times over: one alone is too short to time."""
    for _ in range(times):
        net.step(token, state)


def size(state):
    """Bytes of a state: a tensor, or tuples of them."""
    if isinstance(state, tuple):
        return sum(map(size, state))
    return state.numel() * state.element_size()


def stream():
    rows = []
    for name, lengths in STREAMS.items():
        for T, mib in in_fresh_process(streamed, name, lengths):
            rows += report([{"part": "stream", "model": name, "length": T, "mib": mib}])
    return rows


def attention():
    rows = []
    for T in (256, 1024, 4096):
        q, k, v = (torch.randn(1, 4, T, 12, requires_grad=True) for _ in range(3))
        ways = {"explicit": explicit_attention, "fused": fused_attention}
        runs = {name: partial(both_ways, way, q, k, v) for name, way in ways.items()}
        found = timed(runs, "explicit", 9, part="attention", batch=1, length=T)
        for row in found:
            row["mib"] = in_fresh_process(attention_memory, row["model"], T)
        rows += report(found)
    return rows


def forms():
    rows = []
    for batch, T in ((1, 128), (1, 1024), (1, 8192), (16, 128), (16, 1024)):
        a, b = torch.rand(batch, T, 128, requires_grad=True), torch.randn(batch, T, 128)
        same, gru = torch.rand(128, requires_grad=True), layers.GRU(128, 128, batch_first=True)
        runs = {
            "loop": partial(both_ways, linear.loop, a, b),
            "scan": partial(both_ways, linear.scan, a, b),
            "convolution": partial(both_ways, linear.convolve, same, b),
            "GRU": partial(both_ways, lambda x, gru=gru: gru(x)[0], b),
        }
        rows += report(timed(runs, "loop", 9, part="forms", batch=batch, length=T))
    return rows


def both_ways(function, *inputs):
    function(*inputs).sum().backward()


class KeptAsBytes(nn.Module):
    """A GRU step whose matrices are int8 with a scale a row, turned back at every step."""

    def __init__(self, gru):
        super().__init__()
        self.weights = [as_bytes(gru.weight_ih_l0), as_bytes(gru.weight_hh_l0)]
        self.biases = gru.bias_ih_l0.detach(), gru.bias_hh_l0.detach()

    def forward(self, x, h):
        matrices = [rounded * scale for rounded, scale in self.weights]
        h = torch.gru_cell(x[0], h[0], *matrices, *self.biases)[None]
        return h, h


def as_bytes(W):
    """W (H, D) as int8 and a scale a row: (H, D) and (H, 1)."""
    scale = W.detach().abs().amax(1, keepdim=True) / 127
    return (W.detach() / scale).round().to(torch.int8), scale


def int8():
    rows = []
    for H in (128, 256, 512, 1024):
        gru = nn.GRU(H, H).eval()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch moves this to a package of its own
            dynamic = torch.ao.quantization.quantize_dynamic(nn.Sequential(gru), {nn.GRU})[0]
        nets = {"float32": gru, "dynamic int8": dynamic, "bytes, turned back": KeptAsBytes(gru)}
        x, h = torch.randn(1, 1, H), torch.zeros(1, 1, H)
        runs = {name: partial(stepped, net, x, h) for name, net in nets.items()}
        found = timed(runs, "float32", 101, part="int8", batch=1, length=H)
        for row in found:
            row["kib"] = digits(kept(nets[row["model"]]) / 1024, 4)
        rows += report(found)
    return rows


@torch.no_grad()
def stepped(net, x, h, times=10):
    for _ in range(times):
        net(x, h)


def kept(net):
    """Bytes of a network's weights: of torch's int8, which packs them, as it saves them."""
    if isinstance(net, KeptAsBytes):
        return sum(size(one) for one in (*net.weights, net.biases))
    if isinstance(net, nn.GRU):
        return sum(p.numel() * p.element_size() for p in net.parameters())
    file = io.BytesIO()
    torch.save(net.state_dict(), file)
    return file.tell()


# Memory, in processes of their own


def in_fresh_process(function, *arguments):
    """What the function puts into its queue in a new process; None where memory is not told."""
    if not Path("/proc/self/clear_refs").exists():
        return None
    context = multiprocessing.get_context("spawn")
    answer = context.Queue()
    child = context.Process(target=function, args=(*arguments, answer))
    child.start()
    found = answer.get(timeout=1200)
    child.join()
    return found


def growth(run):
    """By how many MiB the process's peak grows while a function runs."""
    Path("/proc/self/clear_refs").write_text("5")  # forget the peak so far
    before = status("VmRSS")
    run()
    return digits(max(status("VmHWM") - before, 1) / 1024)


def status(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1])  # KiB
    raise KeyError(field)


def training_memory(name, T, answer):
    torch.set_num_threads(1)
    net = MODELS[name](T)
    train_step(net, torch.randint(V, (1, 16)))
    text = torch.randint(V, (1, T))
    answer.put(growth(lambda: train_step(net, text)))


def attention_memory(name, T, answer):
    torch.set_num_threads(1)
    way = {"explicit": explicit_attention, "fused": fused_attention}[name]
    both_ways(way, *(torch.randn(1, 4, 16, 12, requires_grad=True) for _ in range(3)))
    q, k, v = (torch.randn(1, 4, T, 12, requires_grad=True) for _ in range(3))
    answer.put(growth(lambda: both_ways(way, q, k, v)))


def streamed(name, lengths, answer):
    torch.set_num_threads(1)
    net, state, found = MODELS[name](max(lengths)).eval(), None, []
    text = torch.randint(V, (max(lengths), 1))
    with torch.no_grad():
        for t, token in enumerate(text, start=1):
            _, state = net.step(token, state)
            if t == 100:
                before = status("VmRSS")
            if t in lengths:
                found.append((t, round((status("VmRSS") - before) / 1024, 1)))
    answer.put(found)


# Tables

PARTS = {part.__name__: part for part in (train, generate, stream, attention, forms, int8)}


def report(rows):
    for row in rows:
        print(line(row), flush=True)
    return rows


def line(row):
    where = f"{row['part']:10}{row.get('batch', ''):>3}{row['length']:9,}  {row['model']:22}"
    if "ms" in row:
        middle, low, high = row["ratio"]
        where += f"{row['ms']:10.4g} ms  {middle:8.3g} ({low:.3g} to {high:.3g})"
    return where + "".join(f"{row[unit]:10,} {unit}" for unit in ("mib", "kib") if row.get(unit))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], metavar="PART")
    parser.add_argument("--table", action="store_true", help="only print what is stored")
    options = parser.parse_args()
    stored = experiments.load(RESULTS)["rows"] if RESULTS.exists() else []
    if options.table:
        report(stored)
        return
    torch.set_num_threads(1)
    torch.manual_seed(0)
    rows = []
    for name, part in PARTS.items():
        if options.parts and name not in options.parts:
            rows += [row for row in stored if row["part"] == name]
        else:
            rows += part()
    experiments.store(RESULTS, rows, "python benchmarks/lengths.py")


if __name__ == "__main__":
    main()
