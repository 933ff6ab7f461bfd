"""Names that tell what a call does."""

from __future__ import annotations

import re

__all__ = ["is_estimator", "is_metric", "is_selector", "role_of_name"]

SPLITTERS = {"train_test_split", "temporal_split"}
CROSS_VALIDATORS = {
    "cross_val_score",
    "cross_validate",
    "cross_val_predict",
    "learning_curve",
    "validation_curve",
    "permutation_test_score",
}
SEARCHES = {
    "GridSearchCV",
    "RandomizedSearchCV",
    "HalvingGridSearchCV",
    "HalvingRandomSearchCV",
    "BayesSearchCV",
    "OptunaSearchCV",
    "TuneSearchCV",
}
WRAPPERS = {"Pipeline", "make_pipeline", "ColumnTransformer", "make_column_transformer"}
WRAPPERS |= {"FeatureUnion", "make_union", "TransformedTargetRegressor"}
# They learn nothing from rows, or nothing but names.
STATELESS = {"FunctionTransformer", "Normalizer", "HashingVectorizer", "Binarizer"}
STATELESS |= {"PolynomialFeatures", "FeatureHasher", "HashEncoder", "FeatureCross"}
STATELESS |= {"CyclicalEncoder", "SinusoidalPositions", "LabelEncoder"}
STATELESS |= {"LabelBinarizer", "MultiLabelBinarizer", "TSNE"}
NAMES_ONLY = {"OneHotEncoder", "OrdinalEncoder"}
STACKS = {"concat", "concatenate", "vstack"}
NUMBERS = {"range", "linspace", "geomspace", "logspace", "int", "float", "str", "round"}
# What `train` of XGBoost and LightGBM is called with.
BOOSTING = {"dtrain", "train_set", "num_boost_round", "evals", "valid_sets"}
BOOSTING |= {"early_stopping_rounds"}
DATA = {"DataFrame", "Series", "Index", "Dataset", "TensorDataset", "DMatrix", "Pool"}
DATA |= {"QuantileDMatrix", "LazyFrame", "Tensor", "FloatTensor", "LongTensor"}
UNSUPERVISED_SCORES = {
    "silhouette_score",
    "silhouette_samples",
    "calinski_harabasz_score",
    "davies_bouldin_score",
}
CURVES = {"classification_report", "confusion_matrix", "roc_curve", "det_curve"}
CURVES |= {"precision_recall_curve", "calibration_curve", "auc_score"}
CURVES |= {"precision_recall_fscore_support", "plot_roc_curve"}
CURVES |= {"plot_confusion_matrix", "confusion_matrix_at_thresholds"}
STATISTICS = {"mean", "std", "var", "median", "quantile", "percentile", "mode"}
STATISTICS |= {"min", "max", "sum", "corr", "corrwith", "cov", "describe", "skew"}
STATISTICS |= {"value_counts", "nanmean", "nanstd", "nanmedian", "nanmax", "nanmin"}
STATISTICS |= {"nanpercentile", "nanquantile", "corrcoef", "average", "amin", "amax"}
STATISTICS |= {"agg", "aggregate", "count", "nunique", "size", "kurt", "sem", "ptp"}
STATISTICS |= {"mutual_info_classif", "mutual_info_regression", "f_classif", "chi2"}
STATISTICS |= {"f_regression", "spearmanr", "pearsonr", "zscore", "mad", "mad_std"}
STATISTICS |= {"first", "last", "idxmax", "idxmin"}
COUNTS = {"sum", "count", "size", "nunique"}
SELECTING = {"corr", "corrwith", "corrcoef", "mutual_info_classif", "f_classif"}
SELECTING |= {"mutual_info_regression", "f_regression", "chi2", "spearmanr"}
EXTREMES = {"min", "max", "amin", "amax", "nanmin", "nanmax"}
# On all rows at once, and the rows stay: they put other rows into each.
WHOLE = {"zscore", "scale", "minmax_scale", "robust_scale", "maxabs_scale", "rank"}
WINDOWS = {"rolling", "expanding", "ewm"}
FROM_LATER = {
    "interpolate",
    "bfill",
    "rolling",
    "shift",
    "diff",
    "pct_change",
}  # each row takes from the next
WHOLE |= {"quantile_transform", "power_transform", "qcut", "interpolate", "bfill"}
WHOLE |= {"standardize", "rankdata", "boxcox", "yeojohnson"}
ROWWISE = {"astype", "abs", "map", "isin", "fillna", "notna", "isna", "ge", "gt", "le"}
ROWWISE |= {"lt", "eq", "ne", "clip", "round", "to_numpy", "copy", "replace", "between"}
ROWWISE |= {"where", "log", "log1p", "log10", "sqrt", "exp", "expm1", "cut", "array"}
ROWWISE |= {"to_numeric", "to_datetime", "asarray", "add", "sub", "mul", "div", "apply"}
ROWWISE |= {"ravel", "reshape", "to_frame", "squeeze", "reset_index", "to_list", "int"}
ROWWISE |= {"float", "square", "sin", "cos", "floor", "ceil", "contains", "startswith"}
ROWWISE |= {"lower", "upper", "strip", "int64", "float64", "tolist", "mask", "pow"}
SAME_ROWS = {"copy", "reset_index", "set_index", "sort_values", "sort_index", "rename"}
SAME_ROWS |= {"astype", "fillna", "dropna", "drop_duplicates", "assign", "get_dummies"}
SAME_ROWS |= {"infer_objects", "convert_dtypes", "replace", "clip", "round", "pipe"}
SAME_ROWS |= {"to_frame", "merge", "join", "ffill", "bfill", "deepcopy", "abs"}
CAUSAL = {"shift", "cumsum", "cumcount", "cummax", "cummin", "cumprod", "ffill", "diff"}
CAUSAL |= {"pct_change", "rolling", "expanding", "ewm", "ngroup", "head", "tail"}
NOTHING = {"print", "len", "display", "isinstance", "type", "id", "print_", "hasattr"}
NOTHING |= {"product", "combinations", "permutations", "ParameterGrid"}
NOTHING |= {"ParameterSampler"}
NOTHING |= {"bincount", "unique", "compute_class_weight", "histogram"}
NOTHING |= {"plot", "hist", "scatter", "show", "info", "boxplot", "heatmap", "barh"}
NOTHING |= {"pairplot", "to_csv", "to_parquet", "savefig", "dump", "bar", "to_pickle"}


OPTIMISERS = {"optimize", "minimize", "minimize_scalar", "fmin", "gp_minimize"}
OPTIMISERS |= {"maximize", "differential_evolution", "dual_annealing", "tune"}


def is_metric(name: str) -> bool:
    """Say whether a function of that name judges predictions."""
    if name in UNSUPERVISED_SCORES or name in CROSS_VALIDATORS:
        return False
    return name in CURVES or bool(
        re.search(r"_(score|error|loss|deviance|corrcoef|accuracy)$", name)
    )


def is_estimator(name: str) -> bool:
    """Say whether a class of that name surely is an estimator."""
    endings = r"Classifier|Regressor|Regression|SV[CR]|NB|Scaler|Encoder|Imputer"
    endings += r"|Vectorizer|PCA|Ridge|Lasso|ElasticNet|CV|SMOTE|Sampler|KMeans"
    return is_selector(name) or re.search(rf"({endings})$", name) is not None


def makes_model(name: str) -> bool:
    """Say whether a function that is defined elsewhere makes a model by its name."""
    kinds = "model|net|network|clf|classifier|regressor|estimator|pipeline|pipe"
    return (
        re.search(rf"^(make|build|create|get|new)_(\w+_)?({kinds})$", name) is not None
    )


def is_selector(name: str) -> bool:
    """Say whether an estimator of that name chooses columns."""
    return name.startswith(("Select", "RFE", "Boruta")) or name in {
        "VarianceThreshold",
        "SequentialFeatureSelector",
        "GenericUnivariateSelect",
    }


def role_of_name(name: str) -> str | None:
    """Say which part of the data the name of a variable speaks of."""
    words = re.split(r"_|(?<=[a-z])(?=[A-Z])", name)
    low = {re.sub(r"\d+$", "", word.lower()) for word in words}
    low |= {word[1:] for word in low if word.startswith(("x", "y")) and len(word) > 3}
    if low & {"val", "valid", "validation", "dev", "va", "cal", "calib", "calibration"}:
        return "validation"
    if low & {"test", "holdout", "testing", "tst"}:
        return "test" if not low & {"train", "size", "and"} else None
    return "train" if low & {"train", "training", "trn", "fit"} else None
