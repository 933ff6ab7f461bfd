"""The committed notebooks: lint finds nothing, and a broken helper is noticed."""

# ruff: noqa: E402  (the tools are no package: their folder goes on the path first)

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

from _notebook_lint import lint_pair
from _notebook_pairs import find_pairs
from _notebook_run import environment

PAIRS = find_pairs(root=ROOT)

RESERVOIR_KEEPS_THE_FIRST = """
import itertools
import weakref

import numpy as np

from mlworkbench.sampling import ReservoirSampler as Sampler

first = weakref.WeakKeyDictionary()
add, extend, sample = Sampler.add, Sampler.extend, Sampler.sample


def note(sampler, items):
    kept = first.setdefault(sampler, [])
    kept += itertools.islice(items, sampler.k - len(kept))


def broken_add(self, item, weight=1):
    note(self, [item])
    return add(self, item, weight)


def broken_extend(self, items, weights=None):
    items = items if hasattr(items, "__len__") else list(items)
    before = list(first.get(self, []))
    result = extend(self, items, weights)
    first[self] = before
    note(self, items)
    return result


def broken_sample(self):
    right = sample.fget(self)
    kept = first.get(self, [])
    return np.asarray(kept) if isinstance(right, np.ndarray) else kept


Sampler.add, Sampler.extend = broken_add, broken_extend
Sampler.sample = property(broken_sample)
"""

# What breaks a helper, and a notebook that must notice. The code runs in the kernel
# before the first cell. A helper without an entry can go wrong in silence.
SABOTAGE = {
    "every group has the same weight in a standardised difference": (
        "ch06_model_development/11_simpsons_paradox",
        "from mlworkbench.evaluation import _simpson as room\n"
        "right_sums = room.count\n"
        "def flat(*args):\n"
        "    sums = right_sums(*args)\n"
        "    each = sums.mass.sum(axis=1, keepdims=True)\n"
        "    return type(sums)(*(part / each for part in sums))\n"
        "room.count = flat\n",
    ),
    "every bin weighs the same in a calibration error": (
        "ch06_model_development/09_make_probabilities_mean_something",
        "from mlworkbench.calibration import _error as room\n"
        "room.error_of = lambda sums, norm, debias=False: (\n"
        "    abs(sums.event - sums.prob)[sums.weight > 0]\n"
        "    / sums.weight[sums.weight > 0]\n"
        ").mean()\n",
    ),
    "the reservoir keeps the first k items": (
        "ch04_training_data/02_keep_a_fair_sample_of_a_stream",
        RESERVOIR_KEEPS_THE_FIRST,
    ),
    "importance weights are upside down": (
        "ch04_training_data/03_sample_from_what_you_have",
        "from mlworkbench.sampling import _importance as room\n"
        "right_weights = room.log_weights\n"
        "room.log_weights = lambda t, p: -right_weights(t, p)\n",
    ),
    "every overlap counts as a conflict": (
        "ch04_training_data/04_write_labeling_functions",
        "from mlworkbench.labeling import _summary as room\n"
        "room._differ = lambda codes, voted: voted.sum(axis=1) > 1\n",
    ),
    "rows whose window is open count as negatives": (
        "ch04_training_data/08_labels_that_arrive_late",
        "from mlworkbench.labeling import _feedback as room\n"
        "right_row = room._row\n"
        "room._row = lambda length, delay, follow, *rest: right_row(\n"
        "    length, delay, follow + int(length.value), *rest\n"
        ")\n",
    ),
    "the label model gives the majority vote": (
        "ch04_training_data/05_combine_noisy_votes",
        "from mlworkbench.labeling import LabelModel, MajorityVote\n"
        "LabelModel._proba = MajorityVote._proba\n",
    ),
    "the weighed consensus counts heads": (
        "ch04_training_data/07_when_people_disagree",
        "import mlworkbench.labeling as room\n"
        "right_consensus = room.consensus\n"
        "room.consensus = lambda *args, **options: right_consensus(\n"
        "    *args, **(options | {'method': 'majority'})\n"
        ")\n",
    ),
    "false alarms and misses change their prices": (
        "ch04_training_data/11_put_a_price_on_mistakes",
        "from mlworkbench.imbalance import _decide as room\n"
        "right_regrets = room._regrets\n"
        "room._regrets = lambda matrix: right_regrets(matrix)[::-1]\n",
    ),
    "the prior correction corrects nothing": (
        "ch04_training_data/12_does_resampling_help",
        "from mlworkbench.imbalance import _prior_correction as room\n"
        "room.correct_prior = lambda y_prob, had, has: y_prob\n",
    ),
    "the focal loss does not fade what is right": (
        "ch04_training_data/13_losses_for_rare_classes",
        "from mlworkbench.imbalance import _losses as room\n"
        "right_terms = room.focal_terms\n"
        "room.focal_terms = lambda logits, targets, gamma: right_terms(\n"
        "    logits, targets, 0.0\n"
        ")\n",
    ),
    "mixup mixes the rows and keeps the first label": (
        "ch04_training_data/14_make_more_data",
        "from mlworkbench.augmentation import _mixup as room\n"
        "right_mix = room._mix\n"
        "room._mix = lambda values, lam, first, second: (\n"
        "    values[first]\n"
        "    if values.sum() == len(values)\n"
        "    else right_mix(values, lam, first, second)\n"
        ")\n",
    ),
    "the one-pixel attack keeps the least harmful candidate": (
        "ch04_training_data/15_fool_a_model_with_one_pixel",
        "from mlworkbench.augmentation import _one_pixel as room\n"
        "right_scores = room._Problem.scores\n"
        "room._Problem.scores = lambda *args: -right_scores(*args)\n",
    ),
    "the gradient step goes down the loss": (
        "ch04_training_data/15_fool_a_model_with_one_pixel",
        "from mlworkbench.augmentation import _attacks as room\n"
        "right_sign = room._sign\n"
        "room._sign = lambda *args: -right_sign(*args)\n",
    ),
    "the largest value counts as the period": (
        "ch05_features/05_encode_cycles_and_positions",
        "from mlworkbench.features import _cyclical as room\n"
        "right_periods = room.resolve_periods\n"
        "room.resolve_periods = lambda *args: {\n"
        "    i: period - 1 for i, period in right_periods(*args).items()\n"
        "}\n",
    ),
    "every position step is the same wave": (
        "ch05_features/05_encode_cycles_and_positions",
        "from mlworkbench.features import SinusoidalPositions as Positions\n"
        "right = Positions._frequencies\n"
        "Positions._frequencies = lambda self: right(self) * 0 + 1\n",
    ),
    "the frequencies of the waves are not scaled": (
        "ch05_features/05_encode_cycles_and_positions",
        "from mlworkbench.features import _fourier as room\n"
        "room._check_scale = lambda scale, n_columns: room.np.ones(n_columns)\n",
    ),
    "training and new data change places": (
        "ch05_features/06_will_this_feature_generalise",
        "from mlworkbench.features import _generalization as room\n"
        "right_coverage = room.compare_coverage\n"
        "room.compare_coverage = lambda train, new: right_coverage(new, train)\n",
    ),
    "the hash forgets its signs": (
        "ch05_features/03_encode_categories_that_keep_coming",
        "from mlworkbench.features import _hash_encoder as room\n"
        "right_hash = room.hash_tokens\n"
        "room.hash_tokens = lambda tokens, bits, **signed: right_hash(\n"
        "    tokens, bits, signed=False\n"
        ")\n",
    ),
    "a category known in January counts as new in December": (
        "ch05_features/03_encode_categories_that_keep_coming",
        "from mlworkbench.features import _category_drift as room\n"
        "right_follow = room._follow\n"
        "room._follow = lambda column, train, *rest: right_follow(\n"
        "    column, train.iloc[: len(train) // 2], *rest\n"
        ")\n",
    ),
    "the crosses change their names": (
        "ch05_features/04_cross_features",
        "from mlworkbench.features import _cross as room\n"
        "right_names = room.name_crosses\n"
        "room.name_crosses = lambda cross, sep: right_names(cross, sep)[::-1]\n",
    ),
    "gaps that should have a reason are drawn at random": (
        "ch05_features/01_why_is_it_missing",
        "from mlworkbench.features import _simulate_missing as room\n"
        "room._chances = lambda score, count, *rest: room.np.full(\n"
        "    len(score), count / len(score)\n"
        ")\n",
    ),
    "of a group of columns only the first is shuffled": (
        "ch05_features/07_which_features_matter",
        "from mlworkbench.features import _importance_methods as room\n"
        "right_move = room._moved\n"
        "room._moved = lambda fold, subset, order: right_move(\n"
        "    fold, subset[:1], order\n"
        ")\n",
    ),
    "training ends a day too late": (
        "ch05_features/08_why_the_random_split_lied",
        "from mlworkbench.leakage import _split as room\n"
        "right_moment = room._moment\n"
        "room._moment = lambda *args: right_moment(*args) + room.pd.Timedelta('1D')\n",
    ),
    "a column stamped after the question passes": (
        "ch05_features/09_audit_a_split",
        "from mlworkbench.leakage import _time as room\n"
        "room._stamps = lambda *rest: []\n",
    ),
    "the guard always answers from the test set": (
        "ch05_features/12_wear_out_a_test_set",
        "from mlworkbench.leakage import _guarded as room\n"
        "room.GuardedTestSet._draw_level = lambda self: -1.0\n",
    ),
    "the watch overlooks resampling before the split": (
        "ch05_features/10_catch_a_leak_in_the_act",
        "from mlworkbench.leakage import _watch_report as room\n"
        "room._resampled_first = lambda *rest: iter(())\n",
    ),
    "copies across a split pass as chance": (
        "ch05_features/11_which_leaks_matter",
        "from mlworkbench.leakage import _duplicates as room\n"
        "room._chance = lambda *rest: (1.0, 0.0)\n",
    ),
    "a decision near the limit may flip unnoticed": (
        "ch06_model_development/07_test_behaviour_not_only_accuracy",
        "from mlworkbench.evaluation import _behaviour as room\n"
        "right = room.by_invariance\n"
        "room.by_invariance = lambda case, tolerance, on: right(\n"
        "    case, tolerance + 0.14, on\n"
        ")\n",
    ),
    "McNemar's test counts every flight, not those on which two models differ": (
        "ch06_model_development/12_choose_between_two_models",
        "from mlworkbench.evaluation import _compare as room\n"
        "room.mcnemar = lambda *right: (1.0, 1.0)\n",
    ),
    "gradients are never cleared": (
        "ch06_model_development/02_read_a_learning_curve_and_debug",
        "import torch\ntorch.optim.SGD.zero_grad = lambda *rest, **options: None\n",
    ),
    "workers do not exchange what they found": (
        "ch06_model_development/05_train_on_more_than_one_worker",
        "import torch.distributed\n"
        "torch.distributed.all_reduce = lambda *rest, **options: None\n",
    ),
    "slices are judged as if only one had been looked at": (
        "ch06_model_development/10_find_the_slices_you_did_not_think_of",
        "from mlworkbench.evaluation import _find_slices as room\n"
        "room.adjust_p_values = lambda p_values, *rest: p_values\n",
    ),
    "a guess by shares is made evenly": (
        "ch06_model_development/01_beat_a_baseline_first",
        "from mlworkbench.evaluation import _baseline_inputs as room\n"
        "right = room.rules_of_classes\n"
        "room.rules_of_classes = lambda shares, n: right(\n"
        "    (shares > 0) / (shares > 0).sum(), n)\n",
    ),
    "a threshold is chosen by the error seen": (
        "ch06_model_development/08_know_when_not_to_answer",
        "from mlworkbench.evaluation import _selective as room\n"
        "def seen(curve, target, delta, grid):\n"
        "    place = room.naive_place(curve, target)\n"
        "    level = curve.levels[place] if place >= 0 else float('inf')\n"
        "    return room.Choice(float(level), place, 'as seen')\n"
        "room.choose_threshold = seen\n",
    ),
}


@pytest.mark.parametrize("pair", PAIRS, ids=lambda pair: pair.text.stem)
def test_lint_is_clean(pair):
    problems = lint_pair(pair, ROOT)
    assert not problems, "\n" + "\n".join(map(str, problems))


def compare(notebook, folder, startup=""):
    """Run nbval on a copy of a notebook, after some code in its kernel."""
    profile = folder / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True)
    (profile / "00.py").write_text(startup, encoding="utf-8")
    copy = shutil.copy(notebook, folder)
    sanitize = f"--nbval-sanitize-with={ROOT / 'tests' / 'nbval_sanitize.cfg'}"
    options = ["-q", "-p", "no:cacheprovider", "--color=no", "--nbval"]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, sanitize, copy],
        cwd=folder,
        env=environment(folder) | {"PYTEST_ADDOPTS": ""},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=600,
    )


@pytest.mark.parametrize("breakage", SABOTAGE)
def test_a_broken_helper_turns_its_notebook_red(breakage, tmp_path):
    name, startup = SABOTAGE[breakage]
    notebook = ROOT / "notebooks" / f"{name}.ipynb"
    (tmp_path / "right").mkdir()
    (tmp_path / "broken").mkdir()
    right = compare(notebook, tmp_path / "right")
    assert right.returncode == 0, right.stdout[-4000:] + right.stderr[-2000:]
    broken = compare(notebook, tmp_path / "broken", startup)
    assert broken.returncode == 1, broken.stdout[-4000:] + broken.stderr[-2000:]
    # Noticed by what a cell shows or asserts, not by a crash of the sabotage.
    assert "Cell outputs differ" in broken.stdout or "AssertionError" in broken.stdout
