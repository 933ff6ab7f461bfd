# %% [markdown]
# # Fool a model with one pixel
#
# *15 minutes · data: digits (from scikit-learn)*
#
# **You will** change one pixel of a scanned digit so that a good model reads another one, and find out what makes it harder.
#
# **You will learn to**
#
# - attack a torch classifier with `one_pixel_attack` and `fgsm`, and check both by hand;
# - tell the worst case from the average case, and measure both;
# - train against an attack, and say what that defence covers and what it does not.
#
# **You need** what a classifier and its loss are; PyTorch as far as a model is a function that can be differentiated.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import torch
from sklearn.datasets import load_digits

from mlworkbench import notebook as nb
from mlworkbench.augmentation import (
    erase_images,
    fgsm,
    flip_images,
    one_pixel_attack,
    rotate_images,
    shift_images,
)

nb.setup()

# %% [markdown]
# ## A model that reads cheques, and somebody who wants a 9
#
# A bank reads the amounts on cheques with a small neural network. The test accuracy looks fine. Then the head of security asks a question that accuracy does not answer: *how little must a forger change so that the machine reads another digit, and a clerk still reads the old one?*
#
# The scans are 8 × 8 pixels with 17 shades of grey, from 0 (paper) to 1 (ink). The network sees whole batches of 1,297 scans, 200 times.

# %%
X, y = load_digits(return_X_y=True)
X = X.reshape(-1, 8, 8) / 16
order = np.random.default_rng(0).permutation(len(y))
test, train = order[:500], order[500:]
X_test, y_test = X[test], y[test]


def fit(change=None, seed=0, steps=200):
    """Train a network; `change` makes the scans of each step anew."""
    torch.manual_seed(seed)
    model = torch.nn.Sequential(
        torch.nn.Flatten(),
        torch.nn.Linear(64, 32),
        torch.nn.Tanh(),
        torch.nn.Linear(32, 32),
        torch.nn.Tanh(),
        torch.nn.Linear(32, 10),
    ).double()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.003)
    labels = torch.as_tensor(y[train])
    for _ in range(steps):
        scans = X[train] if change is None else change(model, X[train])
        optimizer.zero_grad()
        logits = model(torch.as_tensor(scans))
        torch.nn.functional.cross_entropy(logits, labels).backward()
        optimizer.step()
    return model.eval()


def read(model, scans):
    """Return the digit that the model reads in each scan."""
    with torch.no_grad():
        return model(torch.as_tensor(scans)).argmax(dim=1).numpy()


def accuracy(model, scans):
    return (read(model, scans) == y_test).mean()


plain = fit()
pd.DataFrame(
    {
        "scans": [len(train), len(test)],
        "read right (%)": [
            100 * (read(plain, X[train]) == y[train]).mean(),
            100 * accuracy(plain, X_test),
        ],
    },
    index=["train", "test"],
).round(0).astype(int)

# %% [markdown]
# ## Commit to a guess
#
# The forger may change *one* of the 64 pixels, to any shade, and knows the model.

# %%
guess = nb.predict(
    "ch04-15-one-pixel",
    (
        "Of the test scans that the model reads right, how many can be "
        "turned into another digit by one pixel?"
    ),
    options=[
        "fewer than 1 in 100",
        "about 1 in 20",
        "about 1 in 5",
        "more than half",
    ],
    why=(
        "A random pixel hardly ever matters. But the forger tries them "
        "all and keeps the worst, and nothing in the training said that "
        "a lone black pixel means nothing."
    ),
)
guess

# %% [markdown]
# ## By hand: every pixel, every shade
#
# Take a scan of a 2. It has 64 pixels, and each can take 17 shades: few enough to try them all. Make a batch with every candidate, and ask the model once. The middle picture counts, for each pixel, the shades that turn the 2 into another digit.

# %%
# alt: The scan, a map of the pixels at which it can be attacked, and one of the changed scans.
clear = np.flatnonzero(read(plain, X_test) == y_test)
one = clear[y_test[clear] == 2][0]
scan, digit = X_test[one], y_test[one]

shades = np.linspace(0, 1, 17)
place = np.repeat(np.arange(64), len(shades))
shade = np.tile(shades, 64)
candidates = np.repeat(scan[None], len(place), axis=0)
candidates.reshape(-1, 64)[np.arange(len(place)), place] = shade
answers = read(plain, candidates)

fooled = (answers != digit).reshape(64, 17).sum(axis=1).reshape(8, 8)
weakest = place == fooled.argmax()
worst = np.flatnonzero(weakest & (answers != digit))[-1]
figure, axes = plt.subplots(1, 3, figsize=(8, 2.9))
axes[0].imshow(scan, cmap="gray_r", vmin=0, vmax=1)
axes[0].set_title(f"the scan, read as {digit}")
shown = axes[1].imshow(fooled, cmap="viridis", vmin=0, vmax=17)
figure.colorbar(shown, ax=axes[1], label="shades that fool")
axes[1].set_title("where it can be fooled")
axes[2].imshow(candidates[worst], cmap="gray_r", vmin=0, vmax=1)
axes[2].set_title(f"one pixel later: {answers[worst]}")
row, column = divmod(place[worst], 8)
axes[2].plot(column, row, "o", mfc="none", mec="C4", ms=16)
for ax in axes:
    ax.set(xticks=[], yticks=[])
plt.show()

# %% [markdown]
# The scan on the right has a speck at its margin; a clerk still reads a 2. And note *where* it can be fooled: we come back to that.
#
# ## The helper agrees, and goes through the whole test set
#
# `one_pixel_attack` with `method="exhaustive"` does the same for many scans. It attacks only those that the model has right, so a success is the attack's and not the model's own mistake. In its picture ink is white; below each scan stands what it is and what is read.

# %%
# alt: Eight scans, before and after the change of one pixel, which is circled.
alone = one_pixel_attack(plain, X_test[[one]], [digit], method="exhaustive")
assert alone.success[0] == (answers != digit).any()
assert alone.queries[0] == 1 + len(candidates)
assert read(plain, alone.adversarial)[0] in answers[answers != digit]

exact = one_pixel_attack(plain, X_test, y_test, method="exhaustive")
exact.plot()
plt.show()

# %%
guess.reveal("more than half", measured=f"{100 * exact.success_rate:.0f} %")

# %% [markdown]
# ## The average pixel is harmless, the worst one is not
#
# Is the model just fragile? Change a *random* pixel to a random shade, 20 times over for each scan. And is it bad luck with this network? Train two more that differ only in the seed.

# %%
rng = np.random.default_rng(0)
by_chance = []
for _ in range(20):
    spoiled = X_test.copy()
    at = rng.integers(64, size=len(spoiled))
    spoiled.reshape(-1, 64)[np.arange(len(spoiled)), at] = rng.random(
        len(spoiled)
    )
    by_chance.append((read(plain, spoiled) != y_test)[clear].mean())

seeds = {0: exact}
for seed in (1, 2):
    seeds[seed] = one_pixel_attack(
        fit(seed=seed), X_test, y_test, method="exhaustive"
    )
assert min(r.success_rate for r in seeds.values()) > 0.5
rows = {"a random pixel": [exact.accuracy_before, np.mean(by_chance)]}
for seed, r in seeds.items():
    rows[f"the worst pixel, seed {seed}"] = [
        r.accuracy_before,
        r.success_rate,
    ]
columns = ["test accuracy (%)", "of the right ones, fall (%)"]
(100 * pd.DataFrame(rows, index=columns).T).round(0).astype(int)

# %% [markdown]
# A random pixel and the worst one: both numbers are true of the same model. Noise asks about the *average* case: what dirt on the scanner will do. An attack asks about the *worst* case: what somebody who tries will do. A test with noise says nothing about the second.
#
# The accuracies of the three networks hardly differ; what one pixel can do to them differs more. Accuracy does not measure it.
#
# ## The weak spots are where training scans have no ink
#
# Where does the forger write? Count the pixels of the successful attacks, and put them beside the share of training scans that have any ink there.

# %%
# alt: Two maps: the margin has no ink in training, and that is where most of the attacks write.
ink = (X[train] > 0).mean(axis=0)
written = np.bincount(exact.pixels[exact.success, 0], minlength=64)
figure, axes = plt.subplots(1, 2, figsize=(7, 3))
maps = {"training scans with ink (%)": 100 * ink, "attacks": written}
for ax, (label, values) in zip(axes, maps.items(), strict=True):
    shown = ax.imshow(np.reshape(values, (8, 8)), cmap="viridis")
    figure.colorbar(shown, ax=ax, label=label)
    ax.set(xticks=[], yticks=[])
figure.suptitle("The attacks write on the margin")
plt.show()

# %%
rare = ink < 0.02
on_margin = rare.ravel()[exact.pixels[exact.success, 0]].mean()


class Wiped(torch.nn.Module):
    """A model that is shown scans with the rare pixels wiped."""

    def __init__(self, model):
        super().__init__()
        self.model = model
        self.keep = torch.as_tensor(~rare)

    def forward(self, scans):
        return self.model(scans * self.keep)


wiped = one_pixel_attack(Wiped(plain), X_test, y_test, method="exhaustive")
rows = {
    name: [r.accuracy_before, r.success_rate]
    for name, r in {"plain": exact, "rare pixels wiped": wiped}.items()
}
(100 * pd.DataFrame(rows, index=columns).T).round(0).astype(int)

# %% [markdown]
# In 12 of the 64 pixels fewer than 2 % of the training scans have ink, and 89 % of the successful attacks write there. Training hardly ever touched the weights of those pixels, so they are what chance made them, and the network obeys them. Wiping them before reading costs no accuracy and more than halves the harm. No new model was needed; somebody had to look at the data.
#
# ## A search finds the pixel with fewer questions
#
# A photograph has tens of thousands of pixels and millions of colours for each. Nobody tries them all. Su, Vargas and Sakurai (2019) let *differential evolution* search: a population of candidates (place, shade), each generation mixes three of them into a new one and keeps it if it does more harm. It needs no gradient; the answers of the model are enough. It is the default method of the helper.

# %%
some = slice(0, 100)
search = one_pixel_attack(
    plain, X_test[some], y_test[some], population=40, max_iterations=25
)
exact_some = exact.success[some].sum() / exact.frame["attacked"][some].sum()
assert search.success_rate <= exact_some + 1e-9
assert not (search.success & ~exact.success[some]).any()
pd.DataFrame(
    {
        "fall (%)": [
            round(100 * exact_some),
            round(100 * search.success_rate),
        ],
        "questions per scan, at most": [
            1 + 64 * 17,
            1 + 40 * 26,
        ],
        "on average": [
            1 + 64 * 17,
            f"about {round(search.mean_queries, -2):.0f}",
        ],
    },
    index=["every candidate", "differential evolution"],
)

# %% [markdown]
# Half of the questions here; for a photograph, trying everything is out of the question. But when a search comes home with nothing, that proves nothing.
#
# ## One step along the gradient moves all pixels a little
#
# The other extreme is to touch every pixel, each by at most $\varepsilon$. If the forger has the model, its gradient says in which direction each pixel raises the loss; the *fast gradient sign method* takes one step of $\varepsilon$ in that direction and stays inside the shades there are (Goodfellow, Shlens and Szegedy 2015):
#
# $$x' = \text{clip}\left(x + \varepsilon \cdot \text{sign}\, \nabla_x L(x, y)\right)$$
#
# First one scan by hand. Then the whole test set, against noise of the *same size*: each pixel up or down by $\varepsilon$, by the toss of a coin.

# %%
point = torch.tensor(scan[None], requires_grad=True)
loss = torch.nn.functional.cross_entropy(plain(point), torch.tensor([digit]))
(gradient,) = torch.autograd.grad(loss, point)
by_hand = np.clip(scan + 0.1 * np.sign(gradient[0].numpy()), 0, 1)

helper = fgsm(plain, X_test[[one]], [digit], epsilon=0.1)[0]
assert np.array_equal(by_hand, helper)
pd.DataFrame(
    {
        "before": scan[3],
        "gradient": gradient[0, 3].numpy().round(2) + 0.0,
        "after": by_hand[3],
    },
    index=pd.RangeIndex(8, name="column, in row 3"),
).round(2).T

# %%
# alt: Accuracy against epsilon: noise of the same size does little where the attack leaves next to nothing.
epsilons = np.array([0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3])
coin = np.random.default_rng(0).choice([-1, 1], size=X_test.shape)


def curve(model):
    """Return accuracy (%) against epsilon: the attack, and noise."""
    attacked = [
        accuracy(model, fgsm(model, X_test, y_test, e)) for e in epsilons
    ]
    noisy = [
        accuracy(model, (X_test + e * coin).clip(0, 1)) for e in epsilons
    ]
    return 100 * np.array([attacked, noisy])


attacked, noisy = curve(plain)
assert (attacked <= noisy + 1e-9).all()
# Right answers left at a tenth of the ink: the attack against the coin.
assert attacked[3] < 50 < 90 < noisy[3]

figure, ax = plt.subplots(figsize=(6.5, 3.4))
ax.plot(epsilons, noisy, "s--", color="0.45", label="noise of the same size")
ax.plot(epsilons, attacked, "o-", color="C4", label="gradient sign")
ax.set(
    xlabel="epsilon (1 is full ink)",
    ylabel="test accuracy (%)",
    ylim=(0, 102),
    title="A tenth of the ink, well placed, is enough",
)
figure.legend(loc="outside lower center", ncols=2)
plt.show()

# %% [markdown]
# ## Training on attacked scans helps, more than it costs
#
# The remedy is augmentation with the worst case: at each step, half of the scans are attacked with the model *as it is at that step*, at $\varepsilon = 0.1$. This is adversarial training. For comparison, a third network sees scans that were moved by up to one pixel and turned by up to 15 degrees: augmentation with what a scanner does.


# %%
def attack_half(rng):
    """Return a change that attacks each scan with a chance of one half."""

    def change(model, scans):
        half = rng.random((len(scans), 1, 1)) < 0.5
        return np.where(half, fgsm(model, scans, y[train], 0.1), scans)

    return change


turn = 15  # degrees


def move(rng):
    """Return a change that moves and turns each scan a little."""

    def change(model, scans):
        moved = shift_images(scans, (-1, 1), (-1, 1), random_state=rng)
        return rotate_images(moved, (-turn, turn), random_state=rng)

    return change


models = {
    "plain": plain,
    "trained on attacks": fit(attack_half(np.random.default_rng(0))),
    "trained on moved scans": fit(move(np.random.default_rng(0))),
}
single = {
    name: one_pixel_attack(model, X_test, y_test, method="exhaustive")
    for name, model in models.items()
}
curves = {name: curve(model) for name, model in models.items()}
table = pd.DataFrame(
    {
        name: {
            "clean": 100 * single[name].accuracy_before,
            "noise of 0.1": curves[name][1][3],
            "one step of 0.1": curves[name][0][3],
            "worst pixel": 100 * single[name].accuracy_after,
        }
        for name in models
    }
)
table.round(0).astype(int).rename_axis("test accuracy (%)")

# %% [markdown]
# Read the rows. The second network is *hardened*: training on attacks costs no accuracy on clean scans here; on harder tasks it often does (Madry et al. 2018). Under the attack it trained on, accuracy goes from 37 % to 78 %. Under the worst pixel, which it never met, from 38 % to 69 %.
#
# Move the controls. Take the plain network and raise $\varepsilon$: at which value do *you* begin to see the change, and how many of the scans are read right by then?

# %%
shown = [clear[y_test[clear] == d][0] for d in range(10)]


def under_attack(model, epsilon):
    """Draw ten attacked scans and what the network reads in them."""
    network = models[model]
    after = fgsm(network, X_test, y_test, epsilon)
    answers = read(network, after)
    figure, axes = plt.subplots(1, 10, figsize=(7.5, 1.4))
    for ax, i in zip(axes, shown, strict=True):
        ax.imshow(after[i], cmap="gray_r", vmin=0, vmax=1)
        right = answers[i] == y_test[i]
        ax.set_title(f"{answers[i]}" if right else f"{answers[i]} ✗")
        ax.set(xticks=[], yticks=[])
    share = 100 * (answers == y_test).mean()
    figure.suptitle(f"read right, of all 500: {share:.0f} %")
    return figure


explorer = nb.explore(
    under_attack,
    title="What the network reads",
    model=list(models),
    epsilon=[0.0, 0.05, 0.1, 0.2, 0.3],
    start={"epsilon": 0.1},
)
explorer

# %% [markdown]
# ## A defence covers what it was trained for
#
# Now be the forger who has read this far. The hardened network withstands one pixel in most scans, so take three. And somebody who never heard of attacks puts the paper in one pixel lower.

# %%
hard = "trained on attacks"
everyday = {
    "as scanned": X_test,
    "one pixel lower": shift_images(X_test, down=1),
    "one pixel to the right": shift_images(X_test, right=1),
    "turned by 20 degrees": rotate_images(X_test, 20),
    "a tenth covered": erase_images(X_test, 0.1, random_state=0),
}
daily = pd.DataFrame(
    {
        name: {
            how: 100 * accuracy(m, scans) for how, scans in everyday.items()
        }
        for name, m in models.items()
    }
)
three = {
    name: one_pixel_attack(
        model,
        X_test,
        y_test,
        n_pixels=3,
        population=40,
        max_iterations=40,
    )
    for name, model in models.items()
}
daily.loc["the worst pixel"] = table.loc["worst pixel"]
daily.loc["three bad pixels"] = {
    name: 100 * r.accuracy_after for name, r in three.items()
}
daily.round(0).astype(int).rename_axis("test accuracy (%)")

# %% [markdown]
# Two lessons. With three pixels instead of one, 77 % of the scans fall in the hardened network too: it makes the attack dearer and does not end it. And paper that lies one pixel lower costs the plain and the hardened network half of their right answers or more, without any forger. Only the network that has seen moved scans keeps reading. That one, in turn, is the easiest to attack. *Robust* is not a property of a model. It is a property of a model and a kind of change, and each needs its own row in the table.
#
# ## An attack must leave the label alone
#
# All this rests on one condition: the changed scan still *is* the digit it was. Turn a 6 upside down and the network reads a 9, which is no mistake. The helpers that move images check it: give them the labels and say that they are digits, and they refuse what makes one digit another.

# %%
is_six = y_test == 6
sixes, six = X_test[is_six], y_test[is_six]
attempts = {
    "turned": lambda: rotate_images(sixes, 180, y=six, kind="digits"),
    "mirrored": lambda: flip_images(sixes, y=six, kind="digits"),
}
for name, attempt in attempts.items():
    try:
        attempt()
    except ValueError as refusal:
        print(f"{name}: {refusal}")

turned, labels = rotate_images(sixes, 180, y=six, label_map={6: 9})
as_nine = (read(plain, turned) == labels).mean()
pd.DataFrame(
    {"scans": [len(sixes)], "read as 9 (%)": [round(100 * as_nine)]},
    index=["sixes upside down"],
)

# %% [markdown]
# The same holds for a large $\varepsilon$: at 0.3 some scans in the explorer are hard for a person too, and a wrong answer is no scandal there. State the size of the change with every figure of robustness.
#
# ## Check yourself

# %%
nb.quiz(
    (
        "A vendor reports: 'With 10 % of random noise on every pixel our "
        "model loses one point.' What does the head of security know now?"
    ),
    {
        "the model is robust against forgers": (
            "Noise is the average case. The forger picks the worst one."
        ),
        "the model copes with a dirty scanner of that kind": (
            "Right, and about attacks nothing: here noise did little where "
            "the attack of the same size did much."
        ),
        "nothing at all": (
            "It does say something about accidents of that kind and size."
        ),
    },
    answer="the model copes with a dirty scanner of that kind",
)

# %%
nb.quiz(
    (
        "`one_pixel_attack` with differential evolution fools 0 of 200 "
        "photographs. What have you shown?"
    ),
    {
        "no pixel can fool the model": (
            "A search that fails is no proof; only an exhaustive one is, for "
            "the values that it tried."
        ),
        "this search, with this budget, found nothing": (
            "That is an upper bound of robustness. Give it more generations, "
            "then another attack."
        ),
        "the gradient of the model is 0": (
            "This attack does not use the gradient; it works where there is "
            "none."
        ),
    },
    answer="this search, with this budget, found nothing",
)

# %% [markdown]
# ## Exercises
#
# ★ Train the plain network half as long again. The accuracy hardly moves. What happens to the share that falls to one pixel, and why might that be?
#
# ★★ Write `towards(x, gradient, epsilon)`: one *targeted* step. `gradient` is that of the loss for the digit that the forger *wants*; the step should make that loss smaller. No pixel moves by more than epsilon, and all stay between 0 and 1.


# %% tags=["exercise"] exercise="ch04-15-towards"
def towards(x, gradient, epsilon):
    """Return x one step closer to the class that is wanted."""
    ...


# %%
nine = np.full(len(sixes), 9)
wish = torch.tensor(sixes, requires_grad=True)
loss = torch.nn.functional.cross_entropy(
    plain(wish), torch.as_tensor(nine), reduction="sum"
)
(slope,) = torch.autograd.grad(loss, wish)
slope = slope.numpy()
nb.check(
    "ch04-15-towards",
    towards(sixes, slope, 0.2),
    fgsm(plain, sixes, nine, 0.2, targeted=True),
    mistakes={
        "That raises the loss: the step goes away from what is wanted.": (
            sixes + 0.2 * np.sign(slope)
        ).clip(0, 1),
        "Take the sign of the gradient: every pixel moves by epsilon.": (
            sixes - 0.2 * slope
        ).clip(0, 1),
        "Some pixels leave the range from 0 to 1: clip them.": (
            sixes - 0.2 * np.sign(slope)
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-15-towards"
# <details><summary>Solution</summary>
#
# The untargeted step adds, because it wants the loss of the true digit to grow. The targeted one subtracts, because it wants the loss of the *wanted* digit to shrink.
#
# ```python
# def towards(x, gradient, epsilon):
#     """Return x one step closer to the class that is wanted."""
#     return np.clip(x - epsilon * np.sign(gradient), 0, 1)
# ```
#
# </details>

# %% [markdown]
# ★★★ The head of security has one sentence in the contract for "robustness". Write it: against whom, which change, how large, which figure, measured how. What would you do about the scans that fail it?
#
# ## You have now
#
# - fooled a network that reads 96 % of the test scans: one pixel is enough for 60 % of those that it has right, and a random pixel does it in 2 %;
# - found that 89 % of those pixels lie where training has next to no ink, and that wiping them leaves 28 % instead of 60 %;
# - taken one step along the gradient: accuracy falls to 37 % with a tenth of the ink, where noise of the same size leaves 93 %;
# - trained on attacks: 78 % instead of 37 % under that step, and 29 % instead of 60 % fall to one pixel; yet 77 % fall to three, and of scans that lie one pixel lower only 48 % are read right.
#
# **In practice.** Attack your model before somebody else does: libraries such as Foolbox and the Adversarial Robustness Toolbox have stronger attacks, with many steps (Madry et al. 2018), and AutoAttack combines several (Croce and Hein 2020). Keep in mind that most failures in production are no attacks but everyday changes: a new camera, a shifted frame. Put both kinds in the same table.
#
# **Read on.** J. Su, D. V. Vargas, K. Sakurai (2019), *One pixel attack for fooling deep neural networks*. I. J. Goodfellow, J. Shlens, C. Szegedy (2015), *Explaining and harnessing adversarial examples*. A. Madry et al. (2018), *Towards deep learning models resistant to adversarial attacks*.

# %% tags=["claims", "remove-cell"]
nb.claim("64", scan.size)
nb.claim("17", len(np.unique(X)))
nb.claim("1,297", len(train))
nb.claim("200", fit.__defaults__[-1])
nb.claim("20", len(by_chance))
nb.claim("96 %", accuracy(plain, X_test))
nb.claim("60 %", exact.success_rate)
nb.claim("2 %", np.mean(by_chance))
nb.claim("15", turn)
nb.claim("0.3", epsilons[-1])
nb.claim("12", rare.sum())
nb.claim("89 %", on_margin)
nb.claim("28 %", wiped.success_rate)
nb.claim("37 %", table.loc["one step of 0.1", "plain"] / 100)
nb.claim("78 %", table.loc["one step of 0.1", hard] / 100)
nb.claim("93 %", table.loc["noise of 0.1", "plain"] / 100)
nb.claim("38 %", single["plain"].accuracy_after)
nb.claim("69 %", single[hard].accuracy_after)
nb.claim("29 %", single[hard].success_rate)
nb.claim("77 %", three[hard].success_rate)
nb.claim("48 %", daily.loc["one pixel lower", hard] / 100)
assert single[hard].accuracy_before >= exact.accuracy_before - 0.005
assert (
    daily.loc["one pixel lower", hard] < 0.52 * daily.loc["as scanned", hard]
)
assert daily.loc["one pixel lower"].idxmax() == "trained on moved scans"
assert table.loc["one step of 0.1"].idxmin() == "trained on moved scans"
assert single["trained on moved scans"].success_rate > exact.success_rate
assert wiped.accuracy_before >= exact.accuracy_before
assert wiped.success_rate < exact.success_rate / 2
