"""Features against their peers on a million rows: same result, then the clock.

Run with ``python benchmarks/features.py``; about two minutes on two cores.
"""

import warnings

import numpy as np
import pandas as pd
from _bench import best_of, show_table, show_versions
from category_encoders import HashingEncoder
from feature_engine.encoding import RareLabelEncoder
from sklearn.feature_extraction import FeatureHasher
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, PolynomialFeatures

from mlworkbench.features import FeatureCross, HashEncoder

N = 1_000_000
COLUMNS = ["tailnum", "dest", "carrier"]


def flights(n=N, seed=0):
    """Text columns with the numbers of values that flights have, skewed."""
    rng = np.random.default_rng(seed)
    sizes = {"tailnum": 4000, "dest": 105, "carrier": 16}
    columns = {}
    for name, size in sizes.items():
        values = np.array([f"{name[0].upper()}{i:04d}" for i in range(size)])
        columns[name] = values[(size * rng.random(n) ** 2).astype(int)]
    return pd.DataFrame(columns)


def tokens(frame):
    """The strings that FeatureHasher is given."""
    columns = [f"{name}=" + frame[name] for name in frame]
    return list(zip(*columns, strict=True))


def hashing_rows(frame):
    encoder = HashEncoder(n_bits=18).fit(frame)
    own, mine = best_of(lambda: encoder.transform(frame))
    hasher = FeatureHasher(2**18, input_type="string")
    made, theirs = best_of(lambda: hasher.transform(tokens(frame)), 1, warm_up=False)
    assert (mine != theirs).nnz == 0
    yield "hash 3 columns, 18 bits", "FeatureHasher, tokens made", made, own
    ready = tokens(frame)
    peer, theirs = best_of(lambda: hasher.transform(ready), 1, warm_up=False)
    assert (mine != theirs).nnz == 0
    yield "hash 3 columns, 18 bits", "FeatureHasher, tokens ready", peer, own
    fresh, again = best_of(lambda: HashEncoder(n_bits=18).fit_transform(frame))
    assert (again != theirs).nnz == 0
    yield "with fit and the map back", "FeatureHasher, tokens made", made, fresh
    yield from category_encoders_row(frame)


def category_encoders_row(frame):
    """Another hash (MD5, unsigned, dense): one count per column in both."""
    own, mine = best_of(
        lambda: HashEncoder(n_bits=4, signed=False, sparse_output=False).fit_transform(
            frame
        )
    )
    part = frame.iloc[: N // 10]
    encoder = HashingEncoder(n_components=16, max_process=1)
    peer, theirs = best_of(lambda: encoder.fit_transform(part), 1, warm_up=False)
    assert mine.shape == (N, 16)
    assert theirs.shape == (N // 10, 16)
    assert (mine.sum(axis=1) == 3).all()
    assert (theirs.to_numpy().sum(axis=1) == 3).all()
    name = "category_encoders HashingEncoder, a tenth × 10"
    yield "hash 3 columns, 4 bits, dense, fit too", name, 10 * peer, own


def same_groups(left, right):
    """Whether two codings of the rows agree up to names."""
    return np.array_equal(pd.factorize(left)[0], pd.factorize(right)[0])


def joined(frame, names):
    first, *others = names
    text = frame[first]
    for name in others:
        text = text + ", " + frame[name]
    return text


def crossing_rows(frame):
    names = ["dest", "carrier"]
    two = frame[names]
    own, mine = best_of(lambda: FeatureCross().fit_transform(two))
    peer, theirs = best_of(lambda: joined(two, names).astype("category"))
    assert (mine.iloc[:, 0].astype("str") == theirs.astype("str")).all()
    yield "cross 105 × 16 as category", "pandas, + and astype", peer, own

    own, mine = best_of(
        lambda: make_pipeline(FeatureCross(), OneHotEncoder()).fit_transform(two)
    )
    products = make_pipeline(
        OneHotEncoder(),
        PolynomialFeatures((2, 2), interaction_only=True, include_bias=False),
    )
    peer, theirs = best_of(lambda: products.fit_transform(two), 1)
    theirs = theirs.tocsr()
    assert mine.nnz == theirs.nnz == N  # the crosses within a column are all 0
    assert same_groups(mine.indices, theirs.indices)
    yield "cross 105 × 16, one-hot", "one-hot, PolynomialFeatures", peer, own


def rare_rows(frame):
    names = ["tailnum", "dest"]
    two = frame[names]
    own, mine = best_of(lambda: FeatureCross(min_count=50).fit_transform(two))

    def with_feature_engine():
        rare = RareLabelEncoder(tol=50 / N, n_categories=0, replace_with="other")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # pandas 3 has more kinds of text
            return rare.fit_transform(joined(two, names).astype(object).to_frame("x"))

    peer, theirs = best_of(with_feature_engine, 1, warm_up=False)
    assert (mine.iloc[:, 0].astype("str") == theirs["x"].astype("str")).all()
    yield "cross 4,000 × 105, rare ones are other", "+, RareLabelEncoder", peer, own

    own, slots = best_of(lambda: FeatureCross(hash_bits=18).fit_transform(two))
    hasher = FeatureHasher(2**18, input_type="string", alternate_sign=False)

    def with_hasher():
        crossed = "tailnum_x_dest=" + joined(two, names)
        return hasher.transform([[token] for token in crossed])

    peer, theirs = best_of(with_hasher, 1, warm_up=False)
    assert np.array_equal(slots.iloc[:, 0], theirs.indices)
    yield "cross 4,000 × 105, hashed in 18 bits", "+, FeatureHasher", peer, own


def main():
    show_versions("mlworkbench", "pandas", "scikit-learn", "category_encoders")
    show_versions("feature-engine")
    frame = flights()
    rows = [*hashing_rows(frame), *crossing_rows(frame), *rare_rows(frame)]
    print(f"{N:,} rows. Equality was asserted before every comparison; for")
    print("HashingEncoder, which has another hash, that each row counts 3.\n")
    show_table(rows)


if __name__ == "__main__":
    main()
