"""One wrong answer to each exercise, and a fragment of the hint it must get.

``tests/test_exercises.py`` puts the wrong answer in place of the stub: the check
must say "wrong", with a message that holds the fragment. Choose the mistake that a
learner is most likely to make.
"""

# "ch04-02-stars": ("answer = 0.72 * 100", "factor 100"),
MISTAKES: dict[str, tuple[str, str]] = {
    "00-february": (
        'flights_from_jfk_in_february = (flights.frame["origin"] == "JFK").sum()',
        "keep February only",
    ),
    "ch04-02-algorithm-r": (
        "def reservoir(stream, k, rng):\n    return list(stream)[:k]",
        "You keep the first k items",
    ),
    "ch04-03-shift-weights": (
        "def shift_weights(have, world):\n"
        "    shares = [s.value_counts(normalize=True) for s in (have, world)]\n"
        "    return have.map(shares[0] / shares[1]).fillna(0)",
        "Upside down",
    ),
    "ch04-03-undo": (
        "def undo(p, k):\n    return p / k",
        "Divide the odds by k, not the chance",
    ),
    "ch04-01-weight-back": (
        "def weight_back(population, drawn, late):\n    return sum(late) / sum(drawn)",
        "parts were drawn at different rates",
    ),
    "ch04-04-stroke": (
        "def stroke(frame):\n"
        '    said = frame["note"].str.contains(r"\\bstroke\\b", case=False)\n'
        "    return np.where(said, EMERGENCY, ABSTAIN)",
        "look at what stands before the word",
    ),
    "ch04-08-label-now": (
        "def label_now(wait, age, window):\n"
        "    return np.where(wait <= window, 1.0, 0.0)",
        "Open rows get a label",
    ),
    "ch04-09-pseudo-labels": (
        "def pseudo_labels(proba, threshold):\n"
        "    sure = proba.max(axis=1) >= threshold\n"
        "    return np.where(sure, proba.argmax(axis=1), -1)",
        "A probability of just the threshold is not above it",
    ),
    "ch04-10-margin": (
        "def margin_queries(proba, n):\n"
        "    return np.argsort(proba[:, 0] - proba[:, 1])[:n]",
        "That compares the first two columns",
    ),
    "ch04-11-call-from": (
        "def call_from(false_alarm, miss, caught):\n"
        "    return false_alarm / (miss - caught)",
        "the odds: turn it into a probability",
    ),
    "ch04-13-focal": (
        "def focal(q, late, gamma):\n    return -((1 - q) ** gamma) * np.log(q)",
        "For a flight on time the true class has probability 1 − q",
    ),
    "ch04-14-mix-labels": (
        "def mix_labels(y, lam, partner):\n    return (1 - lam) * y + lam * y[partner]",
        "The share of the row itself is λ",
    ),
    "ch04-05-weighted-vote": (
        "def weighted_vote(votes, accuracy, prior):\n"
        "    weight = np.log(accuracy / (1 - accuracy))\n"
        "    start = np.log(prior / (1 - prior))\n"
        "    score = start + np.where(votes == 1, 1, -1) @ weight\n"
        "    return 1 / (1 + np.exp(-score))",
        "Silence counts as a vote for 0",
    ),
    "ch04-07-suspects": (
        "def suspects(y, p):\n    return p.argmax(axis=1) != y",
        "ask also that it reaches its threshold",
    ),
    "ch04-06-own-words": (
        "def own_word_votes(texts, names):\n"
        "    sets = [words(name.replace('_or_', '_')) for name in names]\n"
        "    votes = []\n"
        "    for text in texts:\n"
        "        found = [i for i, s in enumerate(sets) if s & words(text)]\n"
        "        votes.append(found[0] if len(found) == 1 else ABSTAIN)\n"
        "    return votes",
        "Drop the words that two names share",
    ),
    "ch04-12-honest-auc": (
        "def honest_auc(X, y, cv):\n"
        "    X, y = RandomOverSampler(random_state=0).fit_resample(X, y)\n"
        "    areas = []\n"
        "    for train, test in cv.split(X, y):\n"
        "        sampler = RandomOverSampler(random_state=0)\n"
        "        tree = small_tree().fit(*sampler.fit_resample(X[train], y[train]))\n"
        "        prob = tree.predict_proba(X[test])[:, 1]\n"
        "        areas.append(roc_auc_score(y[test], prob))\n"
        "    return areas",
        "You resample before the split",
    ),
    "ch04-15-towards": (
        "def towards(x, gradient, epsilon):\n"
        "    return np.clip(x + epsilon * np.sign(gradient), 0, 1)",
        "the step goes away from what is wanted",
    ),
    "ch05-05-clock-distance": (
        "def clock_distance(a, b, period):\n    return np.abs(a - b)",
        "it may be shorter over midnight",
    ),
    "ch05-03-out-of-fold": (
        "def out_of_fold(category, y, fold):\n"
        "    return [np.mean(y[category == c]) for c in category]",
        "Each row sees its own answer",
    ),
    "ch05-01-fill-by-group": (
        "def fill_by_group(train, test, column, group):\n"
        "    means = test.groupby(group)[column].transform('mean')\n"
        "    return test[column].fillna(means).fillna(test[column].mean())",
        "learn the means from train only",
    ),
    "ch05-04-cross": (
        "def cross_columns(a, b, min_count):\n"
        "    texts = [f'{x}, {y}' for x, y in zip(a, b)]\n"
        "    return [t if texts.count(t) > min_count else 'other' for t in texts]",
        "A combination in exactly min_count rows is kept",
    ),
    "ch05-06-unseen-share": (
        "def unseen_share(train, new):\n    return float((~new.isin(train)).mean())",
        "A missing value is no new category",
    ),
    "ch05-08-shared-days": (
        "def shared_days(train_time, test_time):\n"
        "    return test_time.isin(train_time).mean()",
        "Compare the days, not the moments",
    ),
    "ch05-07-joint-shuffle": (
        "def loss(model, X, y, columns, order):\n"
        "    moved = X.copy()\n"
        "    moved[columns] = X[columns].iloc[order]\n"
        "    before = roc_auc_score(y, model.predict_proba(X)[:, 1])\n"
        "    return before - roc_auc_score(y, model.predict_proba(moved)[:, 1])",
        "pandas put the rows back by their index",
    ),
    "ch05-02-standardise": (
        "def standardise(train, new):\n"
        "    return (new - new.mean(axis=0)) / np.maximum(new.std(axis=0), 1e-9)",
        "learn mean and spread from train",
    ),
    "ch05-09-expected-on-both": (
        "def expected_on_both(sizes, q):\n"
        "    return float(np.sum(1 - (1 - q) ** np.asarray(sizes)))",
        "A group can also lie in test alone",
    ),
    "ch05-12-luck": (
        "def luck(teams, rows, accuracy):\n"
        "    at_most = binom.cdf(np.arange(rows + 1), rows, accuracy) ** teams\n"
        "    return np.arange(rows + 1) @ np.diff(at_most, prepend=0) / rows",
        "take the truth away",
    ),
    "ch05-11-choose-fairly": (
        "def choose_fairly(X, y, train, k):\n"
        "    apart = X[y == 1].mean(axis=0) - X[y == 0].mean(axis=0)\n"
        "    return np.sort(np.argsort(-np.abs(apart))[:k])",
        "The test rows helped to choose",
    ),
    "ch05-10-largest-change": (
        "def largest_change(build, frame, is_train):\n"
        "    change = build(frame)[is_train] - build(frame[is_train])\n"
        "    return float(change.to_numpy().max())",
        "A change downwards is a change, too",
    ),
    "ch06-12-same-sign": (
        "def same_sign(difference, standard_error):\n"
        "    return norm.cdf(abs(difference) / standard_error)",
        "The second test set is noisy too",
    ),
    "ch06-10-score": (
        "def slice_score(errors, inside, alpha):\n"
        "    relative = errors[inside].mean() / errors.mean()\n"
        "    return alpha * relative - (1 - alpha) * len(errors) / inside.sum()",
        "Subtract 1 in both brackets",
    ),
    "ch06-02-blind-loss": (
        "def blind_loss(counts):\n    return float(np.log(len(counts)))",
        "That holds for equal classes only",
    ),
    "ch06-09-ece": (
        "def ece(y, p, n_bins):\n"
        "    bins = np.maximum(np.ceil(p * n_bins).astype(int), 1)\n"
        "    rows = np.bincount(bins)\n"
        "    gaps = np.abs(np.bincount(bins, y - p))[rows > 0] / rows[rows > 0]\n"
        "    return gaps.mean()",
        "Weigh each bin by its rows",
    ),
    "ch06-01-guess-f1": (
        "def guess_f1(share, chance):\n    return (share + chance) / 2",
        "twice the product over the sum",
    ),
    "ch06-05-combine": (
        "def combine(gradients, rows):\n    return np.mean(gradients, axis=0)",
        "weigh each worker by its rows",
    ),
    "ch06-07-fails": (
        "def fails(before, after, tolerance):\n"
        "    return before.argmax(axis=1) != after.argmax(axis=1)",
        "use the tolerance",
    ),
    "ch06-03-vote-of-three": (
        "def vote_of_three(a, b, c):\n    return 1 - (1 - a) * (1 - b) * (1 - c)",
        "one right reader is outvoted",
    ),
    "ch06-11-standardize": (
        "def standardize(rates, rows):\n"
        "    return (rates * rows).sum(axis=0) / rows.sum(axis=0)",
        "That is the crude rate",
    ),
    "ch06-08-ask": (
        "def ask(p_wrong, error_cost, agent_cost, agent_error):\n"
        "    return p_wrong * error_cost > agent_cost",
        "The agent errs, too",
    ),
    "ch06-04-best-run": (
        "def best_run(records, data):\n"
        "    losses = {\n"
        "        name: record['metrics']['log loss']\n"
        "        for name, record in records.items()\n"
        "        if record['state'] == 'finished'\n"
        "    }\n"
        "    return min(losses, key=losses.get)",
        "That run saw other data",
    ),
    "ch06-06-tries-needed": (
        "def tries_needed(share, certainty):\n    return int(np.ceil(1 / share))",
        "one hit on average",
    ),
}
