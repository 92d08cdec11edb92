"""What each part of an LSTM is for: take it away, train again, on two tasks.

    python benchmarks/lstm_ablation.py        # what is not yet in results/lstm_ablation.json

keep   The adding problem (Hochreiter and Schmidhuber, 1997) over 50 steps: the sum of two marked
       numbers among 50. To be solved, two numbers must be kept. Chance (always say 1): 0.167.
       1,500 updates.
reset  At each step, the sum of the inputs (±1) since the last mark, over 5: what came before a mark
       must be forgotten. Chance is measured. 600 updates, for each has 50 targets a sequence.

All seeds of a variant train side by side in one batch of matrices: parameters carry a leading
seed axis (S, …), and gradients are clipped seed by seed. Writes results/lstm_ablation.json.
"""

import json
import time
from pathlib import Path

import torch
from tqdm import tqdm

T, B, D, H = 50, 64, 2, 32
RESULTS = Path(__file__).parent / "results" / "lstm_ablation.json"

STEPS = {"keep": 1500, "reset": 600}
# name: (forget bias, what is different)
VARIANTS = {
    "forget bias 1": (1.0, ""),
    "forget bias 0": (0.0, ""),
    "no forget gate": (0.0, "f"),
    "no input gate": (1.0, "i"),
    "no output gate": (1.0, "o"),
    "coupled gates": (1.0, "coupled"),
    "peepholes": (1.0, "peepholes"),
}


def keep(S, generator):
    """x (T, S, B, 2): numbers and marks; y (S, B): the sum of the two marked numbers."""
    numbers = torch.rand(T, S, B, generator=generator)
    marks = torch.zeros(T, S, B)
    first = torch.randint(0, T // 2, (1, S, B), generator=generator)
    second = torch.randint(T // 2, T, (1, S, B), generator=generator)
    marks.scatter_(0, first, 1.0).scatter_(0, second, 1.0)
    return torch.stack([numbers, marks], -1), (numbers * marks).sum(0)


def reset(S, generator):
    """x (T, S, B, 2): ±1 and rare marks; y (T, S, B): the sum since the last mark, over 5."""
    steps = torch.randint(0, 2, (T, S, B), generator=generator) * 2.0 - 1
    marks = (torch.rand(T, S, B, generator=generator) < 0.1).float()
    y, total = torch.empty(T, S, B), torch.zeros(S, B)
    for t in range(T):
        total = total * (1 - marks[t]) + steps[t]
        y[t] = total / 5
    return torch.stack([steps, marks], -1), y


def new_params(S, forget_bias, generator):
    bound = H**-0.5
    shapes = {"W_xh": (D, 4 * H), "W_hh": (H, 4 * H), "b_h": (1, 4 * H), "W_hy": (H, 1),
              "b_y": (1, 1), "peep": (3, 1, H)}  # fmt: skip
    p = {
        k: torch.empty(S, *s).uniform_(-bound, bound, generator=generator)
        for k, s in shapes.items()
    }
    p["b_h"][..., H : 2 * H] = forget_bias
    return {k: v.requires_grad_() for k, v in p.items()}


def unroll(p, x, without):
    """x (T, S, B, D) → outputs (T, S, B), in the gate order i f g o."""
    S = x.shape[1]
    h = c = x.new_zeros(S, B, H)
    outputs = []
    for a_x in x @ p["W_xh"] + p["b_h"]:
        i, f, g, o = (a_x + h @ p["W_hh"]).chunk(4, -1)  # (S, B, H) each
        if without == "peepholes":
            i, f = i + p["peep"][:, 0] * c, f + p["peep"][:, 1] * c
        f = torch.ones_like(f) if without == "f" else f.sigmoid()
        i = 1 - f if without == "coupled" else torch.ones_like(i) if without == "i" else i.sigmoid()
        c = f * c + i * g.tanh()
        if without == "peepholes":
            o = o + p["peep"][:, 2] * c
        h = c.tanh() if without == "o" else o.sigmoid() * c.tanh()
        outputs.append((h @ p["W_hy"] + p["b_y"])[..., 0])
    return torch.stack(outputs)


def losses(task, outputs, y):
    """Mean squared error of each seed: (S,)."""
    wrong = outputs[-1] - y if task is keep else outputs - y
    return (wrong**2).transpose(0, -2).flatten(1).mean(1)


def clip_each_seed(grads, max_norm=1.0):
    norms = sum(g.flatten(1).pow(2).sum(1) for g in grads).sqrt()  # (S,)
    scale = (max_norm / norms).clamp(max=1)
    for g in grads:
        g.mul_(scale.view(-1, *[1] * (g.dim() - 1)))


def train(task, variant, S=5):
    """The mean loss of the last 50 updates, for each of S seeds."""
    forget_bias, without = VARIANTS[variant]
    generator = torch.Generator().manual_seed(0)
    p = new_params(S, forget_bias, generator)
    if without != "peepholes":
        del p["peep"]
    optimizer = torch.optim.Adam(p.values(), lr=5e-3)
    tail = []
    for _ in tqdm(range(STEPS[task.__name__]), desc=f"{task.__name__}, {variant}"):
        x, y = task(S, generator)
        each = losses(task, unroll(p, x, without), y)
        optimizer.zero_grad()
        each.sum().backward()
        clip_each_seed([v.grad for v in p.values()])
        optimizer.step()
        tail = [*tail[-49:], each.detach()]
    return torch.stack(tail).mean(0).tolist()


def chance(task):
    """The error of always answering the mean."""
    _, y = task(50, torch.Generator().manual_seed(1))
    return y.var().item()


def main():
    torch.set_num_threads(1)
    chances = {task.__name__: round(chance(task), 5) for task in (keep, reset)}
    stored = {"chance": chances, "mse": {}}
    if RESULTS.exists():
        stored["mse"] = json.loads(RESULTS.read_text())["mse"]
    for task in (keep, reset):
        rows = stored["mse"].setdefault(task.__name__, {})
        for variant in VARIANTS:
            if variant in rows:
                continue
            start = time.perf_counter()
            rows[variant] = [round(error, 5) for error in train(task, variant)]
            seconds = time.perf_counter() - start
            print(f"{task.__name__:6s}{variant:16s}", rows[variant], f"{seconds:.0f} s")
            RESULTS.write_text(json.dumps(stored, indent=1) + "\n")


if __name__ == "__main__":
    main()
