"""Listen to scikit-learn: wrap its methods, and take every wrapper off again.

A wrapper holds nothing but the original: an estimator can be pickled, cloned
and sent to another process as before. Without a listener it only passes on.
"""

from __future__ import annotations

import copy
import functools
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Any

__all__ = ["CROSS", "METHODS", "listen", "stop_listening"]

METHODS = (
    "fit",
    "fit_transform",
    "fit_predict",
    "fit_resample",
    "partial_fit",
    "transform",
    "predict",
    "predict_proba",
    "predict_log_proba",
    "decision_function",
    "score",
)
_FUNCTIONS = {
    "sklearn.model_selection": (
        "train_test_split",
        "cross_val_score",
        "cross_validate",
        "cross_val_predict",
        "learning_curve",
        "validation_curve",
        "permutation_test_score",
    ),
    "sklearn.utils": ("resample",),
}
CROSS = frozenset(_FUNCTIONS["sklearn.model_selection"]) - {"train_test_split"}
_TAKERS = ("sklearn.model_selection._split", "sklearn.utils._indexing")

_listeners: list[Any] = []
_undo: list[Callable[[], None]] = []
_patched: set[type] = set()
_inside = threading.local()


def listen(listener: Any) -> None:
    """Tell a listener about every call from now on."""
    _listeners.append(listener)
    if len(_listeners) == 1:
        try:
            _patch_everything()
        except BaseException:
            stop_listening(listener)
            raise


def stop_listening(listener: Any) -> None:
    """Leave a listener alone; after the last one everything is as it was."""
    if listener in _listeners:
        _listeners.remove(listener)
    if not _listeners:
        while _undo:
            _undo.pop()()
        _patched.clear()


def call(name: str, original: Any, args: Any, kwargs: Any) -> Any:
    """Make the call, and tell the listeners of this thread, outermost only."""
    mine = [one for one in _listeners if one.thread == threading.get_ident()]
    if not mine or getattr(_inside, "depth", None):
        return original(*args, **kwargs)
    for one in mine:
        one.before(name, args, kwargs)
    _inside.depth = 1
    try:
        result = original(*args, **kwargs)
    finally:
        _inside.depth = 0
    for one in mine:
        result = one.after(name, args, kwargs, result)
    return result


def take(original: Any, args: Any, kwargs: Any) -> Any:
    """Take rows, and tell the listeners which."""
    result = original(*args, **kwargs)
    for one in _listeners:
        if one.thread == threading.get_ident() and len(args) > 1:
            one.taken(args[0], args[1], result)
    return result


def _wrap(name: str, original: Any, way: str = "call") -> Any:
    @functools.wraps(original)
    def observed(*args: Any, **kwargs: Any) -> Any:
        from mlworkbench.leakage import _watch_patch

        return getattr(_watch_patch, way)(name, original, args, kwargs)

    return observed


def _wrap_take(original: Any) -> Any:
    @functools.wraps(original)
    def observed(*args: Any, **kwargs: Any) -> Any:
        from mlworkbench.leakage import _watch_patch

        return _watch_patch.take(original, args, kwargs)

    return observed


def _subclasses(top: Any) -> Iterator[Any]:
    yield top
    for below in top.__subclasses__():
        yield from _subclasses(below)


def patch_class(cls: type, methods: tuple[str, ...] = METHODS) -> None:
    """Wrap the methods that a class itself defines."""
    if cls in _patched or cls is object or not _listeners:
        return
    _patched.add(cls)
    for name in methods:
        kept = vars(cls).get(name)
        if kept is None:
            continue
        if isinstance(getattr(kept, "fn", None), type(patch_class)):
            observed = copy.copy(kept)  # a method available under a condition
            observed.fn = _wrap(name, kept.fn)
        elif isinstance(kept, type(patch_class)):
            observed = _wrap(name, kept)
        else:
            continue
        try:
            setattr(cls, name, observed)
        except (AttributeError, TypeError):
            continue
        _undo.append(functools.partial(_restore, cls, name, kept, observed))


def _restore(owner: Any, name: str, kept: Any, observed: Any) -> None:
    if vars(owner).get(name) is observed:  # else somebody wrapped it in turn
        setattr(owner, name, kept)


def _patch_everything() -> None:
    import sklearn.metrics
    import sklearn.model_selection
    import sklearn.utils
    from sklearn.base import BaseEstimator

    for cls in {part for c in _subclasses(BaseEstimator) for part in c.__mro__}:
        patch_class(cls)
    splits = sklearn.model_selection._split
    for cls in [c for c in vars(splits).values() if isinstance(c, type)]:
        if "split" in vars(cls):
            patch_class(cls, ("split",))
    for module, names in _FUNCTIONS.items():
        for name in names:
            _patch_function(getattr(sys.modules[module], name), name)
    for name in sklearn.metrics.__all__:
        _patch_function(getattr(sklearn.metrics, name), f"metric:{name}")
    for module in _TAKERS:
        owner = sys.modules[module]
        kept = vars(owner)["_safe_indexing"]
        observed = _wrap_take(kept)
        owner._safe_indexing = observed  # type: ignore[attr-defined]
        undo = functools.partial(_restore, owner, "_safe_indexing", kept, observed)
        _undo.append(undo)
    _patch_births()


def _patch_function(function: Any, name: str) -> None:
    """Wrap inside the function, so that names imported earlier are heard too."""
    code = getattr(function, "__code__", None)
    if code is None or "func" not in code.co_freevars:
        return
    cell = function.__closure__[code.co_freevars.index("func")]
    kept = cell.cell_contents
    cell.cell_contents = _wrap(name, kept)
    _undo.append(functools.partial(setattr, cell, "cell_contents", kept))


def _patch_births() -> None:
    """Wrap classes that are made while listening, once they are complete."""
    from sklearn.base import BaseEstimator
    from sklearn.utils._set_output import _SetOutputMixin

    depth = [0]

    def patch(owner: Any) -> None:
        kept = vars(owner)["__init_subclass__"]

        def born(cls: Any, /, **kwargs: Any) -> None:
            depth[0] += 1
            try:
                kept.__func__(cls, **kwargs)
            finally:
                depth[0] -= 1
            if not depth[0]:
                for part in cls.__mro__:
                    patch_class(part)

        observed: Any = classmethod(born)
        owner.__init_subclass__ = observed
        undo = functools.partial(_restore, owner, "__init_subclass__", kept, observed)
        _undo.append(undo)

    owners = [c for c in BaseEstimator.__mro__ if "__init_subclass__" in vars(c)]
    for owner in {_SetOutputMixin, *owners} - {object}:
        patch(owner)
