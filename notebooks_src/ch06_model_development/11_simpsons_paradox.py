# %% [markdown]
# # Compare like with like
#
# *16 minutes · data: admissions, flights*
#
# **You will** find comparisons that turn round when you look inside the groups: in a hospital, at a university, at three airports.
#
# **You will learn to**
#
# - see why an average can contradict each of its parts, and predict when it does;
# - compute a standardised comparison, by hand and with `simpson_check`;
# - say which of the two answers a decision needs, and when the table cannot tell.
#
# **You need** weighted averages, and what an interval is.

# %%
import fairlearn.metrics as fairness
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from sklearn.metrics import accuracy_score

from mlworkbench import datasets
from mlworkbench import notebook as nb
from mlworkbench.evaluation import simpson_check, slice_metrics

nb.setup()

# %% [markdown]
# ## "Which treatment works better?"
#
# A hospital removed kidney stones in two ways: by open surgery, or by a puncture through the skin. It counted successes, 350 patients each (Charig et al. 1986; the table is that of Julious & Mullee 1994). A committee wants to know which one to recommend.

# %%
counts = pd.DataFrame(
    [
        ("open surgery", "small", 81, 87),
        ("open surgery", "large", 192, 263),
        ("puncture", "small", 234, 270),
        ("puncture", "large", 55, 80),
    ],
    columns=["treatment", "stone", "success", "patients"],
)
together = counts.groupby("treatment")[["success", "patients"]].sum()
together["success (%)"] = 100 * together["success"] / together["patients"]
together.round(1)

# %% [markdown]
# The puncture is ahead by more than four points.
#
# ## Commit to a guess
#
# Patients had small stones (under two centimetres across) or large ones. Compare the treatments among the small stones only, and then among the large ones only.

# %%
guess = nb.predict(
    "ch06-11-within",
    "In which of the two groups does the puncture do better?",
    options=[
        "in both groups",
        "in one of them",
        "in neither",
    ],
    why=(
        "It was used mostly for small stones, which are easier whatever is "
        "done. Its average profits from easy cases, not from skill."
    ),
)
guess

# %% [markdown]
# ## Each group says the opposite of the whole
#
# Here are the parts. The last line is what the committee would have seen if both treatments had been given the same mix of stones, that of all 700 patients: a weighted average of the two rows above it, with the *same* weights for both columns. This is called direct standardisation.

# %%
cells = counts.pivot(index="stone", columns="treatment")
rates = cells["success"] / cells["patients"]
patients = cells["patients"].sum(axis=1)
share = patients / patients.sum()

by_hand = 100 * rates
by_hand.loc["all together"] = together["success (%)"]
by_hand.loc["same mix of stones"] = 100 * (rates.T * share).sum(axis=1)
by_hand["puncture less surgery"] = (
    by_hand["puncture"] - by_hand["open surgery"]
)
by_hand.insert(
    0,
    "share of patients (%)",
    100 * share.reindex(by_hand.index, fill_value=1),
)
by_hand.round(1)

# %%
guess.reveal(
    "in neither",
    measured=(
        f"{by_hand.loc['small', 'puncture less surgery']:.1f} points for small "
        f"stones, {by_hand.loc['large', 'puncture less surgery']:.1f} for large"
    ),
)

# %% [markdown]
# Puncture loses by 6.4 points on small stones and by 4.3 points on large ones, and wins by 4.6 points all together. With the same mix of stones it loses by 5.4 points. This is *Simpson's paradox*, after a paper of 1951 (Simpson 1951).
#
# Nothing is wrong with the arithmetic. Three quarters of the open operations were on large stones, three quarters of the punctures on small ones. The first column of averages describes hard cases, the second one easy cases.
#
# ## The helper finds the same, and says how sure it is
#
# `simpson_check` takes one row per patient, so we repeat each line of the table. Differences are shares here: 0.046 is 4.6 points.

# %%
rows = pd.concat(
    [
        counts.loc[counts.index.repeat(counts["success"])].assign(cured=True),
        counts.loc[
            counts.index.repeat(counts["patients"] - counts["success"])
        ].assign(cured=False),
    ],
    ignore_index=True,
)
stones = simpson_check(rows, "cured", "treatment", "stone")
found = stones.frame.iloc[0]
assert np.isclose(
    100 * found["standardized"],
    by_hand.loc["same mix of stones", "puncture less surgery"],
)
stones

# %% [markdown]
# Two things in this report are easy to overlook. Every interval contains 0: with 700 patients neither the lead nor the reversal is beyond chance. And the note at the end: that a comparison turns round does not yet say which answer to act on. We come back to that.
#
# ## Try it: move the mix
#
# Success falls as the share of large stones grows; the two lines connect a treatment's rate for small stones only (left) with its rate for large stones only (right). The line of open surgery is above at *every* share. A dot is what the hospital reports: the line at the mix that this treatment happened to get. The first setting is close to what happened, 75 % and 23 %. Look for the settings in which the lower line has the higher dot; and set both mixes equal.

# %%
small, large = rates.loc["small"], rates.loc["large"]
marks = {"open surgery": ("o", "C0"), "puncture": ("s", "C1")}


def reported(treatment, mix):
    """Return the success rate at a share of large stones, in percent."""
    part = mix / 100
    return 100 * ((1 - part) * small[treatment] + part * large[treatment])


def draw_mix(surgery_large, puncture_large):
    """Draw both lines, and a dot at the mix of each."""
    figure, ax = plt.subplots(figsize=(5.4, 3.2))
    mixes = {"open surgery": surgery_large, "puncture": puncture_large}
    seen = {}
    for name, mix in mixes.items():
        mark, color = marks[name]
        ends = [reported(name, 0), reported(name, 100)]
        ax.plot([0, 100], ends, color=color, linewidth=1)
        seen[name] = reported(name, mix)
        ax.plot(mix, seen[name], mark, color=color, markersize=9, label=name)
    gap = seen["puncture"] - seen["open surgery"]
    leader = "puncture" if gap > 0 else "open surgery"
    ax.set(
        xlabel="share of large stones (%)",
        ylabel="success (%)",
        ylim=(65, 97),
        title=f"Reported: {leader} leads by {abs(gap):.1f} points",
    )
    figure.legend(loc="outside lower center", ncols=2)
    return figure


explorer = nb.explore(
    draw_mix,
    title="The mix of cases",
    surgery_large=[5, 25, 50, 75],
    puncture_large=[5, 25, 50, 75],
    start={"surgery_large": 75, "puncture_large": 25},
)
explorer

# %% [markdown]
# A reversal needs two things: the groups differ in outcome (the lines fall), and the treatments differ in mix (the dots lie apart). With equal mixes it cannot happen, whatever the mix. That is what random assignment is for.
#
# ## Berkeley 1973: the university that was not biased, or was it?
#
# In the autumn of 1973, men who applied to graduate school at Berkeley were admitted more often than women (Bickel et al. 1975). These are the six largest departments, one row per application.

# %%
applications = datasets.load("admissions").frame
berkeley = simpson_check(applications, "admitted", "gender", "department")
berkeley

# %%
# alt: Difference in admission of men less women: all together far above zero, in department A far below, in the other departments around zero, standardised a little below zero.
berkeley.plot()
plt.show()

# %% [markdown]
# All together, men lead by 14.2 points. With the same mix of departments, they are 4.3 points *behind*. Four of six departments admitted women more often; in two the men lead, so `simpson_check` calls it a near-reversal. Look at the intervals: department A alone is clearly different. Women had applied to departments that admit few of anybody: E took 25 % of its applicants and F 6 %.
#
# Does that acquit the university? It says that the committees of these departments did not, on the whole, turn down women more often. It does not say why so few places were offered where women applied, nor what the applicants were like.
#
# ## Flights: better at every airport, and no better overall
#
# A traveller compares United (UA) and Envoy (MQ) by departures at least a quarter of an hour late. No groups come to mind, so let the helper try: `by` takes several columns, each alone and every two together.

# %%
flights = datasets.load("flights").frame.dropna(subset="dep_delay").copy()
flights["late"] = flights["dep_delay"] >= 15


def compare_carriers(names, by):
    """Return the check of two carriers."""
    rows = flights[flights["carrier"].isin(names)].copy()
    rows["carrier"] = rows["carrier"].cat.remove_unused_categories()
    return simpson_check(rows, "late", "carrier", by, reference=names[1])


envoy = compare_carriers(["MQ", "UA"], ["origin", "month"])
envoy

# %%
table = envoy.strata()
shown = pd.DataFrame(
    {
        "airport": table["group"],
        "MQ flights": table["n"],
        "UA flights": table["n_reference"],
        "MQ late (%)": 100 * table["value"],
        "UA late (%)": 100 * table["value_reference"],
    }
)
shown.round(1)

# %% [markdown]
# The year's averages are the same to a tenth of a point: 21.8 %. Yet United is better at each of the three airports, and 3.9 points better with the same mix. It flies mostly from Newark (EWR), where both are late most often; Envoy flies mostly from LaGuardia (LGA).
#
# By month the sign changes, too, from just below 0 to 0.001. That is a near-reversal by name, and of no interest: look at the size before the kind.
#
# "Chance may explain the first" is exact. The two averages do not differ, so it would be wrong to say that Envoy leads; and it would be wrong to say that the two are equally good.
#
# ## With a near-reversal, the mix you choose decides
#
# Now Endeavor (9E) against United. All together Endeavor is late more often by 4.4 points, and standardised less often by 2.0 points, both beyond chance.

# %%
endeavor = compare_carriers(["9E", "UA"], "origin")
endeavor

# %% [markdown]
# The standardised line uses the mix of both carriers' flights. Here is the same difference with other mixes: each line gives the share of the three airports, and the weighted average of the three differences above.

# %%
parts = endeavor.strata().iloc[:3].set_index("group")
gap = 100 * parts["difference"]
mixes = pd.DataFrame(
    {
        "mix of both": parts["n"] + parts["n_reference"],
        "mix of Endeavor": parts["n"],
        "mix of United": parts["n_reference"],
        "a third each": 1,
    }
)
shares = mixes / mixes.sum()
view = (100 * shares).T
view.columns = [f"{airport} (%)" for airport in view]
view["Endeavor less United (points)"] = shares.T @ gap
view.round(1)

# %% [markdown]
# At Newark Endeavor is 8.4 points better, at Kennedy (JFK) 13.0 points worse. There is no such thing as *the* difference: with Endeavor's own mix it is late more often, with United's less often. A weighted average of differences with both signs can take either sign, depending on the weights. When all groups agree, no choice of weights can turn the answer; when they disagree, show the groups and do not standardise them away.
#
# ## Two models with one average
#
# Averages of models hide the same way. One model is right for 98 % of the large group, nine tenths of all cases, and for 80 % of the small one. The other is right for 95 % of both. `slice_metrics` gives every group its rows, its interval, and its gap to the rest.

# %%
group = np.repeat(["large", "small"], [9_000, 1_000])
truth = np.ones(10_000, dtype=int)
uneven, even = truth.copy(), truth.copy()
uneven[:180] = uneven[9_000:9_200] = 0
even[:450] = even[9_000:9_050] = 0

one, two = (slice_metrics(truth, said, group) for said in (uneven, even))
peer = fairness.MetricFrame(
    metrics=accuracy_score,
    y_true=truth,
    y_pred=uneven,
    sensitive_features=group,
)
assert np.allclose(one.frame["value"], peer.by_group, rtol=0, atol=1e-12)
one

# %%
models = {"uneven model": one, "even model": two}
accuracy = pd.DataFrame(
    {
        name: report.frame.set_index("slice")["value"]
        for name, report in models.items()
    }
)
accuracy.loc["all rows"] = [
    report.overall.loc["accuracy", "value"] for report in models.values()
]
accuracy.index.name = None
(100 * accuracy).round(1)

# %% [markdown]
# Judged by all rows the uneven model wins, 96.2 % against 95.0 %. For one case in ten it is wrong four times as often. No reversal here, only an average that nobody in the small group experiences. (The cell also holds that fairlearn's `MetricFrame`, the library in production, gives the same numbers.)
#
# The paradox itself appears when models see *different* cases: a new model that is tried on easy traffic first, a shop's recommender in two countries, an A/B test whose arms were filled unevenly.
#
# ## The same table can need the other answer
#
# Take the hospital's table and change the heading of one column, nothing else. Two drugs; one of them works by lowering blood pressure, and the second column is the blood pressure measured *after* the treatment.

# %%
story = rows.rename(columns={"stone": "pressure after"}).replace(
    {"small": "low", "large": "high"}
)
pressure = simpson_check(story, "cured", "treatment", "pressure after")
columns = ["crude", "standardized", "kind"]
assert pressure.frame[columns].equals(stones.frame[columns])
pressure.frame[columns].round(3)

# %% [markdown]
# The numbers cannot differ; the data are the same. But now "puncture" patients have low pressure *because* of the treatment. To compare only patients with the same pressure takes away the very thing that helped. Here the answer of the whole is the right one (Pearl 2014).
#
# So the rule is not "always look inside the groups". Ask where the grouping comes from:
#
# - **Settled before, and it drives both the treatment chosen and the outcome** (size of the stone, airport for a traveller who lives there): compare within groups.
# - **Changed by the treatment** (pressure after it): compare all together.
# - **Neither clear** (was the department the applicant's free choice?): no table answers that. Say what you assume.

# %% [markdown]
# ## Check yourself

# %%
nb.quiz(
    (
        "Treatments were assigned by the toss of a coin, 10,000 patients "
        "each. Can the comparison turn round within the two sizes of stone?"
    ),
    {
        "yes, any data can": (
            "A reversal needs different mixes, and the coin makes them equal "
            "but for chance."
        ),
        "hardly: the mixes are nearly equal": (
            "With equal mixes the whole is the same weighted average for "
            "both, so it lies between the differences of the groups."
        ),
        "only if the stones differ in difficulty": (
            "They may differ as much as they like; with equal mixes that "
            "moves both averages alike."
        ),
    },
    answer="hardly: the mixes are nearly equal",
)

# %%
nb.quiz(
    (
        "A search over all pairs of 30 columns finds two reversals of a "
        "difference of 0.1 points. What do you report?"
    ),
    {
        "two reversals": (
            "Of hundreds of comparisons of a difference near 0, some turn "
            "round by chance."
        ),
        "nothing before p was corrected for all comparisons": (
            "The column p, corrected does that; a difference near 0 has no "
            "sign that could be reversed."
        ),
        "the standardised difference instead of the crude one": (
            "That is chosen after seeing the answers; which one is right "
            "depends on where the grouping comes from."
        ),
    },
    answer="nothing before p was corrected for all comparisons",
)

# %% [markdown]
# ## Exercises
#
# ★ Call `compare_carriers` for Endeavor and United with `hour` in place of `origin`. How many groups point the other way now, and what does the interval of the standardised difference say?
#
# ★★ Write `standardize(rates, rows)`: two tables with one line per group and one column per treatment. Return the success rate of each treatment if both had the mix of all rows, as a vector with one number per column.


# %% tags=["exercise"] exercise="ch06-11-standardize"
def standardize(rates, rows):
    """Return one rate per column, all with the mix of all rows."""
    ...


# %%
two_cases = [
    (rates.to_numpy(), cells["patients"].to_numpy()),
    (
        np.array([[0.5, 0.4], [0.2, 0.3], [0.9, 0.1]]),
        np.array([[10, 40], [60, 20], [30, 40]]),
    ),
]


def all_cases(function):
    """Return the answers for all cases as one vector; None: not written."""
    answers = [function(*case) for case in two_cases]
    return None if answers[0] is None else np.concatenate(answers)


nb.check(
    "ch06-11-standardize",
    all_cases(standardize),
    all_cases(lambda r, n: np.average(r, axis=0, weights=n.sum(axis=1))),
    mistakes={
        "That is the crude rate: each column has its own mix there.": (
            all_cases(lambda r, n: (r * n).sum(axis=0) / n.sum(axis=0))
        ),
        "A plain mean gives every group the same weight.": (
            all_cases(lambda r, n: r.mean(axis=0))
        ),
        "That is the mix of the first column; use the rows of both.": (
            all_cases(lambda r, n: n[:, 0] / n[:, 0].sum() @ r)
        ),
    },
)

# %% [markdown] tags=["solution"] exercise="ch06-11-standardize"
# <details><summary>Solution</summary>
#
# One weight per group, the same for all columns.
#
# ```python
# def standardize(rates, rows):
#     """Return one rate per column, all with the mix of all rows."""
#     weight = rows.sum(axis=1) / rows.sum()
#     return weight @ rates
# ```
#
# </details>

# %% [markdown]
# ★★★ Your new ranking model was switched on for returning visitors first. It clicks better than the old one there, worse among new visitors, and better all together. Write the message to the product owner: which figure do you show, what do you assume, and which experiment would settle it?
#
# ## You have now
#
# - seen a treatment lead by 4.6 points and lose in each of its groups, by 6.4 and 4.3;
# - standardised by hand and with `simpson_check`: minus 5.4 points for the puncture, plus 14.2 turned into minus 4.3 at Berkeley;
# - found two carriers with the same average, 21.8 %, of which one is better at every airport;
# - seen that a near-reversal can be standardised to either sign, and that the same table can need either answer.
#
# **In practice.** Show a comparison beside the mix of cases behind it. Fix the groups before looking, from what you know about the process. Where you can, assign at random; where you cannot, standardise or model the causes of both treatment and outcome, and say which ones you could not see.
#
# **Read on.** E. H. Simpson (1951), *The interpretation of interaction in contingency tables*. C. R. Charig, D. R. Webb, S. R. Payne and J. E. A. Wickham (1986), *Comparison of treatment of renal calculi by open surgery, percutaneous nephrolithotomy, and extracorporeal shockwave lithotripsy*. S. A. Julious and M. A. Mullee (1994), *Confounding and Simpson's paradox*. P. J. Bickel, E. A. Hammel and J. W. O'Connell (1975), *Sex bias in graduate admissions: data from Berkeley*. J. Pearl (2014), *Understanding Simpson's paradox*.

# %% tags=["claims", "remove-cell"]
difference = by_hand["puncture less surgery"]
nb.claim("350", together["patients"].iloc[0])
nb.claim("700", stones.n_rows)
nb.claim("6.4", -difference["small"])
nb.claim("4.3", -difference["large"])
nb.claim("4.6", difference["all together"])
nb.claim("5.4", -difference["same mix of stones"])
nb.claim("0.046", found["crude"])
large_share = 100 * cells["patients"].loc["large"] / cells["patients"].sum()
nb.claim("75 %", large_share["open surgery"] / 100)
nb.claim("23 %", large_share["puncture"] / 100)
men = 100 * berkeley.frame.iloc[0][["crude", "standardized"]].astype(float)
nb.claim("14.2", men["crude"])
nb.claim("4.3", -men["standardized"])
admitted = applications.groupby("department", observed=True)[
    "admitted"
].mean()
nb.claim("25 %", admitted["E"])
nb.claim("6 %", admitted["F"])
airports = envoy.frame.query("by == 'origin'").iloc[0]
nb.claim("21.8 %", airports["value"])
nb.claim("21.8 %", airports["value_reference"])
nb.claim("3.9", 100 * airports["standardized"])
months = envoy.frame.query("by == 'month'").iloc[0]
nb.claim("0.001", months["standardized"])
assert -0.001 < months["crude"] < 0
nb.claim("4.4", 100 * endeavor.frame["crude"].iloc[0])
nb.claim("2.0", -100 * endeavor.frame["standardized"].iloc[0])
assert endeavor.frame["shown"].iloc[0]
nb.claim("8.4", -gap["EWR"])
nb.claim("13.0", gap["JFK"])
nb.claim("98 %", one.frame["value"].iloc[0])
nb.claim("80 %", one.frame["value"].iloc[1])
nb.claim("95 %", two.frame["value"].iloc[1])
nb.claim("96.2 %", one.overall["value"].iloc[0])
nb.claim("95.0 %", two.overall["value"].iloc[0])
