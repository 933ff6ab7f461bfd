# %% [markdown]
# # Learn from labels that arrive late
#
# *20 minutes · data: flights*
#
# **You will** wait for the labels of a year of flights, for shorter and for longer, and measure what hurry costs.
#
# **You will learn to**
#
# - tell "no" from "not yet" in feedback that comes by itself;
# - choose the length of a feedback window from what it misses and what it delays;
# - recognise a difference between groups that is only a difference in how fast they answer.
#
# **You need** pandas with dates, and the idea of a label.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.labeling import feedback_window

nb.setup()

# %% [markdown]
# ## Claims come by themselves, and not at once
#
# An insurer pays when a flight from New York lands 30 minutes late or more. At the scheduled departure a model says how likely that is. Nobody has to label anything: whoever is late files a *claim* on landing. Such labels are called natural.
#
# They have two habits. A "yes" comes late, here hours after the prediction. And a "no" never comes: who is on time says nothing. So somebody has to decide how long silence must last until it counts as "no". That is the *feedback window*.
#
# The file has local clocks. We need moments in time: the scheduled arrival in the zone of its airport, plus the delay, is the landing.

# %%
data = datasets.load("flights")
airports = data.tables["airports"].set_index("faa")
flights = data.labelled().frame.reset_index(drop=True)
late = (flights["arr_delay"] >= 30).to_numpy()
distance = flights["distance"]

minute = pd.to_timedelta(flights["minute"], unit="min")
served = flights["time_hour"] + minute
day = served.dt.tz_localize(None).dt.normalize()
hhmm = flights["sched_arr_time"]
clock = day + pd.to_timedelta(hhmm // 100 * 60 + hhmm % 100, unit="min")

# The four airports that are not in the table lie in the Caribbean.
zone = flights["dest"].astype(str).map(airports["tzone"].astype(str))
zone = zone.fillna("America/Puerto_Rico")
due = pd.Series(index=flights.index, dtype=served.dtype)
for name, times in clock.groupby(zone):
    there = times.dt.tz_localize(name, nonexistent="shift_forward")
    due[times.index] = there.dt.tz_convert("America/New_York")
due = due.where(due > served, due + pd.Timedelta("1D"))

delay = pd.to_timedelta(flights["arr_delay"].astype(float), unit="min")
landed = due + delay
claim = landed.where(late)
hours = (landed - served) / pd.Timedelta("1h")
assert (hours > 0).all()

parts = {"on time": ~late, "late": late}
facts = {name: hours[part].describe() for name, part in parts.items()}
table = pd.DataFrame(facts).T[["count", "25%", "50%", "75%", "max"]]
table["count"] = table["count"].astype(int)
table.round(1).rename_axis("hours from departure to landing")

# %% [markdown]
# Flights that never landed where they should (cancelled, diverted) are left out here. Late flights land later, of course: *the class we look for is the one that answers last*. Clicks, refunds, complaints and defaults share this with flights.
#
# ## Commit to a guess

# %%
guess = nb.predict(
    "ch04-08-window",
    (
        "Of all flights, 16.1 % are late. The desk counts a flight as "
        "on time when no claim has come 4 hours after its scheduled "
        "departure. What late rate does it report?"
    ),
    options=["about 16 %", "about 14 %", "about 11 %", "about 8 %"],
    why=(
        "A late flight needs its time in the air, then 30 minutes or "
        "more. After 4 hours nearly half of them are not on the ground."
    ),
)
guess

# %% [markdown]
# ## A label is given when the window closes, and may be wrong by then
#
# Six flights of one afternoon in July; the window is 4 hours; it is now 21:00.

# %%
now = pd.Timestamp("2013-07-18 21:00", tz="America/New_York")
window = pd.Timedelta("4h")
rows = [176464, 176468, 176483, 176499, 176508, 176776]

closed = served[rows] + window <= now
said = claim[rows] <= served[rows] + window
later = closed & ~said & (claim[rows] <= now)
six = flights.loc[rows, ["carrier", "dest"]]
six["served"] = served[rows].dt.strftime("%H:%M")
six["closes"] = (served[rows] + window).dt.strftime("%H:%M")
six["claim"] = claim[rows].dt.strftime("%H:%M").fillna("none")
six["label"] = np.where(said, "late", "on time")
six["label"] = six["label"].where(closed, "not yet")
six["turns"] = np.where(later, "late after all", "")
six.reset_index(drop=True)

# %%
report = feedback_window(served[rows], claim[rows], "4h", observed_until=now)
found = report.frame.iloc[0]
assert found["labelled"] == closed.mean()
assert found["positives"] == (said & closed).sum()
assert found["turned"] == later.sum()
assert found["reported_rate"] == said[closed].mean()
found[["labelled", "positives", "negatives", "turned", "reported_rate"]]

# %% [markdown]
# Of the six, five have a label. One of those is "late", so the desk reports 20 %; two more turned late after their window had closed. The sixth is open: it must not be counted at all, neither as late nor as on time.
#
# ## In a year, four hours miss half of the claims
#
# The same for the whole year. `turned` is the share of negatives that turn positive sooner or later; `missed` the share of late flights that the window does not see; `wait` the mean time until a flight has its label.


# %%
def in_hours(report):
    """Return the table of a report with rates in per cent."""
    frame = report.frame
    hour = pd.Timedelta("1h")
    table = pd.DataFrame({"window (h)": (frame["window"] / hour).round(1)})
    table["labelled (%)"] = 100 * frame["labelled"]
    table["reported late (%)"] = 100 * frame["reported_rate"]
    table["turned (%)"] = 100 * frame["turned_share"]
    table["missed (%)"] = 100 * frame["missed"]
    table["wait (h)"] = frame["mean_wait"] / hour
    return table.round(1).set_index("window (h)")


lengths = ["2h", "3h", "4h", "5h", "6h", "8h", "10h", "12h", "24h"]
year = feedback_window(served, claim, lengths)
assert round(year.true_rate, 3) == round(late.mean(), 3)
in_hours(year)

# %%
four = year.frame["reported_rate"][2]
guess.reveal("about 8 %", measured=f"{100 * four:.1f} %")

# %%
# alt: The reported late rate rises with the length of the window, from 0.6 % at 2 hours to the true 16.1 % at about 10 hours.
ax = year.plot()
ax.set_title("The reported rate reaches the truth after ten hours")
plt.show()

# %% [markdown]
# The longer the window, the more correct the labels and the older. No length is right for all uses: an alarm wants labels today and can live with a bias that it knows; a training set can wait a day. With 24 hours almost nothing is missed. The error of a short window has a *direction*: it always reports too few.
#
# ## On the wall: one day, seen from three moments
#
# 18 July 2013: a smooth morning, thunderstorms in the evening. Move `window` and `seen_at`. Each bar is an hour of scheduled departure. Look for three things: the orange, labels that are wrong; the white, flights that have no label; and the reported rate in the title, which is *below* the true one wherever there are labels at all.

# %%
this = (day == "2013-07-18").to_numpy()
start = pd.Timestamp("2013-07-18", tz="America/New_York")
moments = {"14:00": 14, "18:00": 18, "22:00": 22}
kinds = ["late", "on time, and is", "on time, but is late", "no label yet"]
looks = {"late": "#0b3d66", "on time, and is": "#9fc5e8"}
looks |= {"on time, but is late": "#e69138", "no label yet": "white"}


def wall(window, seen_at):
    """Draw the labels of the flights of a day, by hour of departure."""
    now = start + pd.Timedelta(hours=moments[seen_at])
    some = this & (served <= now).to_numpy()
    at, wait = served[some], pd.Timedelta(hours=window)
    closed = (at + wait <= now).to_numpy()
    said = (claim[some] <= at + wait).to_numpy()
    kind = np.select(
        [~closed, said, late[some]], [kinds[3], kinds[0], kinds[2]], kinds[1]
    )
    counts = pd.crosstab(flights["hour"][some], kind)
    counts = counts.reindex(range(5, 24), columns=kinds, fill_value=0)
    report = feedback_window(
        at, claim[some], f"{window}h", observed_until=now
    )
    one = report.frame.iloc[0]
    figure, ax = plt.subplots(figsize=(7, 3.4))
    bottom = np.zeros(len(counts))
    for name in kinds:
        ax.bar(
            counts.index,
            counts[name],
            bottom=bottom,
            label=name,
            color=looks[name],
            edgecolor="0.4",
            linewidth=0.6,
        )
        bottom += counts[name].to_numpy()
    ax.set(xlabel="hour of scheduled departure", ylabel="flights")
    ax.set(xticks=range(5, 24, 3), ylim=(0, 85))
    told = f"{one['reported_rate']:.1%}" if one["labelled"] else "nothing"
    ax.set_title(
        f"labelled {one['labelled']:.0%}, reported late {told}, "
        f"really late {late[some].mean():.1%}"
    )
    figure.legend(loc="outside lower center", ncols=4)
    return figure


explorer = nb.explore(
    wall,
    title="Labels of 18 July",
    window=[2, 3, 4, 6, 8, 12],
    seen_at=list(moments),
    start={"window": 4, "seen_at": "22:00"},
)
explorer

# %% [markdown]
# A longer window removes the orange and adds white. Neither end is free. With 8 hours at 22:00 hardly a label is wrong, but the rate is that of the smooth morning: the storm is in the white. A long window is a *delayed* view, not only a smaller one.
#
# ## The newest bars always fall
#
# A popular panel has no window: it counts all claims that have come, over all flights served so far. Lay all days of the year on top of each other and look at 18:00.

# %%
wall_clock = claim.dt.tz_localize(None) - day
today = (flights["hour"] < 18).to_numpy()
seen = (wall_clock <= pd.Timedelta("18h")).to_numpy()
by_hour = pd.DataFrame({"seen at 18:00": seen, "true": late})[today]
by_hour = 100 * by_hour.groupby(flights["hour"]).mean()

# %%
# alt: By hour of departure. The true late rate climbs from 4.7 % to 23.8 %; what is seen at 18:00 follows it until ten o'clock and then falls to zero.
figure, ax = plt.subplots(figsize=(7, 3))
ax.plot(by_hour["true"], "-", color="0.3", label="true")
ax.plot(by_hour["seen at 18:00"], "o--", color="C1", label="seen at 18:00")
ax.set(xlabel="hour of scheduled departure", ylabel="late (%)")
ax.set_title("At 18:00 the afternoon looks ever better; it is ever worse")
ax.legend()
plt.show()

# %% [markdown]
# Whoever watches this panel sees an improvement on an average afternoon. The true rate goes from 4.7 % at 5:00 to 23.8 % at 17:00; the panel goes to zero. It mixes hours that have answered with hours that cannot have.
#
# Can one do better at 18:00, without waiting? The helper's `true_rate` counts each flight for as long as it was followed (Kaplan and Meier 1958).

# %%
zero = pd.Timestamp("2013-01-01")
at_18 = feedback_window(
    zero + (served.dt.tz_localize(None) - day)[today],
    zero + wall_clock[today],
    ["4h", "8h"],
    observed_until=zero + pd.Timedelta("18h"),
)
estimates = {
    "claims so far / flights so far": seen[today].mean(),
    "window of 4 h": at_18.frame["reported_rate"][0],
    "window of 8 h": at_18.frame["reported_rate"][1],
    "corrected for follow-up": at_18.true_rate,
    "the truth": late[today].mean(),
}
(100 * pd.Series(estimates)).round(1).rename("late, at 18:00 (%)").to_frame()

# %% [markdown]
# The correction is the best of the four and still short. It assumes that flights served in the afternoon behave like those of the morning, and they do not. No arithmetic replaces labels that have not come.
#
# ## The window closes before long flights land
#
# So far all flights were in one pot. Now compare carriers, with labels from a window of 5 hours.

# %%
got = late & (hours <= 5).to_numpy()
by = flights["carrier"].astype(str)
carriers = pd.DataFrame({"miles": distance, "5 h": got, "true": late})
carriers = carriers.groupby(by).mean()
carriers.insert(0, "flights", by.value_counts())
for name in ["5 h", "true"]:
    carriers[name] *= 100
    carriers[f"rank, {name}"] = carriers[name].rank(method="min").astype(int)
shown = carriers.loc[["F9", "EV", "9E", "US", "UA", "AA", "VX", "AS", "HA"]]
shown.astype({"miles": int}).round({"5 h": 1, "true": 1})

# %% [markdown]
# Frontier (F9) flies from New York to Denver. It is the worst of 16 carriers and looks like one of the best: rank 4, with 4.4 % late in place of 25.4 %. Virgin America (VX) gets a perfect score, because all that it flies is California and Nevada. Nothing in the table of labels gives it away. Every row has its label, most carriers have thousands, and the error has the shape of an insight.
#
# A model learns it just as readily. Train on January to September with two columns, the hour and the distance, and test on the rest of the year with full labels. The last row starts the clock not at departure but when an answer is *due*: 2 hours after the scheduled arrival.

# %%
train = (flights["month"] <= 9).to_numpy()
inputs = flights[["hour", "distance"]]
overdue = ((landed - due) / pd.Timedelta("1h")).to_numpy()
labels = {
    "5 h after departure": got,
    "24 h after departure": late & (hours <= 24).to_numpy(),
    "2 h after due arrival": late & (overdue <= 2),
}
rows = {}
for name, y in labels.items():
    model = make_pipeline(StandardScaler(), LogisticRegression())
    model.fit(inputs[train], y[train])
    scores = model.predict_proba(inputs[~train])[:, 1]
    auc = roc_auc_score(late[~train], scores)
    missed = 1 - y.sum() / late.sum()
    rows[name] = [100 * missed, *model[-1].coef_[0], auc]
columns = ["missed (%)", "weight of hour", "weight of distance", "AUC"]
learned = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
learned.round(dict(zip(columns, [1, 2, 2, 3], strict=True)))

# %% [markdown]
# With the short window distance becomes the strongest column: the model has learned *which flights are on the ground after five hours*. It ranks the flights of the autumn worse than it could (0.597 against 0.631). The clock that starts when the answer is due misses a fifth of the claims as well, but it misses them alike on short and long flights, so the order is nearly that of the full labels. A uniform error of labels costs the level; an error that depends on the inputs costs the model.
#
# > **Tip.** Measure the window from the moment at which an answer becomes possible, not from the moment of the prediction, and break the `missed` share down by group before you compare groups.
#
# > **Note.** With clicks it is the same, faster and slower. Most clicks come within minutes; the purchase that follows comes within hours or weeks, and no message says "I shall not buy". Train on fresh clicks and the newest advertisements look bad; wait for weeks and the model is weeks old. Systems that must learn at once take the silence for a "no" at first, correct it when the "yes" comes, and weight the loss for what is still to come (Chapelle 2014; Ktena et al. 2019).
#
# ## Check yourself

# %%
nb.quiz(
    (
        "You shorten the window from 8 hours to 4. What happens to the "
        "labels that say 'late'?"
    ),
    {
        "more of them are wrong": (
            "A claim that has come is true at any length of the window. "
            "It is silence that is read too early."
        ),
        "fewer are there, and those are right": (
            "All errors are on the other side, among the negatives. So "
            "the reported rate can only be too low."
        ),
        "the same number, sooner": "Half of the claims have not come yet.",
    },
    answer="fewer are there, and those are right",
)

# %%
nb.quiz(
    (
        "At 18:00 the desk drops flights whose window is open, but keeps "
        "those of them that have already filed a claim. 'More data, and "
        "they are certain.' What does this do to the late rate?"
    ),
    {
        "it raises it": (
            "Of the open flights only late ones get in. The rows that are "
            "kept were chosen by their label."
        ),
        "nothing, these labels are correct": (
            "Each label is correct, the choice of rows is not: on-time "
            "flights of the same hours are left out."
        ),
        "it lowers it": "Only positives are added; a rate cannot fall by that.",
    },
    answer="it raises it",
)

# %% [markdown]
# ## Exercises
#
# ★ In the table of carriers, change the window to 8 hours. Which carriers are still far off, and what do they have in common?
#
# ★★ Write `label_now(wait, age, window)`. For each row, `wait` is the number of hours from the prediction to the claim (NaN where none will ever come), `age` the hours since the prediction, both arrays; `window` is a number of hours. Return an array: NaN while the window is open, else 1 where the claim came within it and 0 where it did not.


# %% tags=["exercise"] exercise="ch04-08-label-now"
def label_now(wait, age, window):
    """Return 1, 0, or NaN while the window is open."""
    ...


# %%
wait = np.array([1.7, 4.5, 6.5, np.nan, np.nan, 1.5, 6.0])
age = np.array([7.8, 7.8, 7.4, 7.0, 2.0, 2.9, 2.9])
nan = np.nan
nb.check(
    "ch04-08-label-now",
    label_now(wait, age, 4),
    np.array([1, 0, 0, 0, nan, nan, nan]),
    mistakes={
        "Open rows get a label; give NaN while age < window.": np.array(
            [1, 0, 0, 0, 0, 1, 0]
        ),
        (
            "An open row with a claim gets a label, open rows without one "
            "do not: the rows are chosen by their label."
        ): np.array([1, 0, 0, 0, nan, 1, nan]),
        (
            "A claim that came after the window had closed does not count; "
            "compare wait with window, not with age."
        ): np.array([1, 1, 1, 0, nan, nan, nan]),
    },
)

# %% [markdown] tags=["solution"] exercise="ch04-08-label-now"
# <details><summary>Solution</summary>
#
# Ask whether the window has closed before you ask about the claim. A comparison with NaN is false, which is what is wanted here.
#
# ```python
# def label_now(wait, age, window):
#     """Return 1, 0, or NaN while the window is open."""
#     closed = age >= window
#     return np.where(closed, (wait <= window).astype(float), np.nan)
# ```
#
# </details>

# %% [markdown]
# ★★★ The insurer wants two numbers: an alarm within the day when a storm makes claims pile up, and a training set for next month's prices. Choose a window for each, say from which moment it is measured, which rate you would compare today's with, and what you would log so that labels can be corrected later.
#
# ## You have now
#
# - told "no" from "not yet": after 4 hours 48.8 % of the late flights have not been heard of, and 8.6 % of the "on time" labels turn;
# - weighed windows: 8 hours miss 3.8 % of the claims and give a label after 7.4 hours on average;
# - seen the worst carrier rank among the best, and a model that learned the window, because long flights answer late.
#
# **In practice.** Store when a row was served and when its feedback came, not only the label; the tables of windows were made from these two columns alone. Let labels be corrected when late feedback comes. Measure the delay of feedback again from time to time: it changes with products and seasons. And compare like with like: today at 18:00 with last week as it was known at 18:00.
#
# **Read on.** O. Chapelle (2014), *Modeling delayed feedback in display advertising*. S. I. Ktena et al. (2019), *Addressing delayed feedback for continuous training with neural networks in CTR prediction*. E. L. Kaplan and P. Meier (1958), *Nonparametric estimation from incomplete observations*.

# %% tags=["claims", "remove-cell"]
table = year.frame.set_index(year.frame["window"] / pd.Timedelta("1h"))
nb.claim("30 minutes", flights.loc[late, "arr_delay"].min())
nb.claim("16.1 %", late.mean())
nb.claim("20 %", found["reported_rate"])
nb.claim("18 July", day[this].iloc[0].day)
nb.claim("24 hours", table.index.max())
assert table.loc[24, "missed"] < 0.001
nb.claim("4.7 %", by_hour.loc[5, "true"] / 100)
nb.claim("0.6 %", table.loc[2, "reported_rate"])
assert table.loc[10, "missed"] < 0.01
nb.claim("21", now.hour)
nb.claim("22", max(moments.values()))
nb.claim("17", by_hour.index.max())
nb.claim("18", by_hour.index.max() + 1)
nb.claim("23.8 %", by_hour.loc[17, "true"] / 100)
assert round(by_hour.loc[17, "seen at 18:00"], 1) == 0
gaps = {k: v - estimates["the truth"] for k, v in estimates.items()}
assert all(gaps[k] < gaps["corrected for follow-up"] for k in list(gaps)[:3])
assert gaps["corrected for follow-up"] < 0
nb.claim("16", len(carriers))
nb.claim("4.4 %", carriers.loc["F9", "5 h"] / 100)
nb.claim("25.4 %", carriers.loc["F9", "true"] / 100)
nb.claim("4", carriers.loc["F9", "rank, 5 h"])
nb.claim("16", carriers.loc["F9", "rank, true"])
assert carriers.loc["VX", "5 h"].round(1) == 0
assert set(flights["dest"][by == "F9"]) == {"DEN"}
west = {"LAS", "LAX", "PSP", "SFO", "SJC"}
assert set(flights["dest"][by == "VX"]) == west
assert (carriers["flights"] > 1000).mean() > 0.5
for hour in moments.values():
    some = this & (served <= start + pd.Timedelta(hours=hour)).to_numpy()
    one = feedback_window(
        served[some],
        claim[some],
        [f"{k}h" for k in (2, 3, 4, 6, 8, 12)],
        observed_until=start + pd.Timedelta(hours=hour),
    ).frame
    one = one[one["labelled"] > 0]
    assert (one["reported_rate"] < late[some].mean()).all()
at_22 = one.set_index("window").loc[pd.Timedelta("8h")]
assert at_22["turned"] < 0.01 * at_22["negatives"]
quarter = pd.qcut(distance[late], 4)
uneven = pd.DataFrame({"due": overdue > 2, "flat": (hours > 5).to_numpy()})
uneven = uneven[late].groupby(quarter, observed=True).mean()
assert np.ptp(uneven["due"]) < 0.05 < 0.5 < np.ptp(uneven["flat"])
nb.claim("0.597", learned.loc["5 h after departure", "AUC"])
nb.claim("0.631", learned.loc["24 h after departure", "AUC"])
nb.claim("48.8 %", table.loc[4, "missed"])
nb.claim("8.6 %", table.loc[4, "turned_share"])
nb.claim("3.8 %", table.loc[8, "missed"])
nb.claim("7.4 hours", table.loc[8, "mean_wait"] / pd.Timedelta("1h"))
