# %% [markdown]
# # Start here
#
# *5 minutes · data: flights*
#
# **You will** check that everything works, try each thing a notebook of this course can do, and choose where to go.
#
# **You will learn to** run a cell, move a control, commit to a guess, and have an answer checked.
#
# **You need** nothing yet. Click a cell and press Shift + Enter to run it; "Run All Cells" is in the Run menu.

# %%
import matplotlib.pyplot as plt

from mlworkbench import datasets
from mlworkbench import notebook as nb

nb.setup()
nb.environment()

# %% [markdown]
# Every notebook begins with `nb.setup()`: figures and tables then look the same everywhere. If something is missing from your environment, the cell above says what, and what to do.
#
# ## One data set runs through the course
#
# Every flight scheduled to leave New York City in 2013, with its weather. It has what real systems have: time, groups, values missing for a reason, columns that give the answer away, and a rare outcome that costs money. Each data set comes with a card. Read it before you trust the data.

# %%
flights = datasets.load("flights")
flights.card

# %%
flights.frame[
    ["time_hour", "carrier", "origin", "dest", "distance", "arr_delay"]
].head()

# %% [markdown]
# ## You commit to a guess before you see the answer
#
# Guessing first makes the answer stick, and shows you what you believed. Nobody sees it but you.

# %%
guess = nb.predict(
    "00-late",
    "What share of the flights that landed came 30 minutes late or more?",
    options=["about 5 %", "about 15 %", "about 30 %", "about 50 %"],
    why=(
        "It is one in six. Whether a model can tell which one in six "
        "is what this course is about."
    ),
)
guess

# %%
landed = flights.frame[flights.frame["arr_delay"].notna()]
late = landed["arr_delay"] >= 30
guess.reveal("about 15 %", measured=f"{100 * late.mean():.0f} %")

# %% [markdown]
# ## You move a control, and the result follows
#
# Here a slider says how many minutes count as late, and a list chooses the airport. Click the slider and use the arrow keys. The same control moves on the pages of the book, where nothing runs behind it.


# %%
def late_by_hour(minutes, airport):
    """Draw the share of late flights by scheduled hour of departure."""
    rows = landed if airport == "all" else landed[landed["origin"] == airport]
    share = 100 * (rows["arr_delay"] >= minutes).groupby(rows["hour"]).mean()
    figure, ax = plt.subplots(figsize=(6, 3))
    ax.bar(share.index, share, color="C0")
    ax.set(
        xlabel="scheduled hour of departure",
        ylabel="late (%)",
        ylim=(0, 75),
        xlim=(4, 24),
    )
    overall = 100 * (rows["arr_delay"] >= minutes).mean()
    ax.set_title(
        f"{minutes} minutes late or more, {airport}: {overall:.0f} %"
    )
    return figure


explorer = nb.explore(
    late_by_hour,
    minutes=[5, 15, 30, 60, 180],
    airport=["all", "EWR", "JFK", "LGA"],
    start={"minutes": 30},
)
explorer

# %% [markdown]
# Delay builds up during the day and eases late in the evening, whichever threshold you take. Keep that picture: it is the first thing a model will learn.
#
# ## You have an answer checked
#
# Exercises come with a stub that runs, a check, and a folded solution. The check accepts any right answer and says what is off in a wrong one. Replace the three dots by the number of flights that were *scheduled* to leave JFK in February, and run both cells.

# %% tags=["exercise"] exercise="00-february"
flights_from_jfk_in_february = ...

# %%
rows = flights.frame
here, then = rows["origin"] == "JFK", rows["month"] == 2
nb.check(
    "00-february",
    flights_from_jfk_in_february,
    (here & then).sum(),
    mistakes={
        "That is February at all three airports; keep JFK only.": then.sum(),
        "That is JFK over the whole year; keep February only.": here.sum(),
        "Those are the flights that landed; count all that were scheduled.": (
            here & then & rows["arr_delay"].notna()
        ).sum(),
        "Those are the flights that left; count all that were scheduled.": (
            here & then & rows["dep_time"].notna()
        ).sum(),
    },
)

# %% [markdown] tags=["solution"] exercise="00-february"
# <details><summary>Solution</summary>
#
# ```python
# frame = flights.frame
# flights_from_jfk_in_february = ((frame["origin"] == "JFK") & (frame["month"] == 2)).sum()
# ```
#
# </details>

# %% [markdown]
# ## You ask yourself
#
# Open an answer to see whether it is right, and why.

# %%
nb.quiz(
    "What lets you trust a number that you read in these notebooks?",
    {
        "somebody proofread it": (
            "Somebody did, once. Code and data change afterwards."
        ),
        "it was printed by the code above it": (
            "It was, on some day. Stored outputs grow stale in silence."
        ),
        "a test runs each notebook and compares": (
            "Stored outputs are compared with a fresh run, and the numbers in "
            "the text are asserted. Only what is yours, such as your progress "
            "below, is left out."
        ),
    },
    answer="a test runs each notebook and compares",
)

# %% [markdown]
# ## Where to go
#
# - [Draw a fair sample](ch04_training_data/01_draw_a_fair_sample.ipynb): five ways to choose flights, and how far each is from all of them.
# - [Keep a fair sample of a stream you cannot store](ch04_training_data/02_keep_a_fair_sample_of_a_stream.ipynb): see each flight once.
# - [Sample from what you have](ch04_training_data/03_sample_from_what_you_have.ipynb): weights that repair the wrong sample.
#
# What you guessed and had checked is written to a small file on your computer, so that you can see how far you are:

# %% tags=["nbval-ignore-output"]
nb.progress()

# %% tags=["claims", "remove-cell"]
nb.claim("30 minutes", landed.loc[late, "arr_delay"].min())
assert 1 / 7 < late.mean() < 1 / 5  # one in six
