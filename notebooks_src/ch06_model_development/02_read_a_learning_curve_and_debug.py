# %% [markdown]
# # Read a learning curve and debug a network
#
# *20 minutes · data: digits (from scikit-learn)*
#
# **You will** plant five bugs in a training program that never crashes, and find each of them from numbers that the program prints anyway.
#
# **You will learn to**
#
# - say what the first loss must be before you start, and test a program on twenty rows;
# - tell a wrong program from a model that is too small or has too few rows;
# - say what a random seed fixes, and what it does not.
#
# **You need** cross-entropy, gradient descent, and to have seen a training loop in torch.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression

from mlworkbench import notebook as nb

nb.setup()

# %% [markdown]
# ## Nine per cent right: is the task too hard, or the program wrong?
#
# A post office wants to read handwritten digits. A colleague has trained a network and reports that it is right for about 9 % of new scans. Guessing gives 10 %. The head of sorting asks: *do we need more scans, a bigger network, or another colleague?*
#
# Nothing crashed. A wrong training program mostly looks like a right one that learns badly. We have 1,000 scans of 8 × 8 pixels to train on and 500 to test on, pixel values divided by 16.

# %%
pixels, digit = load_digits(return_X_y=True)
order = np.random.default_rng(0).permutation(len(digit))
X, y = torch.tensor(pixels[order] / 16), torch.tensor(digit[order])
train_X, train_y = X[:1_000], y[:1_000]
new_X, new_y = X[-500:], y[-500:]


def new_net(seed=0, hidden=32):
    """Give a network with one hidden layer, the same for the same seed."""
    torch.manual_seed(seed)
    return torch.nn.Sequential(
        torch.nn.Linear(64, hidden),
        torch.nn.ReLU(),
        torch.nn.Linear(hidden, 10),
    ).double()


def train(
    net, X, y, *, steps=400, lr=0.5, loss=F.cross_entropy, clear=True, seed=0
):
    """Train on batches of 50; give the loss of each batch before its step."""
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    draw = torch.Generator().manual_seed(seed)
    losses = []
    while len(losses) < steps:
        for rows in torch.randperm(len(y), generator=draw).split(50):
            if clear:
                optimizer.zero_grad()
            value = loss(net(X[rows]), y[rows])
            value.backward()
            optimizer.step()
            losses.append(value.item())
    return np.array(losses[:steps])


@torch.no_grad()
def measure(net, X, y):
    """Give the cross-entropy and the share of right answers."""
    scores = net(X)
    right = (scores.argmax(dim=1) == y).double().mean()
    return F.cross_entropy(scores, y).item(), right.item()


pd.DataFrame(
    {
        "scans": [len(train_y), len(new_y)],
        "rarest digit (%)": [
            100 * part.bincount().min().item() / len(part)
            for part in (train_y, new_y)
        ],
    },
    index=["to train on", "new"],
).round(1)

# %% [markdown]
# ## Commit to a guess
#
# The network has just been made; its weights are small random numbers, and no step has been taken. What is its cross-entropy on the ten digits?

# %%
guess = nb.predict(
    "ch06-02-first-loss",
    "Ten classes, no training step yet: what is the cross-entropy?",
    options=["about 0.1", "about 1.0", "about 2.3", "about 10"],
    why="A network that knows nothing gives each of the ten digits a chance "
    "near one tenth, whatever the scan. The loss is −ln(1/10) = ln 10.",
)
guess

# %% [markdown]
# ## The first loss is known before the first step
#
# By hand: a scan with $K$ possible answers, every score equal. Softmax makes each chance $1/K$, and cross-entropy is $-\ln$ of the chance of the true class.

# %%
rows = []
for n_classes in (2, 3, 10, 1_000):
    equal = torch.zeros(1, n_classes).double()
    chance = equal.softmax(dim=1)[0, 0].item()
    asked = F.cross_entropy(equal, torch.tensor([0])).item()
    rows.append([n_classes, chance, -np.log(chance), asked])
    assert np.isclose(asked, np.log(n_classes))
columns = ["classes K", "each chance", "−ln(chance) = ln K", "torch says"]
pd.DataFrame(rows, columns=columns).round(3)

# %% [markdown]
# Now twenty networks with other random weights, and three ways to get the start wrong. None of these needs a single training step.

# %%
first = {
    "as written": [],
    "pixels 0 to 16, not divided": [],
    "pixels 0 to 255": [],
    "last layer's weights × 10": [],
}
for seed in range(20):
    net = new_net(seed)
    first["as written"].append(measure(net, train_X, train_y)[0])
    for name, factor in zip(list(first)[1:3], (16, 255), strict=True):
        first[name].append(measure(net, factor * train_X, train_y)[0])
    with torch.no_grad():
        net[-1].weight *= 10
    first["last layer's weights × 10"].append(
        measure(net, train_X, train_y)[0]
    )
first = pd.DataFrame(first)
first.agg(["min", "mean", "max"]).T.round(2)

# %%
guess.reveal("about 2.3", measured=f"{first['as written'].mean():.2f}")

# %% [markdown]
# The right start lies between 2.29 and 2.34 for every seed, next to $\ln 10 = 2.303$. A first loss that is much larger says that the network starts *sure and wrong*: look at the scale of the inputs and of the first weights.
#
# ## Start simple: one layer is right for 97 %
#
# Is the task too hard? Ask the simplest network there is: one linear layer, that is, logistic regression. We take it to its minimum in torch and compare it with scikit-learn's, chance by chance.

# %%
simple = torch.nn.Linear(64, 10).double()
for parameter in simple.parameters():
    torch.nn.init.zeros_(parameter)
optimizer = torch.optim.LBFGS(
    simple.parameters(),
    max_iter=500,
    tolerance_grad=1e-9,
    tolerance_change=1e-14,
    line_search_fn="strong_wolfe",
)


def objective():
    """Give scikit-learn's objective: total loss and half the squares."""
    optimizer.zero_grad()
    total = F.cross_entropy(simple(train_X), train_y, reduction="sum")
    value = total + (simple.weight**2).sum() / 2
    value.backward()
    return value


optimizer.step(objective)
peer = LogisticRegression(C=1, tol=1e-8, max_iter=2_000)
peer.fit(train_X.numpy(), train_y.numpy())
ours = simple(new_X).softmax(dim=1).detach().numpy()
assert np.allclose(ours, peer.predict_proba(new_X.numpy()), atol=1e-4)
simple_loss, simple_right = measure(simple, new_X, new_y)
always = new_y.bincount().max().item() / len(new_y)
pd.DataFrame(
    {"right on new scans (%)": [100 * always, 100 * simple_right]},
    index=["always the commonest digit", "one linear layer"],
).round(1)

# %% [markdown]
# So scans and task are fine. From here on, a network that does much worse than this has a reason that we can look for.
#
# ## Twenty scans must be learned by heart
#
# The cheapest test of a training program: give it 20 scans and train until it knows them by heart. A network with more than two thousand weights can do that. If the loss does not go to 0, the program is wrong, and no amount of data will help.

# %%
few_X, few_y = train_X[:20], train_y[:20]
few_losses = train(new_net(), few_X, few_y)
shown = [0, 20, 50, 100, 399]
pd.DataFrame(
    {"steps taken": shown, "loss on the 20 scans": few_losses[shown]}
).round(3)

# %% [markdown]
# ## Six programs, six curves
#
# Now the bugs. Each is one line that is easy to write, and none raises an error:
#
# - the labels are shuffled (scans sorted, labels not);
# - `zero_grad` is forgotten, so that each step uses the sum of all gradients so far;
# - the network's output goes through softmax before `F.cross_entropy`, which applies softmax itself;
# - the learning rate is ten times too high, or five hundred times too low.
#
# The sixth program is right. The letters are drawn at random. Write down a cause for each letter before you read on; the grey line is $\ln 10$.


# %%
# alt: Training loss in six panels: C falls to zero, F stops half-way down, B falls and climbs again, A, D and E stay at the grey line.
def softmax_twice(scores, y):
    """Give the wrong loss: cross-entropy wants scores, not chances."""
    return F.cross_entropy(scores.softmax(dim=1), y)


mix = torch.Generator().manual_seed(1)
programs = {
    "right": {},
    "labels shuffled": {"shuffle": True},
    "zero_grad forgotten": {"clear": False},
    "softmax twice": {"loss": softmax_twice},
    "learning rate too high": {"lr": 5.0},
    "learning rate too low": {"lr": 0.001},
}


def run(X, y, *, shuffle=False, **options):
    """Train one of the programs; give its network and its losses."""
    if shuffle:
        y = y[torch.randperm(len(y), generator=mix)]
    net = new_net()
    return net, train(net, X, y, **options)


runs = {name: run(train_X, train_y, **bug) for name, bug in programs.items()}
names = np.random.default_rng(4).permutation(list(programs))
letters = dict(zip("ABCDEF", names, strict=True))

figure, axes = plt.subplots(2, 3, figsize=(7.4, 4), sharex=True, sharey=True)
for ax, (letter, name) in zip(axes.flat, letters.items(), strict=True):
    ax.axhline(np.log(10), color="0.6", linewidth=1)
    ax.plot(runs[name][1], linewidth=1)
    ax.set_title(letter)
    ax.set(ylim=(0, 5), xlim=(0, 400))
figure.supxlabel("steps taken")
figure.supylabel("loss of the batch")
figure.suptitle("Which program is right, and what is wrong with the others?")
plt.show()

# %% [markdown]
# ## Softmax twice: the loss cannot fall below 1.46
#
# By hand. The best the network can do is to give the true class chance 1. That vector of chances then goes through softmax again, as if it were scores:

# %%
surest = torch.zeros(1, 10).double()
surest[0, 3] = 1
again = surest.softmax(dim=1)[0]
floor = -np.log(np.e / (np.e + 9))
assert np.isclose(F.cross_entropy(surest, torch.tensor([3])).item(), floor)
pd.DataFrame(
    {
        "chance": surest[0].numpy(),
        "e to the chance": surest[0].exp().numpy(),
        "softmax of the chances": again.numpy(),
        "−ln": -again.log().numpy(),
    },
    index=[f"digit {k}" for k in range(10)],
).iloc[[2, 3, 4]].round(3)

# %% [markdown]
# A perfect answer on digit 3 is charged 1.461, as if the network were only 23 % sure. And because softmax squeezes the scores twice, the gradients are small and learning is slow.
#
# ## Each test sees some of the bugs, none sees all
#
# Every program once on all scans and once on the 20. The last column is for new scans with their true labels.

# %%
table = []
for name, bug in programs.items():
    net, losses = runs[name]
    smooth = pd.Series(losses).rolling(20).mean()
    table.append(
        {
            "panel": next(a for a, b in letters.items() if b == name),
            "program": name,
            "first loss": losses[0],
            "20 scans: loss at the end": run(few_X, few_y, **bug)[1][-1],
            "lowest loss": smooth.min(),
            "loss at the end": smooth.iloc[-1],
            "right on new scans (%)": 100 * measure(net, new_X, new_y)[1],
        }
    )
fingerprints = pd.DataFrame(table).set_index("program")
fingerprints.round(
    {
        "first loss": 2,
        "20 scans: loss at the end": 2,
        "lowest loss": 1,
        "loss at the end": 1,
        "right on new scans (%)": 0,
    }
)

# %% [markdown]
# Read the table by column:
#
# - **First loss.** Every program passes. This test sees wrong scales, not wrong steps.
# - **20 scans.** Softmax twice and both learning rates fail. Shuffled labels pass, for a network can learn any twenty labels by heart, and larger ones can do so with a million (Zhang et al. 2017). Here a forgotten `zero_grad` passes as well: on one batch the old gradients point the right way for long enough.
# - **All scans.** Learns 20 by heart and nothing from 1,000: the labels do not belong to the scans. Print a few rows *as they enter the network*. Falls, then climbs above its start: steps are too large, or gradients pile up.
#
# The post office's program was right for 9 % of 500 scans. With a standard error of 1.3 points, four rows of the table fit. So we ask the colleague for two more things. His training curve is flat, near 2.2 at the end; and his program learns 20 scans by heart, down to 0.01. That leaves one row: the labels. The answer to the head of sorting is *none of the three*.
#
# > **Tip.** The program with too high a learning rate stops at 1.96 on the 20 scans. That is no accident: the first steps threw all hidden units to zero, and the network only knows how frequent each digit is. The exercise below computes this number without a network.
#
# ## A right program can still be too small, or have too few rows
#
# Once the program is right, the curves say what to change. Solid: the scans it trains on. Dashed: new scans. Move the controls and look for three pictures:
#
# - both lines high, close together: the network is too small, or not trained for long enough (*underfitting*);
# - a wide gap: too few rows for this network (*overfitting*); more rows close it;
# - with wrong labels, the dashed line falls and then climbs: it learns the mistakes by heart. The lowest point is where to stop (found on scans that you do not report on).

# %%
checkpoints = [0, 5, 10, 20, 50, 100, 200, 600]


def learn(hidden, scans, wrong):
    """Train; measure on both parts at each checkpoint."""
    some_X, some_y = train_X[:scans], train_y[:scans].clone()
    n_wrong = round(wrong * scans)
    draw = torch.Generator().manual_seed(0)
    some_y[:n_wrong] = torch.randint(10, (n_wrong,), generator=draw)
    net, done, points = new_net(hidden=hidden), 0, []
    for steps in checkpoints:
        if steps:
            train(net, some_X, some_y, steps=steps - done, seed=steps)
        done = steps
        points.append(
            [*measure(net, some_X, some_y), *measure(net, new_X, new_y)]
        )
    columns = ["loss", "right", "new loss", "new right"]
    return pd.DataFrame(points, index=checkpoints, columns=columns)


def two_curves(hidden, scans, wrong):
    """Draw the loss on the training scans and on new ones."""
    points = learn(hidden, scans, wrong)
    figure, ax = plt.subplots(figsize=(5.2, 2.6))
    ax.plot(points["loss"], "o-", markersize=4, label="trained on")
    ax.plot(points["new loss"], "s--", markersize=4, label="new scans")
    ax.set_xscale("symlog", linthresh=5)
    ax.set_xticks(checkpoints, checkpoints)
    ax.minorticks_off()
    ax.set(xlabel="steps taken", ylabel="loss", ylim=(0, 2.6))
    last = 100 * points["new right"].iloc[-1]
    ax.set_title(f"New scans: {last:.0f} % right at the end")
    figure.legend(loc="outside lower center", ncols=2)
    return figure


explorer = nb.explore(
    two_curves,
    title="Too small, too few, or right",
    hidden=[2, 256],
    scans=[50, 200, 1_000],
    wrong={"none": 0, "a fifth of the scans": 0.2},
    start={"hidden": 256, "scans": 50},
)
explorer

# %%
small, few, right = (
    learn(*setting, 0) for setting in ((2, 1_000), (256, 50), (256, 1_000))
)
noisy = learn(256, 50, 0.2)
ends = pd.DataFrame([points.iloc[-1] for points in (small, few, right)])
ends.index = [
    "2 hidden units, 1,000 scans",
    "256 hidden units, 50 scans",
    "256 hidden units, 1,000 scans",
]
readings = pd.DataFrame(
    {
        "loss, trained on": ends["loss"].round(2),
        "loss, new": ends["new loss"].round(2),
        "right, trained on (%)": (100 * ends["right"]).round(0),
        "right, new (%)": (100 * ends["new right"]).round(0),
    }
)
readings["reading"] = ["too small", "too few rows", "right"]
readings

# %% [markdown]
# ## A seed repeats a run; it does not make it typical
#
# The network gets 97 % with seed 0. Three things to know about that zero.
#
# *It fixes the program, not the experiment.* The same seed gives the same weights to the last bit. Draw one random number before the network is made, and you have another network.

# %%
weights = [net[0].weight for net in (new_net(), new_net())]


def another_line_first(seed=0):
    """Make the same network, after drawing one random number."""
    torch.manual_seed(seed)
    torch.rand(1)
    return torch.nn.Linear(64, 32).double().weight


big, one = torch.tensor(2.0**24), torch.tensor(1.0)
pd.DataFrame(
    {
        "equal to the last bit": [
            torch.equal(*weights),
            torch.equal(weights[0], another_line_first()),
            torch.equal((big + one) + one, big + (one + one)),
        ]
    },
    index=[
        "same seed, same program",
        "same seed, one random number drawn before",
        "same three numbers, added in another order",
    ],
)

# %% [markdown]
# *It does not fix the arithmetic.* The last row needs no random number: in single precision $(2^{24} + 1) + 1$ is $2^{24}$, and $2^{24} + (1 + 1)$ is not. Another processor, another number of threads or a graphics card adds in another order; training then carries the difference on.
#
# *It is one draw of many.* Ten seeds for the first weights, ten for the order of the batches, and ten for a rival with 48 hidden units in place of 32, each with 300 steps:


# %%
n_steps = 300


def right_after(seed=0, order=0, hidden=32):
    """Give the share of new scans that are right, in percent."""
    net = new_net(seed, hidden)
    train(net, train_X, train_y, steps=n_steps, seed=order)
    return 100 * measure(net, new_X, new_y)[1]


by_seed = pd.DataFrame(
    {
        "32 units, other weights": [right_after(s) for s in range(10)],
        "32 units, other order": [right_after(order=s) for s in range(10)],
        "48 units, other weights": [
            right_after(s, hidden=48) for s in range(10)
        ],
    }
)
spread = by_seed.agg(["min", "mean", "max", "std"]).T
spread.columns = ["lowest (%)", "mean (%)", "highest (%)", "spread (points)"]
spread.round(1)

# %%
# alt: Share right on new scans for ten seeds, two network sizes joined by a line per seed; lines cross, some go up and some go down.
pair = by_seed.iloc[:, [0, 2]].to_numpy()
gain = pair[:, 1] - pair[:, 0]
figure, ax = plt.subplots(figsize=(4.6, 3.2))
for seed, values in enumerate(pair):
    up = gain[seed] > 0
    ax.plot(
        [32, 48], values, "o-" if up else "o--", color="C0" if up else "C1"
    )
ax.plot([], [], "C0-", label="48 better")
ax.plot([], [], "C1--", label="32 better")
ax.set_xticks([32, 48])
ax.set(
    xlim=(29, 51),
    xlabel="hidden units",
    ylabel="right on new scans (%)",
    title="Choose the seed, choose the winner",
)
figure.legend(loc="outside right center")
plt.show()

# %% [markdown]
# With six of the seeds 48 units win, with four 32 do. On average over ten, 48 are 0.4 points better, less than two standard errors: not shown. And no seed shows the luck of the 500 scans themselves, which is another 0.9 points of standard error. Report a mean and a spread over seeds, weights *and* order; never the best seed.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "Ten classes. The first loss is 2.30. The program learns 20 rows by "
        "heart. On all rows the training loss stays at 2.30 for an hour. "
        "Where do you look first?"
    ),
    {
        "the loss function": (
            "A wrong loss would have failed on the 20 rows already."
        ),
        "the rows as they enter the network, with their labels": (
            "Anything can be learned by heart, even labels that belong to "
            "other rows. What is missing is a rule that connects them."
        ),
        "the number of hidden units": (
            "A network that is too small learns something, the commonest "
            "patterns at least. This one learns nothing."
        ),
    },
    answer="the rows as they enter the network, with their labels",
)

# %%
nb.quiz(
    "Training loss 0.01, loss on new rows 0.9 and climbing. What may help?",
    {
        "a larger network": "It already knows its rows by heart.",
        "training longer": (
            "The loss on new rows is climbing; it would climb further."
        ),
        "more rows, or stopping earlier": (
            "The gap is between rows seen and rows not seen. More rows close "
            "it; stopping keeps the lowest point."
        ),
    },
    answer="more rows, or stopping earlier",
)

# %% [markdown]
# ## Exercises
#
# ★ In `programs`, give the right program `lr=0.05`, then `lr=2.0`. Which test sees that something is not ideal, and is it a bug?
#
# ★★ Ten classes give $\ln 10$ only if they are equally frequent. Write `blind_loss(counts)`: the lowest cross-entropy of a network that ignores its inputs and knows how many rows each class has. A training loss that stays there has learned nothing else. Every count is above 0.


# %% tags=["exercise"] exercise="ch06-02-blind-loss"
def blind_loss(counts):
    """Return the cross-entropy of knowing nothing but the class counts."""
    ...


# %%
def reference(counts):
    shares = np.asarray(counts) / np.sum(counts)
    return float(-(shares * np.log(shares)).sum())


few_counts = few_y.bincount().numpy()
few_counts = few_counts[few_counts > 0]
nb.check(
    "ch06-02-blind-loss",
    blind_loss,
    reference,
    cases=[([100] * 10,), (few_counts,), ([988, 12],)],
    mistakes={
        "That holds for equal classes only: weigh each −ln by its share.": (
            lambda counts: np.log(len(counts))
        ),
        "Rows of a frequent class count more often: weigh by the share.": (
            lambda counts: -np.log(np.asarray(counts) / np.sum(counts)).mean()
        ),
        "Cross-entropy in torch uses the natural logarithm.": (
            lambda counts: reference(counts) / np.log(2)
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-02-blind-loss"
# <details><summary>Solution</summary>
#
# The best it can do is to give every class its share, for every row. A row of a class with share p then costs −ln p, and a share p of the rows pays it.
#
# ```python
# def blind_loss(counts):
#     """Return the cross-entropy of knowing nothing but the class counts."""
#     shares = np.asarray(counts) / np.sum(counts)
#     return float(-(shares * np.log(shares)).sum())
# ```
#
# For the 20 scans this is 1.96. Where 12 rows in 1,000 are positive it is 0.065: a small loss, and nothing learned.
#
# </details>

# %% [markdown]
# ★★★ The head of sorting offers you one week: label five times as many scans, or try larger networks. Which two curves do you draw before you answer, and what must they show for each choice?
#
# ## You have now
#
# - known the first loss before the start: 2.31 on average over twenty seeds, where $\ln 10 = 2.303$;
# - seen one linear layer reach 97 %, so that the task is not at fault (no network here is clearly better: start simple);
# - found five bugs from printed losses. Twenty scans caught three of them; shuffled labels and a forgotten `zero_grad` needed the full curve. Softmax twice cannot fall below 1.46 and still was right for 83 % of new scans, so accuracy alone would have let it pass;
# - told too small (56 % right on new scans) from too few rows (85 %, with 100 % on its own) and from right (97 %);
# - seen ten seeds disagree on which of two networks is better.
#
# **In practice.** Put the first loss and the test on one batch into the program as asserts: together they cost seconds. Log the training loss, the loss on new rows and the norm of the gradients of every run. Change one thing at a time, and start from the simplest network that works. Training on several workers brings the order of addition back; notebook 05 of this chapter measures it.
#
# **Read on.** I. Goodfellow, Y. Bengio and A. Courville (2016), *Deep learning*, chapter 11. A. Karpathy (2019), *A recipe for training neural networks*. C. Zhang et al. (2017), *Understanding deep learning requires rethinking generalization*. X. Bouthillier et al. (2021), *Accounting for variance in machine learning benchmarks*.

# %% tags=["claims", "remove-cell"]
of = fingerprints["right on new scans (%)"] / 100
nb.claim("1,000", len(train_y))
nb.claim("500", len(new_y))
nb.claim("16", pixels.max())
nb.claim("9 %", of["labels shuffled"])
near = (of - of["labels shuffled"]).abs()
four = of[near < 2 * np.sqrt(0.09 * 0.91 / len(new_y))]
assert len(four) == 4
nb.claim("1.3", 100 * np.sqrt(0.09 * 0.91 / len(new_y)))
nb.claim("2.2", fingerprints["loss at the end"]["labels shuffled"])
nb.claim("10 %", 1 / len(letters_of := y.unique()))
nb.claim("10", len(letters_of))
nb.claim("2.29", first["as written"].min())
nb.claim("2.34", first["as written"].max())
nb.claim("2.303", np.log(10))
nb.claim("97 %", simple_right)
nb.claim("20", len(few_y))
assert sum(p.numel() for p in new_net().parameters()) > 2_000
at_twenty = fingerprints["20 scans: loss at the end"]
failed = ["softmax twice", "learning rate too high", "learning rate too low"]
assert (at_twenty > 0.1).to_dict() == {n: n in failed for n in programs}
nb.claim("0.01", at_twenty["labels shuffled"])
assert at_twenty["right"] < 0.01
assert (fingerprints["first loss"] - np.log(10)).abs().max() < 0.1
nb.claim("1.46", floor)
nb.claim("1.461", -again.log().max().item())
nb.claim("23 %", again.max().item())
nb.claim("1.96", at_twenty["learning rate too high"])
nb.claim("1.96", reference(few_counts))
dead, _ = run(few_X, few_y, lr=5.0)
assert (dead[:2](few_X) == 0).all()
rare_counts = [988, 12]
nb.claim("0.065", reference(rare_counts))
nb.claim("1,000", sum(rare_counts))
nb.claim("12", min(rare_counts))
assert fingerprints["lowest loss"]["softmax twice"] > floor
assert fingerprints["lowest loss"]["zero_grad forgotten"] < 1.5
assert fingerprints["loss at the end"]["zero_grad forgotten"] > np.log(10)
nb.claim("97 %", of["right"])
nb.claim("32", new_net.__defaults__[-1])
nb.claim("48", ax.get_xticks().max())
assert (gain > 0).sum() == 6
assert (gain < 0).sum() == 4
nb.claim("0.4", gain.mean())
nb.claim("300", n_steps)
assert gain.mean() < 2 * gain.std(ddof=1) / np.sqrt(len(gain))
share = by_seed.iloc[:, 0].mean() / 100
nb.claim("0.9", 100 * np.sqrt(share * (1 - share) / len(new_y)))
nb.claim("2.31", first["as written"].mean())
nb.claim("83 %", of["softmax twice"])
nb.claim("56 %", ends["new right"].iloc[0])
nb.claim("85 %", ends["new right"].iloc[1])
nb.claim("100 %", ends["right"].iloc[1])
nb.claim("97 %", ends["new right"].iloc[2])
assert ends["loss"].iloc[0] > 1
assert noisy["new loss"].iloc[-1] > noisy["new loss"].min() + 0.3
