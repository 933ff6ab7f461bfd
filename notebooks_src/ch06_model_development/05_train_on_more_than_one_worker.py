# %% [markdown]
# # Train on more than one worker
#
# *20 minutes · data: digits (from scikit-learn)*
#
# **You will** compute one gradient in five ways: at once, in pieces, in two processes that exchange what they found, by torch's own wrapper, and wrongly.
#
# **You will learn to**
#
# - say when the gradients of several workers add up to that of one, and when not;
# - run two processes with `torch.distributed`, and check that they agree;
# - say what a stale gradient does to the learning rate, and how long the stages of a pipeline wait.
#
# **You need** gradient descent, and to have seen a training loop in torch. *Worker* means a process with its own copy of the network: on another core, another graphics card or another machine.

# %%
import multiprocessing
import os
import sys
import tempfile
import warnings
from datetime import timedelta

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.distributed as dist
import torch.nn.functional as F
from sklearn.datasets import load_digits
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DistributedSampler

from mlworkbench import notebook as nb

nb.setup()

# %% [markdown]
# ## "With a second machine, do we get the same model in half the time?"
#
# Training the post office's digit reader takes a night, and the budget officer can rent a second machine. Her question has two halves. This notebook answers the first with equations that hold or do not: is it *the same* model? For the second it counts who waits for whom.
#
# The network is small and in double precision, so that equal means equal to twelve digits.

# %%
pixels, digit = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(digit))
X, y = torch.tensor(pixels[order] / 16), torch.tensor(digit[order])
train_X, train_y = X[:1_024], y[:1_024]
batch_X, batch_y = X[:64], y[:64]


def new_net():
    """Give the same network with one hidden layer, every time."""
    torch.manual_seed(0)
    layers = torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10)
    return torch.nn.Sequential(*layers).double()


def gather(net):
    """Give all gradients of a network as one vector."""
    return torch.cat([p.grad.flatten() for p in net.parameters()])


def gradient(X, y, net=None):
    """Give the gradient of the mean loss over some rows."""
    net = net or new_net()
    net.zero_grad()
    F.cross_entropy(net(X), y).backward()
    return gather(net)


def far(found, expected):
    """Give the distance from what is expected, in percent of its length."""
    return (100 * (found - expected).norm() / expected.norm()).item()


at_once = gradient(batch_X, batch_y)
pd.DataFrame(
    {"scans": [len(train_y), len(batch_y)]}, index=["to train on", "a batch"]
).assign(**{"numbers in a gradient": len(at_once)})

# %% [markdown]
# ## Commit to a guess
#
# The batch of 64 scans is split unevenly: worker A gets 48, worker B gets 16. Each computes the gradient of *its mean loss*, as every training loop does. Then the two gradients are averaged, half and half. What have you got?

# %%
guess = nb.predict(
    "ch06-05-uneven",
    "A has 48 rows, B has 16; the plain average of their two gradients is …",
    options=[
        "the gradient of the 64 rows",
        "one in which a row of B counts three times a row of A",
        "one in which a row of A counts three times a row of B",
        "half the gradient of the 64 rows",
    ],
    why="Half of the average goes to 48 rows and half to 16: a row of A "
    "weighs 1/96, a row of B 1/32. Weigh the gradients by their rows.",
)
guess

# %% [markdown]
# ## A gradient is a mean over rows, and means of equal parts can be averaged
#
# By hand, on eight scans and one weight $w$: predict "is the digit even?" (1 or 0) from the ink of the scan (its mean pixel) as $w \cdot \text{ink}$, with squared error, at $w = 1$. Each row has a gradient of its own, $2\,(w \cdot \text{ink} - \text{even})\cdot \text{ink}$.

# %%
ink = X[:8].mean(dim=1).numpy()
is_even = (y[:8] % 2 == 0).double().numpy()
by_hand = pd.DataFrame({"ink": ink, "even digit": is_even})
by_hand["gradient"] = 2 * (ink - is_even) * ink
by_hand["4 and 4"] = list("AAAABBBB")
by_hand["6 and 2"] = list("AAAAAABB")
by_hand.index.name = "scan"
by_hand.round(3)

# %%
even = by_hand.groupby("4 and 4")["gradient"].mean()
uneven = by_hand.groupby("6 and 2")["gradient"].agg(["mean", "size"])
sums = {
    "all 8 scans": by_hand["gradient"].mean(),
    "4 and 4, plain average": even.mean(),
    "6 and 2, plain average": uneven["mean"].mean(),
    "6 and 2, weighed by scans": (
        uneven["mean"] * uneven["size"] / len(by_hand)
    ).sum(),
}
assert np.isclose(sums["4 and 4, plain average"], sums["all 8 scans"])
assert np.isclose(sums["6 and 2, weighed by scans"], sums["all 8 scans"])
assert not np.isclose(sums["6 and 2, plain average"], sums["all 8 scans"])
pd.DataFrame({"gradient": sums}).round(3)

# %% [markdown]
# ## One worker in several pieces: gradient accumulation
#
# The same sum works in time. A batch that does not fit into memory goes through in pieces. `backward` *adds* to what is in `.grad`: the bug of a forgotten `zero_grad` (notebook 02 of this chapter), put to use. What must not be forgotten is the division.


# %%
def accumulate(size, weigh, net=None):
    """Give the gradient after passing the batch in pieces."""
    net = net or new_net()
    net.zero_grad()
    pieces = torch.arange(len(batch_y)).split(size)
    for rows in pieces:
        loss = F.cross_entropy(net(batch_X[rows]), batch_y[rows])
        (loss * weigh(len(rows), len(pieces))).backward()
    return gather(net)


def nothing(rows, pieces):
    """Leave each mean loss as it is."""
    return 1


def by_pieces(rows, pieces):
    """Divide by the number of pieces."""
    return 1 / pieces


def by_rows(rows, pieces):
    """Weigh by the share of the rows."""
    return rows / len(batch_y)


ways = {
    "4 × 16, each divided by 4": accumulate(16, by_pieces),
    "4 × 16, not divided": accumulate(16, nothing),
    "24 + 24 + 16, each divided by 3": accumulate(24, by_pieces),
    "24 + 24 + 16, weighed by rows": accumulate(24, by_rows),
}
assert torch.allclose(ways["4 × 16, each divided by 4"], at_once, atol=1e-12)
assert torch.allclose(
    ways["24 + 24 + 16, weighed by rows"], at_once, atol=1e-12
)
assert torch.allclose(ways["4 × 16, not divided"], 4 * at_once, atol=1e-12)
in_pieces = pd.DataFrame(
    {
        "length, one at once = 1": [
            (way.norm() / at_once.norm()).item() for way in ways.values()
        ],
        "away from one at once (%)": [
            far(way, at_once) for way in ways.values()
        ],
    },
    index=list(ways),
)
in_pieces.round(2)

# %% [markdown]
# Not divided, the gradient is four times as long: it acts like a learning rate four times as high. The gradient of the uneven pieces is 12 % off, and nobody notices.
#
# ## Two processes that exchange their gradients
#
# Now for real. The next cell *forks* this notebook's process twice: each child starts as a copy of it, network and scans included. The two find each other through a file in a temporary folder and talk by *gloo*, the backend of `torch.distributed` for processors. The one exchange we need is `all_reduce`: afterwards every worker holds the sum of what all put in.
#
# > **Note.** Forking exists on Linux and macOS. Elsewhere the cell says that it is skipped, and everything around it still runs.


# %%
def on_two_workers(work, seconds=60):
    """Run work(rank) in two processes; give what each returned."""
    fork = multiprocessing.get_context("fork")
    with tempfile.TemporaryDirectory() as folder:

        def run(rank):
            # Talk through this machine's loopback, not through a network.
            loopback = "lo0" if sys.platform == "darwin" else "lo"
            os.environ["GLOO_SOCKET_IFNAME"] = loopback
            torch.set_num_threads(1)
            dist.init_process_group(
                "gloo",
                init_method=f"file://{folder}/meeting",
                rank=rank,
                world_size=2,
                timeout=timedelta(seconds=seconds / 2),
            )
            torch.save(work(rank), f"{folder}/{rank}.pt")
            dist.destroy_process_group()

        workers = [
            fork.Process(target=run, args=(rank,), daemon=True)
            for rank in range(2)
        ]
        try:
            with warnings.catch_warnings():
                # Python warns of forks beside threads; the children use none.
                warnings.simplefilter("ignore", DeprecationWarning)
                for worker in workers:
                    worker.start()
            for worker in workers:
                worker.join(seconds)
            codes = [worker.exitcode for worker in workers]
            if codes != [0, 0]:
                raise RuntimeError(f"a worker failed or hung: {codes}")
            return [torch.load(f"{folder}/{rank}.pt") for rank in range(2)]
        finally:
            for worker in workers:
                if worker.is_alive():
                    worker.kill()
                    worker.join()


def exchange(mine, weight):
    """Give the sum over the workers of each one's weighted vector."""
    total = mine * weight
    dist.all_reduce(total)
    return total


def train(net, share, agree, steps=50, lr=0.5):
    """Train on this worker's share of each batch; give the weights."""
    for step in range(steps):
        start = 64 * step % len(train_y)
        rows = torch.arange(start, start + 64)[share]
        found = agree(gradient(train_X[rows], train_y[rows], net))
        with torch.no_grad():
            parts = found.split([p.numel() for p in net.parameters()])
            for p, part in zip(net.parameters(), parts, strict=True):
                p -= lr * part.view_as(p)
    return torch.nn.utils.parameters_to_vector(net.parameters()).detach()


# %% [markdown]
# What each worker does: the gradient of its half of the batch, exchanged by hand and by `DistributedDataParallel`, the wrapper that people use; the gradient of its 48 or 16 rows; then fifty training steps.


# %%
def work(rank):
    """Give what this worker holds after each exchange."""
    half = slice(0, 32) if rank == 0 else slice(32, 64)
    most = slice(0, 48) if rank == 0 else slice(48, 64)
    even = gradient(batch_X[half], batch_y[half])
    uneven = gradient(batch_X[most], batch_y[most])
    share = len(batch_y[most]) / len(batch_y)

    wrapped = DistributedDataParallel(new_net())
    F.cross_entropy(wrapped(batch_X[half]), batch_y[half]).backward()
    return {
        "32 and 32, own half only": even,
        "32 and 32, plain average": exchange(even, 1 / 2),
        "32 and 32, DistributedDataParallel": gather(wrapped),
        "48 and 16, plain average": exchange(uneven, 1 / 2),
        "48 and 16, weighed by rows": exchange(uneven, share),
        "weights after 50 steps on 32 and 32": train(
            new_net(), half, lambda found: exchange(found, 1 / 2)
        ),
    }


half_half = torch.stack(
    [
        gradient(batch_X[:48], batch_y[:48]),
        gradient(batch_X[48:], batch_y[48:]),
    ]
).mean(dim=0)
alone = train(new_net(), slice(0, 64), lambda found: found)
held = None
if hasattr(os, "fork") and dist.is_available():
    held = on_two_workers(work)
    should_be = [at_once, at_once, half_half, at_once, alone]
    for by_worker in held:
        for found, expected in zip(
            list(by_worker.values())[1:], should_be, strict=True
        ):
            assert torch.allclose(found, expected, atol=1e-12)
    exchanged = pd.DataFrame(
        {
            "both hold the same": [
                torch.equal(a, b)
                for a, b in zip(*(h.values() for h in held), strict=True)
            ],
            "A is away from one worker (%)": [
                far(found, alone if "weights" in name else at_once)
                for name, found in held[0].items()
            ],
        },
        index=list(held[0]),
    )
    shown = exchanged.round(1)
else:
    shown = "Skipped: this system cannot fork a process (Windows cannot)."
shown

# %%
away = far(half_half, at_once)
guess.reveal(
    "one in which a row of B counts three times a row of A",
    measured=f"{away:.0f} % away from the gradient of the 64 rows",
)

# %% [markdown]
# Both workers end with the same numbers, and with those of one worker, to twelve digits: after one exchange and after fifty steps. So the answer to the first half is *yes, if each step sees the same rows and every row counts the same*. Half a batch alone is a poor gradient, 93 % away; the plain average over 48 and 16 is 37 % away. No error is raised, and both workers agree on the wrong vector.
#
# (To the last bit they need not be equal: they add in another order, which notebook 02 of this chapter shows.)
#
# ## Two ways in which the equality breaks in practice
#
# *Rows that do not divide.* `DistributedSampler` deals the rows to the workers. Seven rows for two workers:

# %%
seven = range(7)
dealt = {
    f"worker {name}": [
        list(
            DistributedSampler(
                seven, 2, rank, shuffle=False, drop_last=drop_last
            )
        )
        for drop_last in (False, True)
    ]
    for rank, name in enumerate("AB")
}
dealt = pd.DataFrame(dealt, index=["as it comes", "drop_last=True"])
seen = dealt.sum(axis=1)
dealt["rows seen twice"] = [len(rows) - len(set(rows)) for rows in seen]
dealt["rows never seen"] = [7 - len(set(rows)) for rows in seen]
dealt

# %% [markdown]
# To keep the workers in step it shows row 0 twice, or leaves row 6 out. In training that is noise. When you *measure* on the workers it is a wrong number: score each row once.
#
# *Layers that look at the whole batch.* Batch normalisation subtracts the mean of the rows it sees. In pieces it sees other rows:

# %%
pieces_of = {}
for name, layer in {
    "none": torch.nn.Identity(),
    "batch normalisation": torch.nn.BatchNorm1d(32),
    "layer normalisation": torch.nn.LayerNorm(32),
}.items():
    net = new_net()
    net.insert(1, layer.double())
    whole = gradient(batch_X, batch_y, net)
    pieces_of[name] = far(accumulate(16, by_pieces, net), whole)
assert pieces_of["layer normalisation"] < 1e-10
assert pieces_of["batch normalisation"] > 1
pd.DataFrame({"4 × 16, away from 64 at once (%)": pieces_of}).round(1)

# %% [markdown]
# Layer normalisation works within a row, so nothing changes. For batch normalisation torch has `SyncBatchNorm`, which exchanges the means too.
#
# ## Not waiting: a stale gradient needs a smaller step
#
# So far every step waits for the slowest worker (*synchronous*). If step times were exponential with mean one, the slowest of eight would take $1 + \frac12 + \dots + \frac18 = 2.7$ on average. The other way is not to wait: each worker sends its gradient when it has one, and the weights have moved on meanwhile. With eight workers a gradient is about seven steps old.
#
# By hand, on the loss $w^2/2$, whose gradient is $w$ itself: $w_{t+1} = w_t - \eta\, w_{t-d}$, with a delay of $d$ steps and learning rate $\eta = 0.9$. It shrinks to 0 only for $\eta < 2\cos\frac{d\pi}{2d+1}$ (Levin and May 1976).


# %%
def path(delay, rate, steps):
    """Give w after each step; before the start it was 1."""
    w = [1.0] * (delay + 1)
    for _ in range(steps):
        w.append(w[-1] - rate * w[-1 - delay])
    return np.array(w[delay:])


delays = [0, 1, 3, 7]
limit = {d: 2 * np.cos(d * np.pi / (2 * d + 1)) for d in delays}
for d, highest in limit.items():
    assert abs(path(d, 0.95 * highest, 5_000)[-20:]).max() < 0.01
    assert abs(path(d, 1.05 * highest, 5_000)[-20:]).max() > 100
steps_by_hand = pd.DataFrame([path(d, 0.9, 8) for d in delays])
steps_by_hand.columns = [f"step {t}" for t in range(9)]
steps_by_hand.insert(0, "highest rate", list(limit.values()))
steps_by_hand.index = pd.Index(delays, name="delay")
steps_by_hand.round(2)

# %% [markdown]
# Fresh gradients shrink $w$ tenfold per step. One step old, they overshoot and swing; three steps old, they blow up, with the very same rate. Now the digits, with batches of 64 drawn at random. Each gradient is taken at the weights of `delay` steps before.


# %%
def train_stale(delay, rate, steps=300):
    """Give the loss on the training scans, every ten steps."""
    net, before, losses = new_net(), [], []
    draw = torch.Generator().manual_seed(0)
    there = torch.nn.utils.parameters_to_vector(net.parameters()).detach()
    for step in range(steps + 1):
        before = [*before, there][-delay - 1 :]
        if step % 10 == 0:
            load(net, there)
            with torch.no_grad():
                losses.append(F.cross_entropy(net(train_X), train_y).item())
        rows = torch.randint(len(train_y), (64,), generator=draw)
        load(net, before[0])
        there = there - rate * gradient(train_X[rows], train_y[rows], net)
    return losses


def load(net, vector):
    """Put a vector of weights into a network."""
    torch.nn.utils.vector_to_parameters(vector, net.parameters())


rates = [0.1, 0.3, 1.0]
curves = {(d, rate): train_stale(d, rate) for d in delays for rate in rates}
at_end = pd.DataFrame(
    [[curves[d, rate][-1] for rate in rates] for d in delays],
    index=pd.Index(delays, name="delay"),
    columns=[f"rate {rate}" for rate in rates],
)
started = curves[0, 0.1][0]
at_end.map(
    lambda loss: f"{loss:.2f}" if loss < started else "above the start"
)

# %%
# alt: Training loss at rate 0.3: the curves for delays 0 and 1 fall together, that for delay 3 swings up and back before it joins them, that for delay 7 falls first, then climbs out of the figure.
figure, ax = plt.subplots(figsize=(6.4, 3))
for delay in delays:
    ax.plot(range(0, 301, 10), curves[delay, 0.3], label=f"{delay} steps old")
ax.set(
    ylim=(0, 3),
    xlabel="steps taken",
    ylabel="loss on the training scans",
    title="At a rate of 0.3, seven steps old is too old",
)
figure.legend(loc="outside right center")
plt.show()

# %% [markdown]
# With a rate of 0.1 a delay of 7 costs little; at 0.3 it ruins the training that a delay of 3 survives. Asynchronous workers are not *wrong*; they trade waiting for a lower learning rate. In the experiments of Chen et al. (2016), synchronous training with a few spare workers, which stand in for the slowest, was faster and ended more accurate.
#
# ## A pipeline: the stages wait at both ends
#
# A network that does not fit into one machine is cut into *stages*, one per machine. A batch passes through them like a car through a factory. To let all work at once, it is cut into pieces (*micro-batches*; Huang et al. 2019). Three stages, four pieces, forward only, each piece taking one tick:


# %%
def schedule(stages, pieces):
    """Give the piece each stage works on at each tick; 0 is none."""
    grid = np.zeros((stages, stages + pieces - 1), dtype=int)
    for stage in range(stages):
        grid[stage, stage : stage + pieces] = np.arange(1, pieces + 1)
    return grid


for p in range(1, 9):
    for m in range(1, 33):
        waits = (schedule(p, m) == 0).mean()
        assert np.isclose(waits, (p - 1) / (m + p - 1))

small = schedule(3, 4)
ticks = pd.DataFrame(small.astype(str)).replace("0", "·")
ticks.columns = [f"tick {t}" for t in range(1, 7)]
ticks.index = [f"stage {s}" for s in range(1, 4)]
ticks["idle ticks"] = (small == 0).sum(axis=1)
ticks

# %% [markdown]
# Six of the eighteen places are empty: one in three. In general, $p$ stages and $m$ pieces take $m + p - 1$ ticks, and each stage works for $m$ of them. The idle share is $\frac{p-1}{m+p-1}$ (asserted by counting). The way back through the stages has the same shape.
#
# Move the controls. Look for two things: more pieces shrink the two grey triangles, and they never vanish; for the same idle share, twice the stages ask for more than twice the pieces.


# %%
def pipeline(stages, pieces):
    """Draw which stage works when."""
    grid = schedule(stages, pieces)
    idle = 100 * (grid == 0).mean()
    figure, ax = plt.subplots(figsize=(5.4, 0.9 + 0.2 * stages + 0.5))
    ax.imshow(
        np.where(grid == 0, np.nan, grid),
        aspect="auto",
        vmin=0,
        vmax=pieces + 1,
        extent=(0.5, grid.shape[1] + 0.5, stages + 0.5, 0.5),
    )
    ax.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=2)
    ax.set_facecolor("0.85")
    ax.set_yticks(range(1, stages + 1), range(1, stages + 1), fontsize=8)
    ax.grid(visible=False)
    ax.set(xlabel="tick", ylabel="stage")
    ax.set_title(f"Idle: {idle:.0f} % of the places")
    return figure


explorer = nb.explore(
    pipeline,
    title="Who waits in a pipeline",
    stages=[2, 4, 8],
    pieces=[1, 2, 4, 8, 16, 32],
    start={"stages": 4, "pieces": 4},
)
explorer

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "One worker trained on batches of 64. Now two workers take 64 rows "
        "each per step and average, with the same learning rate. Is it the "
        "same training?"
    ),
    {
        "yes, averaging makes the gradients equal": (
            "Equal to what? To the gradient of 128 rows, not of 64."
        ),
        "no: it is training on batches of 128, half as many steps per pass": (
            "Split the old batch, 32 and 32, for the same training. With a "
            "larger batch, the learning rate must be found anew."
        ),
        "no: two workers can never agree to the last digit": (
            "They hold the same vector after all_reduce, here to the last bit."
        ),
    },
    answer="no: it is training on batches of 128, half as many steps per pass",
)

# %%
nb.quiz(
    "Four stages. How many micro-batches keep the idle share under 20 %?",
    {
        "4": "3 of 7 places are idle: 43 %.",
        "8": "3 of 11: 27 %.",
        "16": "3 of 19: 16 %. From 13 on it is under 20 %.",
    },
    answer="16",
)

# %% [markdown]
# ## Exercises
#
# ★ In `work`, let the second worker train with another learning rate. Which row of the table notices?
#
# ★★ Write `combine(gradients, rows)`: `gradients` is an array with one row per worker, each the gradient of that worker's *mean* loss; `rows` says how many rows each had. Return the gradient of all rows together. A worker without rows sends zeros.


# %% tags=["exercise"] exercise="ch06-05-combine"
def combine(gradients, rows):
    """Return the gradient of the mean loss over the rows of all workers."""
    ...


# %%
def reference(gradients, rows):
    return np.asarray(rows) @ np.asarray(gradients) / np.sum(rows)


two = np.array([[1.0, -2.0, 0.5], [4.0, 0.0, 1.5]])
three = np.vstack([two, np.zeros(3)])
nb.check(
    "ch06-05-combine",
    combine,
    reference,
    cases=[(two, [48, 16]), (two, [5, 5]), (three, [10, 30, 0])],
    mistakes={
        "A plain average: weigh each worker by its rows.": (
            lambda gradients, rows: np.mean(gradients, axis=0)
        ),
        "Divide by all rows together: the weights must sum to one.": (
            lambda gradients, rows: np.asarray(rows) @ gradients
        ),
        "Divide by the number of rows, not of workers.": (
            lambda gradients, rows: np.asarray(rows) @ gradients / len(rows)
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-05-combine"
# <details><summary>Solution</summary>
#
# Turn each mean back into a sum, add the sums, and divide once by all rows.
#
# ```python
# def combine(gradients, rows):
#     """Return the gradient of the mean loss over the rows of all workers."""
#     gradients, rows = np.asarray(gradients), np.asarray(rows)
#     return (gradients * rows[:, None]).sum(axis=0) / rows.sum()
# ```
#
# </details>

# %% [markdown]
# ★★★ The budget officer offers eight machines: one fast, seven slow, and a slow network between them. The model fits into each. Synchronous, asynchronous, or only the fast one? Write down what you would measure on one machine before you answer.
#
# ## You have now
#
# - computed one gradient at once, in four pieces, in two processes and by `DistributedDataParallel`: equal to twelve digits, and so are the weights after fifty steps;
# - seen a plain average over uneven parts go 37 % astray (48 and 16) or 12 % (24, 24 and 16) without any message, and batch normalisation change with the pieces;
# - measured stale gradients: on $w^2/2$ the highest learning rate falls from 2 to 1.00 with one step of delay, to 0.45 with three and to 0.21 with seven;
# - counted who waits in a pipeline: 43 % with four stages and four pieces, 9 % with 32 pieces.
#
# **In practice.** Half the time is the best case: each step also exchanges as many numbers as the network has weights, here 2,410, however few rows a worker gets. First make one worker fast: often it waits for data, not for arithmetic. Then `DistributedDataParallel`, started by `torchrun`; it sends gradients while `backward` still runs. Fix the *total* batch when you change the number of workers. Cut the model itself only when it does not fit. Test your setup as here: one step on one worker and on two must give the same weights.
#
# **Read on.** J. Chen et al. (2016), *Revisiting distributed synchronous SGD*. P. Goyal et al. (2017), *Accurate, large minibatch SGD*. Y. Huang et al. (2019), *GPipe*. S. Li et al. (2020), *PyTorch distributed: experiences on accelerating data parallel training*. S. A. Levin and R. M. May (1976), *A note on difference-delay equations*.

# %% tags=["claims", "remove-cell"]
nb.claim("64", len(batch_y))
nb.claim("48", len(batch_y[:48]))
nb.claim("16", len(batch_y[48:]))
nb.claim("93 %", far(gradient(batch_X[:32], batch_y[:32]), at_once) / 100)
nb.claim("37 %", away / 100)
astray = in_pieces.loc["24 + 24 + 16, each divided by 3"].iloc[1]
nb.claim("12 %", astray / 100)
nb.claim("24", len(torch.arange(len(batch_y)).split(24)[0]))
nb.claim("2,410", len(at_once))
nb.claim("2.7", sum(1 / k for k in range(1, 9)))
nb.claim("0.1", rates[0])
nb.claim("0.3", rates[1])
assert at_end.loc[7, "rate 0.1"] < 1.2 * at_end.loc[0, "rate 0.1"]
assert at_end.loc[3, "rate 0.3"] < 1.2 * at_end.loc[0, "rate 0.3"]
assert at_end.loc[7, "rate 0.3"] > started
nb.claim("1.00", limit[1])
nb.claim("0.45", limit[3])
nb.claim("0.21", limit[7])
nb.claim("43 %", (schedule(4, 4) == 0).mean())
nb.claim("9 %", (schedule(4, 32) == 0).mean())
nb.claim("32", schedule(4, 32).max())
assert (schedule(4, 13) == 0).mean() < 0.2 == (schedule(4, 12) == 0).mean()
assert (small == 0).sum() == 6
assert small.size == 18
row_weights = np.array([1 / 2 / 48, 1 / 2 / 16])
nb.claim("96", 1 / row_weights[0])
nb.claim("32", 1 / row_weights[1])
assert np.isclose(row_weights[1] / row_weights[0], 3)
