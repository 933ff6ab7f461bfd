# %% [markdown]
# # Train with a loss that notices rare classes
#
# *20 minutes · data: flights, digits (from scikit-learn), diamonds*
#
# **You will** train the same models with weights, the focal loss and two samplers, and measure what is left of each gain when the threshold may move.
#
# **You will learn to**
#
# - compute cross-entropy, its weighted form and the focal loss by hand, and say which probability each of them asks for;
# - give a `DataLoader` the class shares you want, epoch by epoch;
# - tell a better model from a moved threshold.
#
# **You need** logistic regression, recall and F1, and to have seen a training loop in torch.

# %%
import string

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.linear_model import LinearRegression
from sklearn.metrics import average_precision_score, f1_score
from sklearn.utils.class_weight import compute_class_weight
from torch.utils.data import (
    BatchSampler,
    DataLoader,
    RandomSampler,
    TensorDataset,
)

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.imbalance import (
    DynamicSampler,
    TwoPhaseSampler,
    class_balanced_loss,
    class_weights,
    focal_loss,
    weighted_quantile_report,
)

nb.setup()

# %% [markdown]
# ## A model of three-hour delays that never says yes
#
# The operations desk wants to know which flights will land three hours late or more. They are rare. A logistic regression on the schedule and on the weather of the departure hour gives practically no flight a chance above one half, so it raises no alerts. "It ignores the rare class", says a colleague. "Use the focal loss, everybody does."
#
# The model is small on purpose: every loss can be taken to its minimum (full-batch L-BFGS, double precision). We draw five times: 60,000 flights of 180 days to train on, all flights of 120 other days to test. Whole days, because a storm delays a day's flights together.

# %%
data = datasets.load("flights")
sky = ["temp", "dewp", "humid", "wind_speed", "precip", "pressure", "visib"]
flights = data.frame[data.frame["arr_delay"].notna()].merge(
    data.tables["weather"][["origin", "time_hour", *sky]],
    on=["origin", "time_hour"],
    how="left",
)
late = (flights["arr_delay"] >= 180).to_numpy()

numbers = flights[["hour", "distance", *sky]].astype(float)
numbers["wind_speed"] = numbers["wind_speed"].clip(upper=60)
numbers["precip"] = np.log1p(100 * numbers["precip"])
numbers = numbers.fillna(numbers.median())
for name in ("hour", "temp", "pressure"):
    numbers[f"{name}²"] = (numbers[name] - numbers[name].mean()) ** 2
numbers = (numbers - numbers.mean()) / numbers.std()
names = pd.get_dummies(
    flights[["month", "origin", "carrier"]].astype(str), drop_first=True
)
inputs = torch.tensor(np.hstack([numbers, names]).astype(float))
# Uncorrelated columns: the same models, in fewer steps.
inputs = inputs - inputs.mean(dim=0)
root = torch.linalg.cholesky(inputs.T @ inputs / len(inputs))
inputs = torch.linalg.solve_triangular(root, inputs.T, upper=False).T
inputs = inputs.contiguous()
truth = torch.tensor(late.astype(float))
day = flights.groupby(["month", "day"]).ngroup().to_numpy()


def fit(rows, loss):
    """Fit a logistic regression by full-batch L-BFGS; return its logits."""
    beta = torch.zeros(
        inputs.shape[1] + 1, dtype=torch.float64, requires_grad=True
    )
    optimizer = torch.optim.LBFGS(
        [beta],
        max_iter=200,
        tolerance_change=1e-11,
        line_search_fn="strong_wolfe",
    )
    x, y = inputs[rows], truth[rows]

    def closure():
        optimizer.zero_grad()
        value = loss(x @ beta[1:] + beta[0], y) + 1e-5 * (beta**2).sum()
        value.backward()
        return value

    optimizer.step(closure)
    beta = beta.detach()
    return lambda rows: inputs[rows] @ beta[1:] + beta[0]


pd.DataFrame(
    {
        "flights": [len(late)],
        "inputs": [inputs.shape[1]],
        "three hours late (%)": [round(100 * late.mean(), 2)],
    },
    index=["all days"],
)

# %% [markdown]
# ## Commit to a guess
#
# On the test days a little over 1 % of the flights are three hours late. Train the same model with the focal loss in place of cross-entropy ($\gamma = 2$, no other change). What is the *mean* of its predicted probabilities?

# %%
guess = nb.predict(
    "ch04-13-focal-mean",
    "Trained with the focal loss: the mean predicted probability of being three hours late?",
    options=["about 0.1 %", "about 1 %", "about 14 %", "about 50 %"],
    why="The focal loss hardly punishes a small mistake on an on-time flight, so there is little "
    "to hold the probabilities down. Its minimum lies between the true rate and one half.",
)
guess

# %% [markdown]
# ## The focal loss fades out what is already right
#
# Call $p$ the probability that the model gives to the *true* class of a row. Cross-entropy is $-\log p$. The focal loss multiplies it by $(1-p)^\gamma$ (Lin et al. 2017). Five rows, from well predicted to badly wrong:

# %%
p = np.array([0.99, 0.9, 0.6, 0.3, 0.05])
by_hand = pd.DataFrame({"p of the true class": p})
by_hand["cross-entropy"] = -np.log(p)
by_hand["(1 − p)²"] = (1 - p) ** 2
by_hand["focal loss"] = by_hand["(1 − p)²"] * by_hand["cross-entropy"]
for name in ("cross-entropy", "focal loss"):
    by_hand[f"share of {name} (%)"] = (
        100 * by_hand[name] / by_hand[name].sum()
    )
logits = torch.logit(torch.tensor(p))
yes = torch.ones(len(p), dtype=torch.float64)
helper = focal_loss(logits, yes, gamma=2, reduction="none")
assert np.allclose(helper, by_hand["focal loss"])
# With gamma = 0 it is torch's cross-entropy, for two classes and for many.
plain = F.binary_cross_entropy_with_logits(logits, yes)
assert torch.isclose(focal_loss(logits, yes, gamma=0), plain)
scores, classes = torch.eye(3).double(), torch.tensor([0, 2, 1])
plain = F.cross_entropy(scores, classes)
assert torch.isclose(focal_loss(scores, classes, gamma=0), plain)
by_hand.round(4)

# %% [markdown]
# ## Each loss asks for a probability of its own
#
# Take 1,000 flights that nobody can tell apart; 12 of them will be late. The model can only give all of them the same probability. Which one is cheapest? Try every one from 0.1 % to 99.9 %, under four losses. The weights are $N/n_i$: all rows over the rows of the class, so that both classes weigh the same in sum.

# %%
many, few = 988, 12
weights = class_weights(np.repeat([0, 1], [many, few]))
assert np.allclose(weights, [(many + few) / many, (many + few) / few])
grid = np.arange(1, 1_000) / 1_000
late_loss, on_time_loss = -np.log(grid), -np.log(1 - grid)
totals = {
    "cross-entropy": few * late_loss + many * on_time_loss,
    "weights N/n": few * weights[1] * late_loss
    + many * weights[0] * on_time_loss,
    "focal, gamma 2": few * (1 - grid) ** 2 * late_loss
    + many * grid**2 * on_time_loss,
    "focal, gamma 5": few * (1 - grid) ** 5 * late_loss
    + many * grid**5 * on_time_loss,
}
asks = {name: grid[total.argmin()] for name, total in totals.items()}
pd.DataFrame({"cheapest probability (%)": 100 * pd.Series(asks)}).round(1)

# %% [markdown]
# Only cross-entropy asks for the truth. Weights ask for one half, as if late flights were as common as the others; the focal loss asks for something in between. It follows that the *probabilities* of the other models must not be read as chances. Both can be turned back. For weights, divide the odds by the ratio of the weights. For the focal loss, set its derivative to 0 and solve for the true rate (Charoenphakdee et al. 2021):


# %%
def turn_back_focal(q, gamma=2):
    """Give the rate at which the focal loss asks for probability q."""
    up = q**gamma / (1 - q) - gamma * q ** (gamma - 1) * np.log(1 - q)
    r = 1 - q
    down = r**gamma / q - gamma * r ** (gamma - 1) * np.log(q)
    return up / (up + down)


def turn_back_weights(q, ratio):
    """Divide the odds by the ratio of the two weights."""
    odds = q / (1 - q) / ratio
    return odds / (1 + odds)


def losses_for(rows):
    """Give the three losses; the weights come from the training rows."""
    w = class_weights(truth[rows].numpy())
    w0, w1 = w[0.0], w[1.0]
    cross_entropy = F.binary_cross_entropy_with_logits

    def weighted(z, y):
        each = torch.where(y == 1, w1, w0)
        return cross_entropy(z, y, weight=each, reduction="sum") / each.sum()

    return {
        "cross-entropy": (cross_entropy, lambda q: q),
        "weights N/n": (weighted, lambda q: turn_back_weights(q, w1 / w0)),
        "focal, gamma 2": (focal_loss, turn_back_focal),
    }


back = {
    "weights N/n": turn_back_weights(0.5, weights[1] / weights[0]),
    "focal, gamma 2": turn_back_focal(asks["focal, gamma 2"]),
    "focal, gamma 5": turn_back_focal(asks["focal, gamma 5"], 5),
}
assert np.allclose(list(back.values()), few / (many + few), atol=1e-4)
(100 * pd.DataFrame({"turned back (%)": back})).round(1)

# %% [markdown]
# ## On the flights, the three losses rank alike
#
# Now the real model. `caught at 0.5` and `alerts at 0.5` use the threshold that `predict` uses. Then the threshold moves: the desk has time for 50 flights in 1,000, so each model alerts on its own top 5 %, and we count the late flights among them.

# %%
rows_of_table, kept = [], {}
for repeat in range(5):
    rng = np.random.default_rng(repeat)
    days = rng.permutation(day.max() + 1)
    train_rows = rng.permutation(np.flatnonzero(np.isin(day, days[:180])))[
        :60_000
    ]
    test_rows = np.flatnonzero(np.isin(day, days[-120:]))
    actual = late[test_rows]
    for name, (loss, turn_back) in losses_for(train_rows).items():
        prob = torch.sigmoid(fit(train_rows, loss)(test_rows)).numpy()
        top = prob >= np.quantile(prob, 0.95)
        back = turn_back(prob)
        kept[name, repeat] = (actual, prob, back)
        rows_of_table.append(
            {
                "repeat": repeat,
                "loss": name,
                "mean probability (%)": 100 * prob.mean(),
                "turned back (%)": 100 * back.mean(),
                "late (%)": 100 * actual.mean(),
                "alerts at 0.5 per 1,000": 1_000 * (prob >= 0.5).mean(),
                "caught at 0.5 (%)": 100 * np.mean(prob[actual] >= 0.5),
                "caught with 50 alerts per 1,000 (%)": 100
                * np.mean(top[actual]),
                "PR AUC (× 100)": 100 * average_precision_score(actual, prob),
            }
        )
runs = pd.DataFrame(rows_of_table).set_index(["loss", "repeat"])
on_flights = runs.groupby("loss", sort=False).mean()
caught = runs["caught with 50 alerts per 1,000 (%)"].unstack("repeat")
difference = caught - caught.loc["cross-entropy"]
shown = on_flights.round(1)
shown["… less cross-entropy, lowest draw"] = difference.min(axis=1).round(1)
shown["… less cross-entropy, highest draw"] = difference.max(axis=1).round(1)
shown.T

# %%
guess.reveal(
    "about 14 %",
    measured=f"{on_flights.loc['focal, gamma 2', 'mean probability (%)']:.0f} %",
)

# %%
# alt: Observed against predicted share of late flights on logarithmic axes: cross-entropy lies near the diagonal, the other two far to its right.
figure, ax = plt.subplots(figsize=(6, 3.4))
for name, marker in zip(on_flights.index, "osv", strict=True):
    pieces = [kept[name, repeat] for repeat in range(5)]
    actual = np.concatenate([piece[0] for piece in pieces])
    prob = np.concatenate([piece[1] for piece in pieces])
    tenth = pd.qcut(prob, 10, labels=False)
    points = pd.DataFrame({"p": prob, "y": actual}).groupby(tenth).mean()
    ax.plot(100 * points["p"], 100 * points["y"], marker=marker, label=name)
ax.plot([0.1, 100], [0.1, 100], color="0.6", linestyle="--", label="equal")
ax.set(
    xscale="log",
    yscale="log",
    xlabel="predicted, mean of each tenth of the flights (%)",
    ylabel="really late (%)",
    title="Only cross-entropy says about how likely it is",
)
ticks = [0.1, 1, 10, 100]
ax.set_xticks(ticks, ticks)
ax.set_yticks(ticks, ticks)
figure.legend(loc="outside right center")
plt.show()

# %% [markdown]
# At one half the three could not look more different: two practically never alert, the third on a quarter of all flights. Give each the same number of alerts and they catch the same, about one late flight in four; weights catch up to 1.7 points less or 1.6 more, as the draw of days has it, the focal loss between 0.0 and 0.6 points more. The focal loss did not even answer the complaint: its probabilities are more than ten times too high, and still no late flight reaches 0.5. Turned back, both say on average what cross-entropy said.
#
# We measured a linear model at its minimum. A network on many classes comes below.
#
# ## Where the loss comes from
#
# Why then was the focal loss invented? In object detection nearly every candidate box is empty, and the sum over the easy ones drowns the few objects while a deep network learns (Lin et al. 2017). Take the predictions of the trained cross-entropy model and look at who makes up the total loss: on-time flights given less than two per cent, the other on-time flights, or the late ones. Late flights, 1.2 % of the rows, already make up 80 % of it; no flood of easy rows drowns them. A detector faces thousands of empty boxes for each object. With `gamma` at 2 it is nearly all. Then move `alpha`, the weight of late flights against $1-\alpha$ of the others. With $\gamma=2$ the authors found $\alpha = 0.25$ best: it weighs the *rare* class down, for $\gamma$ has already weighed the common one down too far.

# %%
actual, prob, _ = kept["cross-entropy", 0]
z, t = torch.logit(torch.tensor(prob)), torch.tensor(actual).double()
easy = ~actual & (prob < 0.02)
late_share = {}
for gamma in (0, 2):
    loss = focal_loss(z, t, gamma, reduction="none").numpy()
    late_share[gamma] = loss[actual].sum() / loss.sum()
groups = {
    "on time,\nbelow 2 %": easy,
    "on time,\nthe others": ~actual & ~easy,
    "late": actual,
}
axis = np.linspace(0.005, 0.995, 199)


def who_pays(gamma, alpha):
    """Draw the loss of a late flight, and each group's share of the total."""
    loss = focal_loss(z, t, gamma, alpha, reduction="none").numpy()
    shares = [100 * loss[rows].sum() / loss.sum() for rows in groups.values()]
    figure, (left, right) = plt.subplots(1, 2, figsize=(5.8, 2.4))
    rare = 1 if alpha is None else alpha
    left.plot(axis, -rare * (1 - axis) ** gamma * np.log(axis))
    left.set(
        xlabel="probability given to late",
        ylabel="loss of a late flight",
        ylim=(0, 5),
    )
    right.bar(list(groups), shares, color=["0.8", "0.6", "C0"])
    right.set(ylabel="share of the loss (%)", ylim=(0, 105))
    right.tick_params(axis="x", labelsize=8)
    figure.suptitle(
        f"{shares[-1]:.0f} % of the loss from {100 * actual.mean():.1f} % of the flights",
        fontsize=10,
    )
    return figure


explorer = nb.explore(
    who_pays,
    title="Who makes up the loss",
    gamma=[0, 1, 2, 5],
    alpha={"none": None, "0.25": 0.25, "0.99": 0.99},
)
explorer

# %% [markdown]
# ## Ten classes, from 100 scans down to 2
#
# With many classes there is more to weigh. Take the digits and make them long-tailed as Cui et al. (2019) do: class sizes fall exponentially. Which digit is how rare is drawn anew in each repeat, so call the classes A (100 scans) to J (2 scans).
#
# They argue that the hundredth scan of a digit tells less than the second, since it resembles one that is there. Their *effective number* of rows is $1 + \beta + \beta^2 + \dots + \beta^{n-1} = \frac{1-\beta^n}{1-\beta}$, and the weight of a class is one over it.

# %%
letters = np.array(list(string.ascii_uppercase[:10]))
sizes = np.array([100, 65, 42, 27, 18, 11, 7, 5, 3, 2])
labels = np.repeat(letters, sizes)
inverse = class_weights(labels)
assert np.allclose(inverse, sizes.sum() / sizes)
balanced = compute_class_weight("balanced", classes=letters, y=labels)
assert np.allclose(class_weights(labels, normalize="mean"), balanced)

columns = {"scans": sizes, "N/n": inverse / inverse.iloc[0]}
for beta in (0.9, 0.99):
    effective = np.array([sum(beta**i for i in range(n)) for n in sizes])
    weight = class_weights(labels, "effective", beta=beta)
    assert np.allclose(weight, 1 / effective)
    columns[f"effective number, β = {beta}"] = effective
    columns[f"weight, β = {beta}"] = (weight / weight.iloc[0]).to_numpy()
# The class-balanced loss is torch's cross-entropy with these weights.
scores, classes = torch.eye(10).double(), torch.arange(10)
scaled = torch.tensor((weight * 10 / weight.sum()).to_numpy())
each = F.cross_entropy(scores, classes, weight=scaled, reduction="none")
assert torch.isclose(
    class_balanced_loss(scores, classes, sizes, beta=0.99), each.mean()
)
by_class = pd.DataFrame(columns, index=letters)
by_class.round(1)

# %% [markdown]
# Weights are shown in units of the weight of A. With $\beta = 0.9$ no class counts as more than ten scans, so J weighs 5 times as much as A, in place of 50. $\beta$ near 1 gives $N/n$ back.
#
# ## Samplers show the rare classes more often
#
# One can also leave the loss alone and change what the network sees. `TwoPhaseSampler` cuts every class to at most ten rows in phase one, and shows all in phase two (Lee et al. 2016). `DynamicSampler` gives a class a share in proportion to $1 - F_1$, measured after each epoch on rows that are not trained on (Pouyanfar et al. 2018). Both go into any `DataLoader`. Ten further scans of each class are held out for that.

# %%
X, y = load_digits(return_X_y=True)


def draw(repeat):
    """Give (inputs, classes by rarity) to train on, held out, and to test."""
    rng = np.random.default_rng(repeat)
    parts = [], [], []
    for rank, digit in enumerate(rng.permutation(10)):
        rows = rng.permutation(np.flatnonzero(y == digit))
        cuts = rows[: sizes[rank]], rows[100:110], rows[110:170]
        for part, cut in zip(parts, cuts, strict=True):
            part.append((cut, np.full(len(cut), rank)))
    pairs = [map(np.concatenate, zip(*part, strict=True)) for part in parts]
    return [(torch.tensor(X[r] / 16), torch.tensor(c)) for r, c in pairs]


def train(sampler, data, loss=F.cross_entropy, epochs=40, *, after=None, net):
    """Train with Adam; the sampler says which rows an epoch shows."""
    batches = BatchSampler(sampler, 70, drop_last=False)
    loader = DataLoader(data, sampler=batches, batch_size=None)
    optimizer = torch.optim.Adam(net.parameters(), lr=0.02)
    shown = []
    for _ in range(epochs):
        seen = []
        for inputs_, classes_ in loader:
            optimizer.zero_grad()
            loss(net(inputs_), classes_).backward()
            optimizer.step()
            seen.append(classes_)
        shown.append(np.bincount(torch.cat(seen), minlength=10))
        if after is not None:
            after(net)
    return np.array(shown)


def new_net(repeat):
    """Give a network of one hidden layer, always the same for a repeat."""
    torch.manual_seed(repeat)
    layers = torch.nn.Linear(64, 32), torch.nn.Tanh(), torch.nn.Linear(32, 10)
    return torch.nn.Sequential(*layers).double()


def two_phases(data, repeat):
    """Train with classes of at most ten, then on everything."""
    net = new_net(repeat)
    sampler = TwoPhaseSampler(data.tensors[1], 10, random_state=repeat)
    first = train(sampler, data, epochs=30, net=net)
    sampler.set_phase(2)
    return net, np.vstack([first, train(sampler, data, epochs=25, net=net)])


def dynamic(data, held, repeat):
    """Train with class shares from the F1 on the scans held out."""
    net = new_net(repeat)
    sampler = DynamicSampler(data.tensors[1], random_state=repeat)

    def update(net):
        with torch.no_grad():
            sampler.update(held[1], net(held[0]).argmax(dim=1))

    return net, train(sampler, data, after=update, net=net)


fitted, held, _ = draw(0)
data_0 = TensorDataset(*fitted)
two_shown, dynamic_shown = (
    two_phases(data_0, 0)[1],
    dynamic(data_0, held, 0)[1],
)
shown = pd.DataFrame(
    {
        "all scans": sizes,
        "two-phase, epoch 1": two_shown[0],
        "two-phase, epoch 31": two_shown[30],
        "dynamic, epoch 1": dynamic_shown[0],
        "dynamic, epoch 2": dynamic_shown[1],
        "dynamic, epoch 40": dynamic_shown[-1],
    },
    index=letters,
)
assert (shown["two-phase, epoch 1"] == np.minimum(sizes, 10)).all()
assert (shown["two-phase, epoch 31"] == sizes).all()
(100 * shown / shown.sum()).round(0).astype(int).T

# %% [markdown]
# The table shows the share of each class in the rows of an epoch, in percent. Dynamic sampling begins with equal shares, then gives most to the classes with the lowest $F_1$.
#
# ## Most of what weights gain is a moved threshold
#
# Six ways to train, ten repeats, 160 steps each, tested on 60 scans of *every* class. Macro F1 is the mean of the F1 of the ten classes, so that rare ones count as much as others. `As trained` takes the class with the largest probability. `Moved` does for ten classes what a threshold does for two: it subtracts $\tau$ times the log of each class's share from the score (Menon et al. 2021). The 100 scans that dynamic sampling uses choose $\tau$ between 0 and 2 for every way, so none has seen more than the others.

# %%
log_share = torch.tensor(np.log(sizes / sizes.sum()))
w = torch.tensor(balanced)
losses = {
    "cross-entropy": F.cross_entropy,
    "weights N/n": lambda z, c: F.cross_entropy(z, c, weight=w),
    "class-balanced, β = 0.99": lambda z, c: class_balanced_loss(
        z, c, sizes, beta=0.99
    ),
    "focal, gamma 2": focal_loss,
}


def scores_of(net, fitted, held, test):
    """Score a network as trained and with the classes moved."""
    with torch.no_grad():
        z_fitted, z_held, z_test = net(fitted[0]), net(held[0]), net(test[0])

    def macro(z, c, tau):
        moved = (z - tau * log_share).argmax(1)
        return round(f1_score(c, moved, average="macro"), 9)

    tau = max(
        np.arange(0, 2.1, 0.25), key=lambda t: macro(z_held, held[1], t)
    )
    rare, result = test[1] >= 7, {"tau": tau}
    for name, t in (("as trained", 0), ("moved", tau)):
        right = (z_test - t * log_share).argmax(1) == test[1]
        result[f"macro F1, {name}"] = macro(z_test, test[1], t)
        result[f"recall of H, I, J, {name}"] = right[rare].double().mean()
    on_fitted = z_fitted.argmax(1) == fitted[1]
    result["right on the training scans"] = on_fitted.double().mean()
    in_truth = sizes[test[1]] / sizes.sum() / 60
    chance = z_test.softmax(1)[:, 7:].sum(1).numpy()
    result["mean probability of H, I, J"] = in_truth @ chance
    return {name: float(value) for name, value in result.items()}


found = {}
for repeat in range(10):
    fitted, held, test = draw(repeat)
    data = TensorDataset(*fitted)
    nets = {}
    for name, loss in losses.items():
        nets[name] = new_net(repeat)
        generator = torch.Generator().manual_seed(repeat)
        shuffle = RandomSampler(data, generator=generator)
        train(shuffle, data, loss, net=nets[name])
    nets["two-phase"] = two_phases(data, repeat)[0]
    nets["dynamic"] = dynamic(data, held, repeat)[0]
    for name, net in nets.items():
        found[name, repeat] = scores_of(net, fitted, held, test)
found = pd.DataFrame(found).T.rename_axis(["way", "repeat"])
on_digits = found.groupby("way", sort=False).mean()
(
    100
    * on_digits.drop(columns="tau").assign(
        **{"true share of H, I, J": sizes[7:].sum() / sizes.sum()}
    )
).round(1).T

# %% [markdown]
# As trained, weights and dynamic sampling find many more of the rare scans than cross-entropy, and the focal loss finds no more. Then look at the third row: cross-entropy with its classes *moved* beats every one of them as trained. The last two rows compare the mean probability of H, I and J with their true share; none is off by more than a point, where on the flights it was twelve and more. This network gets nearly every training scan right under any loss, and a row that is right and sure weighs little, whatever its weight.
#
# What remains of the gains over cross-entropy, when all may move? The differences are taken repeat by repeat, in points of macro F1.

# %%
gains = {}
for name in ("as trained", "moved"):
    table = found[f"macro F1, {name}"].unstack("repeat")
    gain = 100 * (table - table.loc["cross-entropy"])
    gains[f"gain {name} (points)"] = gain.mean(axis=1)
    gains[f"± standard error, {name}"] = gain.std(axis=1) / np.sqrt(10)
gains = pd.DataFrame(gains).loc[on_digits.index[1:]]
gains.round(1)

# %%
# alt: Macro F1 of six ways to train: open dots as trained, filled dots after moving the classes; the filled dot of cross-entropy lies right of every open dot.
figure, ax = plt.subplots(figsize=(6.6, 2.8))
place = np.arange(len(on_digits))[::-1]
before = 100 * on_digits["macro F1, as trained"]
moved_f1 = 100 * on_digits["macro F1, moved"]
ax.hlines(place, before, moved_f1, color="0.7")
ax.plot(before, place, "o", color="C0", fillstyle="none", label="as trained")
ax.plot(moved_f1, place, "o", color="C0", label="moved")
ax.set(
    xlabel="macro F1, mean of ten repeats (%)",
    title="Cross-entropy, moved, beats the others as trained",
)
ax.set_yticks(place, on_digits.index)
figure.legend(loc="outside right center")
plt.show()

# %% [markdown]
# Of the 4.9 points that weights gain, 1.3 remain; of the 5.4 of dynamic sampling, 0.4 with a standard error of 0.5. Two-phase training goes the other way: poor as trained, since phase two shows the true shares again, and the best once moved, by 2.1 ± 0.5. So something was learned in phase one that a threshold alone does not give. The focal loss ends below plain cross-entropy.
#
# > **Warning.** One network, one set of scans. What carries over is the way to measure: give the baseline the same right to move its threshold, and show a spread over repeats.
#
# ## Regression has rare values too
#
# There are no classes in the price of a diamond, but few stones are dear. A linear model of the log price, fitted on half of the stones and tested on the other half, once as it is and once with each stone weighted by its price:

# %%
stones = datasets.load("diamonds").frame.sample(frac=1, random_state=0)
grades = stones[["cut", "color", "clarity"]].apply(lambda c: c.cat.codes)
features = grades.assign(log_carat=np.log(stones["carat"]))
price, half = stones["price"], len(stones) // 2
bands = {}
for name, weight in (("plain", price**0), ("weighted by price", price)):
    model = LinearRegression()
    model.fit(
        features[:half], np.log(price[:half]), sample_weight=weight[:half]
    )
    predicted = np.exp(model.predict(features[half:]))
    bands[name] = weighted_quantile_report(
        price[half:].to_numpy(), predicted, quantiles=(0.4, 0.6, 0.95)
    )
plain = bands["plain"].frame
assert np.isclose(
    bands["plain"].top_to_median, plain["mae"].iloc[3] / plain["mae"].iloc[1]
)
pd.DataFrame(
    {
        "stones": plain["n"].to_numpy(),
        "error (dollars)": plain["mae"].round(0).astype(int).to_numpy(),
        "error (%)": (100 * plain["mape"]).round(0).astype(int).to_numpy(),
        "weighted: error (dollars)": bands["weighted by price"]
        .frame["mae"]
        .round(0)
        .astype(int)
        .to_numpy(),
    },
    index=plain["band"],
)

# %% [markdown]
# In dollars the error of the top band is 8.5 times that of the band around the median; in percent, 13 against 10, the bands are close. Which of the two is "the" error is a question for whoever pays. Weights do what they did to classes: they move error from one band to another: 155 dollars less on the dearest stones, 14 more on the cheapest, 39 more around the median. (Bands are cut by the true price, so nearly every model looks low in the top band; compare models, not bands.)
#
# ## Check yourself

# %%
nb.quiz(
    (
        "A model trained with weights N/n gives a flight 40 %. 1.2 % of the "
        "flights are late. What is this flight's chance?"
    ),
    {
        "40 %": "That is the chance in a world where half of the flights are late.",
        "about 0.8 %": (
            "Its odds are 0.67; divided by the ratio of the weights, 82, they "
            "are 0.008. Less than the average flight!"
        ),
        "about 0.5 %, which is 40 % × 1.2 %": (
            "Probabilities are not turned back by a product; odds are."
        ),
    },
    answer="about 0.8 %",
)

# %%
nb.quiz(
    (
        "A paper's new loss beats cross-entropy by 5 points of macro F1; both "
        "take the class with the largest probability. What do you ask first?"
    ),
    {
        "how many layers the network has": (
            "It may matter, but it is the same for both losses."
        ),
        "what cross-entropy gets once its classes are moved": (
            "A fair baseline may use a threshold. Here it gained more by it "
            "than by any loss."
        ),
        "whether accuracy went up too": (
            "On data with rare classes accuracy hardly sees them."
        ),
    },
    answer="what cross-entropy gets once its classes are moved",
)

# %% [markdown]
# ## Exercises
#
# ★ Give `DynamicSampler` the argument `min_share=0.05` in `dynamic`. Which shares change, and does macro F1?
#
# ★★ Write `focal(q, late, gamma)`: the focal loss of each flight, from its predicted probability `q` of being late, and `late`, which is 1 or 0. Both are arrays.


# %% tags=["exercise"] exercise="ch04-13-focal"
def focal(q, late, gamma):
    """Return the focal loss of each flight."""
    ...


# %%
def reference(q, late, gamma):
    rows = torch.logit(torch.tensor(q)), torch.tensor(late)
    return focal_loss(*rows, gamma, reduction="none").numpy()


flights_q, flights_late = (
    np.array([0.9, 0.3, 0.2, 0.7]),
    np.array([1, 1, 0, 0]),
)
nb.check(
    "ch04-13-focal",
    focal,
    reference,
    cases=[(flights_q, flights_late, gamma) for gamma in (2, 0, 1)],
    mistakes={
        "For a flight on time the true class has probability 1 − q.": (
            lambda q, late, gamma: -((1 - q) ** gamma) * np.log(q)
        ),
        "Rows that are right must fade: use 1 − p in the factor.": (
            lambda q, late, gamma: (
                -(np.where(late == 1, q, 1 - q) ** gamma)
                * np.log(np.where(late == 1, q, 1 - q))
            )
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-13-focal"
# <details><summary>Solution</summary>
#
# First the probability of the true class, then the formula.
#
# ```python
# def focal(q, late, gamma):
#     """Return the focal loss of each flight."""
#     p = np.where(late == 1, q, 1 - q)
#     return -((1 - p) ** gamma) * np.log(p)
# ```
#
# </details>

# %% [markdown]
# ★★★ A missed three-hour delay costs the desk as much as fifty false alerts. With which loss do you train, and where do you put the threshold? What would have to be different for you to reach for weights, or for the focal loss?
#
# ## You have now
#
# - computed four losses by hand: where 1.2 % are late, cross-entropy asks for 1.2 %, weights $N/n$ for 50 % and the focal loss for 16 %;
# - trained them on flights: mean predicted probabilities of 1.3 %, 36 % and 14 %. At 0.5 they catch 0 %, 66 % and 0 % of the late flights; with 50 alerts per 1,000 each catches about one in four;
# - measured six ways on ten classes: weights gain 4.9 points of macro F1 as trained and 1.3 once all are moved. Moving the plain model gains 7.1, more than any loss or sampler did as trained.
#
# **In practice.** Begin with cross-entropy and a threshold chosen on held-out rows; its probabilities stay useful for costs that change later. Try weights or two phases next, and compare *after* moving: a point or two may be real, as here. The focal loss is worth a trial where a deep network faces thousands of easy negatives for each object. Whatever you choose, calibrate afterwards on rows in their true shares, or turn the probabilities back.
#
# **Read on.** T.-Y. Lin et al. (2017), *Focal loss for dense object detection*. Y. Cui et al. (2019), *Class-balanced loss based on effective number of samples*. A. K. Menon et al. (2021), *Long-tail learning via logit adjustment*. M. Buda, A. Maki and M. Mazurowski (2018), *A systematic study of the class imbalance problem in convolutional neural networks*.

# %% tags=["claims", "remove-cell"]
cross = "cross-entropy"
focal_2, inverse_n = "focal, gamma 2", "weights N/n"
nb.claim("60,000", len(train_rows))
nb.claim("180", len(np.unique(day[train_rows])))
nb.claim("120", len(np.unique(day[test_rows])))
nb.claim("1 %", on_flights["late (%)"].mean() / 100)
nb.claim("1,000", many + few)
nb.claim("12", few)
nb.claim("0.1 %", grid[0])
nb.claim("99.9 %", grid[-1])
nb.claim("50", 1_000 * top.mean())
nb.claim("5 %", top.mean())
nb.claim("1.2 %", actual.mean())
nb.claim("80 %", late_share[0])
for drawn in range(5):
    was_late, said, _ = kept[focal_2, drawn]
    assert said[was_late].max() < 0.5
means, rates = on_flights["mean probability (%)"], on_flights["late (%)"]
assert means[focal_2] > 10 * rates[focal_2]
assert (means - rates)[[inverse_n, focal_2]].min() >= 12
rare_share = sizes[7:].sum() / sizes.sum()
assert abs(on_digits["mean probability of H, I, J"] - rare_share).max() < 0.01
assert moved_f1[cross] > before.max()
weights_less = difference.loc[inverse_n]
nb.claim("1.7", -weights_less.min())
nb.claim("1.6", weights_less.max())
nb.claim("0.0", difference.loc[focal_2].min())
nb.claim("0.6", difference.loc[focal_2].max())
nb.claim("100", sizes[0])
nb.claim("100", len(held[0]))
nb.claim("50", by_class["N/n"].iloc[-1])
nb.claim("5 times", by_class["weight, β = 0.9"].iloc[-1])
nb.claim("60", len(test[0]) / len(sizes))
nb.claim("160", len(dynamic_shown) * np.ceil(sizes.sum() / 70))
nb.claim("4.9", gains.loc[inverse_n, "gain as trained (points)"])
nb.claim("1.3", gains.loc[inverse_n, "gain moved (points)"])
nb.claim("5.4", gains.loc["dynamic", "gain as trained (points)"])
nb.claim("0.4", gains.loc["dynamic", "gain moved (points)"])
nb.claim("0.5", gains.loc["dynamic", "± standard error, moved"])
nb.claim("2.1", gains.loc["two-phase", "gain moved (points)"])
nb.claim("0.5", gains.loc["two-phase", "± standard error, moved"])
nb.claim("7.1", moved_f1[cross] - before[cross])
nb.claim("8.5 times", bands["plain"].top_to_median)
nb.claim("13", 100 * plain["mape"].iloc[3])
nb.claim("10", 100 * plain["mape"].iloc[1])
change = bands["weighted by price"].frame["mae"] - plain["mae"]
nb.claim("155", -change.iloc[3])
nb.claim("14", change.iloc[0])
nb.claim("39", change.iloc[1])
nb.claim("1.2 %", asks[cross])
nb.claim("50 %", asks[inverse_n])
nb.claim("16 %", asks[focal_2])
share = on_flights / 100
nb.claim("1.3 %", share.loc[cross, "mean probability (%)"])
nb.claim("36 %", share.loc[inverse_n, "mean probability (%)"])
nb.claim("14 %", share.loc[focal_2, "mean probability (%)"])
nb.claim("0 %", share.loc[cross, "caught at 0.5 (%)"])
nb.claim("66 %", share.loc[inverse_n, "caught at 0.5 (%)"])
