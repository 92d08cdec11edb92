"""The Trainer: what it promises, each promise once."""

import json
import os
import signal
import subprocess
import sys

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from rnncourse import layers
from rnncourse.training import Diverged, Trainer, on_ctrl_c, one_cycle

SYMBOLS = 5


class Model(nn.Module):
    """Next symbol from the symbols so far."""

    def __init__(self, dropout=0.0):
        super().__init__()
        self.embedding = nn.Embedding(SYMBOLS, 4)
        self.rnn = layers.LSTM(4, 8, num_layers=2, dropout=dropout, batch_first=True)
        self.readout = nn.Linear(8, SYMBOLS)

    def forward(self, x, state=None):
        h, state = self.rnn(self.embedding(x), state)
        return self.readout(h), state


class WithoutState(Model):
    def forward(self, x):
        return super().forward(x)[0]


def error(output, target):
    return F.cross_entropy(output.flatten(0, 1), target.flatten())


def counting(count=4, B=6, T=12, seed=0):
    """Batches of sequences that count up modulo 5, as NumPy arrays (B, T)."""
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, SYMBOLS, (count, B, 1))
    sequences = (starts + np.arange(T + 1)) % SYMBOLS
    return [(s[:, :-1], s[:, 1:]) for s in sequences]


def trainer_of(model=None, optimizer=torch.optim.Adam, lr=0.03, seed=0, **kwargs):
    torch.manual_seed(seed)
    model = model() if model else WithoutState()
    return Trainer(model, error, optimizer(model.parameters(), lr=lr), progress=False, **kwargs)


def losses(trainer):
    return [row["loss"] for row in trainer.history]


def weights(trainer):
    return [p.detach().clone() for p in trainer.model.parameters()]


def test_one_cycle_is_adamw_whose_rate_rises_and_falls_by_the_trainer():
    torch.manual_seed(0)
    short = one_cycle(WithoutState(), error, counting(), 20, 0.03, validate=lambda model: 1.0)
    long = trainer_of(optimizer=torch.optim.AdamW, clip_norm=1.0)
    rates = []
    schedule = torch.optim.lr_scheduler.OneCycleLR(long.optimizer, 0.03, 20, pct_start=0.1)
    long.schedule = schedule
    for step in range(1, 21):
        rates.append(schedule.get_last_lr()[0])
        long.fit(counting(), step)
    assert all(map(torch.equal, weights(short), weights(long)))
    assert max(rates) == rates[1] == 0.03
    assert rates[1:] == sorted(rates[1:], reverse=True)
    assert rates[-1] < 0.03 / 100
    assert short.best == 1.0
    assert not short.model.training


def test_it_learns_and_keeps_plain_rows():
    trainer = trainer_of(clip_norm=1.0)
    history = trainer.fit(counting(), steps=60, validate=lambda model: 0.5, validate_every=30)
    assert history[-1]["loss"] < 0.1 < history[0]["loss"]
    assert list(history[0]) == ["step", "epoch", "loss", "gradient_norm", "rate"]
    assert [row["step"] for row in history] == list(range(1, 61))
    assert [row["epoch"] for row in history[:9]] == [0, 0, 0, 0, 1, 1, 1, 1, 2]
    assert [row["step"] for row in history if "validation" in row] == [30, 60]
    assert json.loads(json.dumps(history)) == history
    assert not trainer.model.training


def moved_by(factor=1.0, **clip):
    """How far one step of plain gradient descent at rate 1 moves each parameter; the trainer.

    factor: what the loss, and so the gradient, is multiplied by.
    """
    trainer = trainer_of(optimizer=torch.optim.SGD, lr=1.0, **clip)
    trainer.loss = lambda *args: factor * error(*args)
    before = weights(trainer)
    trainer.fit(counting(), steps=1)
    return [a - b for a, b in zip(weights(trainer), before, strict=True)], trainer


def test_clipping_by_norm_keeps_the_direction():
    free, _ = moved_by()
    clipped, trainer = moved_by(clip_norm=0.02)
    norm = trainer.history[0]["gradient_norm"]  # before clipping
    assert norm > 0.02
    assert torch.stack([m.norm() for m in clipped]).norm() == pytest.approx(0.02, rel=1e-3)
    for a, b in zip(free, clipped, strict=True):
        assert torch.allclose(a * 0.02 / norm, b, atol=1e-6)


def test_clipping_by_value_bounds_every_entry():
    free, _ = moved_by()
    clipped, _ = moved_by(clip_value=0.001)
    for a, b in zip(free, clipped, strict=True):
        assert torch.allclose(a.clamp(-0.001, 0.001), b, atol=1e-6)


def test_a_gradient_whose_squares_float32_does_not_hold_is_clipped_all_the_same():
    plain, small = moved_by(1.0, clip_norm=0.02)
    scaled, large = moved_by(1e30, clip_norm=0.02)
    for a, b in zip(plain, scaled, strict=True):
        assert torch.allclose(a, b, atol=1e-6)
    norms = [trainer.history[0]["gradient_norm"] for trainer in (small, large)]
    assert norms[1] == pytest.approx(1e30 * norms[0], rel=1e-4)
    by_value, _ = moved_by(1e30, clip_value=0.5)
    assert max(float(m.abs().max()) for m in by_value) == pytest.approx(0.5)


def test_an_entry_that_is_no_number_ends_the_run():
    trainer = trainer_of(clip_value=1.0)
    trainer.model.readout.bias.register_hook(lambda gradient: gradient * float("inf"))
    with pytest.raises(Diverged, match="step 1"):
        trainer.fit(counting(), steps=1)


def test_two_ways_of_clipping_at_once_are_refused():
    with pytest.raises(ValueError, match="not by both"):
        trainer_of(clip_norm=1.0, clip_value=1.0)


def test_truncation_carries_the_state_and_cuts_the_gradient():
    """Two windows by hand: forward as the whole sequence, backward only within the window."""
    trainer = trainer_of(Model, optimizer=torch.optim.SGD, lr=0.0, truncate=5)
    x, y = (torch.as_tensor(part) for part in counting(1, T=12)[0])
    trainer.fit([(x, y)], steps=3)
    whole, _ = trainer.model(x)
    expected = [error(whole[:, t : t + 5], y[:, t : t + 5]).item() for t in (0, 5, 10)]
    assert losses(trainer) == pytest.approx(expected, rel=1e-6)
    state = tuple(s.detach() for s in trainer.model(x[:, :10])[1])
    last = error(trainer.model(x[:, 10:], state)[0], y[:, 10:])
    by_hand = torch.autograd.grad(last, list(trainer.model.parameters()))
    for p, gradient in zip(trainer.model.parameters(), by_hand, strict=True):
        assert torch.allclose(p.grad, gradient, atol=1e-7)


def test_a_new_sequence_starts_from_a_fresh_state():
    trainer = trainer_of(Model, optimizer=torch.optim.SGD, lr=0.0, truncate=6)
    batch = counting(1)[0]
    trainer.fit([batch, batch], steps=4)
    first, second, *again = losses(trainer)
    assert again == [first, second]
    assert first != second


def test_truncation_time_first_equals_batch_first():
    class TimeFirst(Model):
        def forward(self, x, state=None):
            output, state = super().forward(x.t(), state)
            return output.transpose(0, 1), state

    one = trainer_of(Model, truncate=5)
    one.fit(counting(), steps=6)
    other = trainer_of(TimeFirst, truncate=5, batch_first=False)
    other.fit([(x.T, y.T) for x, y in counting()], steps=6)
    assert losses(other) == pytest.approx(losses(one), rel=1e-5)


def test_early_stopping_returns_to_the_best_weights():
    values = iter([3.0, 1.0, 2.0, 2.0, 2.0, 0.0])
    seen = []

    def validate(model):
        assert not model.training
        assert not torch.is_grad_enabled()
        seen.append([p.detach().clone() for p in model.parameters()])
        return next(values)

    trainer = trainer_of(patience=3)
    history = trainer.fit(counting(), steps=100, validate=validate, validate_every=2)
    assert len(history) == 10  # 5 validations: the best is the second, then three without
    assert all(torch.equal(a, b) for a, b in zip(weights(trainer), seen[1], strict=True))


def test_schedules_of_torch():
    trainer = trainer_of()
    trainer.schedule = torch.optim.lr_scheduler.StepLR(trainer.optimizer, 2, 0.5)
    trainer.fit(counting(), steps=5)
    assert [row["rate"] for row in trainer.history] == [0.03, 0.03, 0.015, 0.015, 0.0075]


def test_plateau_schedule_looks_at_the_validation():
    trainer = trainer_of()
    trainer.schedule = torch.optim.lr_scheduler.ReduceLROnPlateau(
        trainer.optimizer, factor=0.1, patience=0
    )
    found = {"error": 1.0, "other": 2}
    trainer.fit(counting(), steps=4, validate=lambda model: found, validate_every=1)
    assert [row["rate"] for row in trainer.history] == pytest.approx([0.03, 0.03, 3e-3, 3e-4])
    assert trainer.history[0]["other"] == 2


def shuffled(epoch):
    """An order of its own for every epoch."""
    return [counting()[i] for i in np.random.default_rng(epoch).permutation(4)]


def loader():
    data = [tuple(map(torch.as_tensor, batch)) for batch in counting()]
    return torch.utils.data.DataLoader(data, batch_size=None, shuffle=True)


@pytest.mark.parametrize("batches", [counting(), shuffled, loader()], ids=["list", "f", "loader"])
@pytest.mark.parametrize("truncate", [None, 5])
def test_a_resumed_run_is_the_same_bit_for_bit(tmp_path, batches, truncate):
    def make(seed):
        def model():
            return (Model if truncate else WithoutState)(dropout=0.5)

        trainer = trainer_of(model, seed=seed, truncate=truncate, clip_norm=1.0)
        trainer.schedule = torch.optim.lr_scheduler.ExponentialLR(trainer.optimizer, 0.99)
        return trainer

    whole = make(0)
    whole.fit(batches, steps=20)
    part = make(0)
    part.fit(batches, steps=7)
    part.save(tmp_path / "half.pt")
    resumed = make(1).load(tmp_path / "half.pt")
    resumed.fit(batches, steps=20)
    assert resumed.history == whole.history
    assert all(torch.equal(a, b) for a, b in zip(weights(resumed), weights(whole), strict=True))


@pytest.mark.parametrize("batches", [counting(), loader()], ids=["list", "loader"])
def test_a_seed_set_before_fit_decides(batches):
    """Both what dropout draws and the order a DataLoader draws."""

    def history(seed):
        trainer = trainer_of(lambda: WithoutState(dropout=0.5))
        if seed is not None:
            torch.manual_seed(seed)
        return trainer.fit(batches, steps=6)

    unset, one, two = history(None), history(1), history(2)
    assert history(1) == one
    assert one != two
    assert unset not in (one, two)


def test_fitting_twice_is_fitting_once():
    once, twice = trainer_of(), trainer_of()
    once.fit(counting(), steps=9)
    twice.fit(counting(), steps=3)
    twice.fit(counting(), steps=9)
    assert twice.history == once.history


def test_checkpoints_are_written_as_training_goes(tmp_path):
    path = tmp_path / "model.pt"
    steps_on_disk = []

    def validate(model):
        steps_on_disk.append(torch.load(path)["step"] if path.exists() else None)
        return 0

    trainer = trainer_of(checkpoint=path, checkpoint_every=3)
    trainer.fit(counting(), steps=8, validate=validate, validate_every=4)
    assert steps_on_disk == [3, 6]
    assert trainer_of().load(path).step == 8
    assert [p.name for p in tmp_path.iterdir()] == ["model.pt"]


def test_ctrl_c_keeps_what_was_learned(capsys):
    trainer = trainer_of()
    before = weights(trainer)

    def batches(epoch):
        for number, batch in enumerate(counting()):
            if epoch == 1 and number == 1:
                os.kill(os.getpid(), signal.SIGINT)
            yield batch

    history = trainer.fit(batches, steps=100)
    assert len(history) == 6
    assert "Stopped by hand after step 6" in capsys.readouterr().out
    assert not torch.equal(weights(trainer)[0], before[0])
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_ctrl_c_that_is_taken_already_is_left_alone():
    def interrupted(*signal_and_frame):
        raise InterruptedError

    def batches(epoch):
        yield counting()[0]
        os.kill(os.getpid(), signal.SIGINT)

    trainer = trainer_of()
    with on_ctrl_c(interrupted), pytest.raises(InterruptedError):
        trainer.fit(batches, steps=5)
    assert trainer.step == 1
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_until_stops_at_the_first_validation_below_it():
    values = iter([3.0, 1.0, 0.9, 0.5])
    trainer = trainer_of()
    history = trainer.fit(
        counting(), steps=100, validate=lambda model: next(values), validate_every=3, until=1.0
    )
    assert [row.get("validation") for row in history[2::3]] == [3.0, 1.0, 0.9]
    trainer.fit(counting(), steps=100, until=1.0)  # it is reached already
    assert trainer.step == len(history) == 9


def test_it_stops_at_the_first_nan_and_says_where():
    trainer = trainer_of()
    count = iter(range(100))
    loss = trainer.loss
    trainer.loss = lambda *args: loss(*args) * (float("nan") if next(count) == 3 else 1)
    with pytest.raises(Diverged, match="step 4: the loss is nan and the gradient norm nan; the"):
        trainer.fit(counting(), steps=10)
    assert len(trainer.history) == 3
    assert all(torch.isfinite(p).all() for p in trainer.model.parameters())


def test_a_generator_that_ran_out_is_an_error():
    trainer = trainer_of()
    with pytest.raises(ValueError, match="a generator can be gone through only once"):
        trainer.fit((batch for batch in counting()), steps=10)


def test_lengths_go_to_the_model():
    class Classifier(nn.Module):
        def __init__(self):
            super().__init__()
            self.rnn = layers.GRU(2, 4, batch_first=True)

        def forward(self, x, lengths):
            return self.rnn(x, lengths=lengths)[1][0]

    model = Classifier()
    trainer = Trainer(model, F.cross_entropy, torch.optim.Adam(model.parameters()), progress=False)
    batch = (np.ones((3, 5, 2), np.float32), np.array([5, 2, 3]), np.array([0, 1, 3]))
    assert len(trainer.fit([batch], steps=2)) == 2


def test_progress_is_shown_unless_turned_off(capsys, monkeypatch):
    monkeypatch.delenv("TQDM_DISABLE", raising=False)  # the tests set it
    trainer = trainer_of()
    trainer.fit(counting(), steps=1)
    assert capsys.readouterr().err == ""
    trainer.progress = True
    trainer.fit(counting(), steps=2)
    assert "/2" in capsys.readouterr().err
    monkeypatch.setenv("TQDM_DISABLE", "1")
    trainer.fit(counting(), steps=3)
    assert capsys.readouterr().err == ""


SCRIPT = """
import json, sys
sys.path.insert(0, {tests!r})
import torch
from test_training import Model, WithoutState, counting, error
from rnncourse.training import Trainer
torch.set_default_dtype(torch.float64)
results = []
for truncate in (None, 5):
    torch.manual_seed(0)
    model = Model() if truncate else WithoutState()
    trainer = Trainer(model, error, torch.optim.Adam(model.parameters(), lr=0.03), clip_norm=0.5,
                      truncate=truncate, progress=False, device="cpu")
    trainer.fit(counting(B=5), steps=12, validate=lambda m: m.readout.bias.sum(), validate_every=6)
    results.append(trainer.history)
if trainer.rank == 0:
    print(json.dumps([trainer.processes, results]))
if trainer.processes > 1:
    torch.distributed.destroy_process_group()
"""


def test_two_processes_find_the_losses_of_one(tmp_path):
    script = tmp_path / "train.py"
    script.write_text(SCRIPT.format(tests=os.path.dirname(__file__)))
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": ""}
    environment |= {"CUDA_VISIBLE_DEVICES": "", "GLOO_SOCKET_IFNAME": "lo", "HOME": str(tmp_path)}

    def run(*launcher):
        done = subprocess.run(
            [sys.executable, *launcher, str(script)],
            env=environment,
            capture_output=True,
            text=True,
            timeout=200,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout.splitlines()[-1])

    one, alone = run()
    two, together = run("-m", "torch.distributed.run", "--standalone", "--nproc_per_node=2")
    assert (one, two) == (1, 2)
    for rows, other in zip(alone, together, strict=True):
        assert len(rows) == len(other) == 12
        for a, b in zip(rows, other, strict=True):
            assert b == pytest.approx(a, rel=1e-9)
