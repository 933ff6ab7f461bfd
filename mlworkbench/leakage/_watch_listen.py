"""Turn observed calls into a log of fits, splits and looks."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mlworkbench.leakage._watch_chosen import ChosenColumns, teller
from mlworkbench.leakage._watch_log import (
    Fit,
    Log,
    Look,
    Split,
    role_of,
    validation_pairs,
)
from mlworkbench.leakage._watch_match import owner_of
from mlworkbench.leakage._watch_patch import CROSS
from mlworkbench.leakage._watch_rows import RowBook, Rows, length_of
from mlworkbench.leakage._watch_where import Where, namespace, where

__all__ = ["Listener"]

_PREDICT = {"predict", "predict_proba", "predict_log_proba", "decision_function"}
_FIT = {"fit", "fit_transform", "fit_predict", "partial_fit", "fit_resample"}


class Listener:
    """Follow rows through the calls of one thread; never raise, never change."""

    def __init__(self) -> None:
        self.thread = threading.get_ident()
        self.log = Log()
        self.book = RowBook()
        self._fitted: dict[int, tuple[Any, frozenset[int]]] = {}
        self._predicted: dict[int, tuple[Any, Look]] = {}
        self._chosen = ChosenColumns()
        self._taking = False
        self._inputs: list[Rows | None] = []

    def before(self, name: str, args: Any, kwargs: Any) -> None:
        """Recognise what goes into a call, before it can change."""
        try:
            self._taking = name in {"train_test_split", "resample"}
            if self._taking:
                self._inputs = self._together(list(args))
        except Exception as error:
            self._trouble(name, error)

    def after(self, name: str, args: Any, kwargs: Any, result: Any) -> Any:
        """Write down what a call did; give its result back as it is."""
        self._taking = False
        try:
            if name in _FIT:
                self._fit(name, args[0], args[1:], kwargs, result)
            elif name == "transform":
                self._transform(args[0], args[1:], kwargs, result)
            elif name in _PREDICT or name == "score":
                self._look(name, args[0], args[1:], kwargs, result)
            elif name in CROSS:
                self._cross(name, args, kwargs, result)
            elif name == "split":
                return self._split(args[0], args[1:], kwargs, result)
            elif name == "train_test_split":
                self._one_split(result)
            elif name.startswith("metric:"):
                self._metric(name[7:], args, kwargs)
        except Exception as error:
            self._trouble(name, error)
        return result

    def taken(self, table: Any, index: Any, result: Any) -> None:
        """Follow rows that scikit-learn took for `train_test_split`."""
        if not self._taking:
            return
        try:
            rows = self.book.find(table)
            if rows is not None:
                at = np.asarray(index)
                self.book.remember(result, rows.take(at))
        except Exception as error:
            self._trouble("train_test_split", error)

    def _trouble(self, name: str, error: Exception) -> None:
        text = f"one call of {name} was not followed ({type(error).__name__}: {error})"
        self.log.troubles[text] = None

    def _together(self, tables: list[Any]) -> list[Rows | None]:
        """Recognise tables whose rows are the same, one by another."""
        names = list(namespace())
        found = [self.book.find(table, names) for table in tables]
        known = next((rows for rows in found if rows is not None), None)
        for place, table in enumerate(tables):
            if found[place] is not None or length_of(table) is None:
                continue
            if known is not None and len(known.ids) == length_of(table):
                rows = self.book.remember(table, known.target())
            else:
                rows = self.book.rows(table, names)  # type: ignore[assignment]
            found[place], known = rows, known or rows
        return found

    def _rows(self, args: Any, kwargs: Any) -> tuple[Rows | None, Any, Any]:
        x = args[0] if args else kwargs.get("X", kwargs.get("raw_documents"))
        if x is None and "y" in kwargs:
            x = kwargs["y"]
        y = args[1] if len(args) > 1 else kwargs.get("y")
        if x is not None and length_of(x) is None:
            kind = type(x).__name__
            self.log.troubles[f"rows that come as a {kind} are not followed"] = None
        rows = self.book.pair(x, y, namespace())[0]
        if rows is not None:
            rows = rows.made(self._chosen.makers(x, rows))
        return rows, x, y

    def _fit(self, name: str, estimator: Any, args: Any, kwargs: Any, out: Any) -> None:
        rows, x, y = self._rows(args, kwargs)
        if rows is None:
            return
        number = self.log.tick()
        ids = rows.ids
        if name == "partial_fit":
            before = [self.log.fits[i].ids for i in self.fits_of(estimator)]
            ids = np.unique(np.concatenate([ids, *before]))
        fit = Fit(
            number,
            type(estimator).__name__,
            role_of(estimator, name),
            ids,
            rows.made_by,
            where(),
            self.book.remember_values(x, self.book.find(x) or rows),
            y is not None,
            rows.sure,
        )
        self.log.fits[number] = fit
        numbers = {number, *self._stopping(estimator, kwargs)}
        self._remember_fit(estimator, frozenset(numbers))
        self._choosing(estimator, fit, x, rows)
        if name == "fit_resample":
            self._resampled(estimator, rows, fit, x, out)
        elif name in {"fit_transform", "fit_predict"}:
            self._put_out(out, rows.made(frozenset({number})))

    def _stopping(self, estimator: Any, kwargs: Any) -> Iterator[int]:
        """Write down the rows that tell a fit when to stop."""
        for other in validation_pairs(kwargs):
            rows = self.book.pair(*other, namespace())[0]
            if rows is not None:
                number = self.log.tick()
                name = type(estimator).__name__
                self.log.fits[number] = Fit(
                    number, name, "stopping", rows.ids, rows.made_by, where()
                )
                yield number

    def _choosing(self, estimator: Any, fit: Fit, x: Any, rows: Rows) -> None:
        """Remember what a fit says of the columns, should somebody choose by it."""
        tell = teller(estimator, fit.role)
        if tell is None:
            return
        number = fit.number
        if fit.role != "selector":
            number = self.log.tick()
            self.log.fits[number] = replace(
                fit, number=number, role="selector", hashes=None
            )
        line = fit.where.file, fit.where.line
        self._chosen.add(number, line, x, rows, tell)

    def _put_out(self, out: Any, rows: Rows) -> None:
        if length_of(out) == len(rows.ids):
            self.book.remember_output(out, rows)

    def _resampled(self, sampler: Any, rows: Rows, fit: Fit, x: Any, out: Any) -> None:
        if not isinstance(out, tuple) or len(out) < 2:
            return
        n = length_of(out[0]) or 0
        index = getattr(sampler, "sample_indices_", None)
        if index is not None and len(index) == n:
            ids = rows.ids[np.asarray(index)]
        elif n >= len(rows.ids):
            ids = np.concatenate([rows.ids, self.book.fresh(n - len(rows.ids))])
        else:
            ids = self.book.fresh(n)
        made = Rows(ids, rows.made_by | {fit.number}, rows.sure)
        self.book.remember(out[0], made)
        self.book.remember(out[1], made)

    def _remember_fit(self, estimator: Any, numbers: frozenset[int]) -> None:
        self._fitted[id(estimator)] = (weakref.ref(estimator), numbers)
        for name, value in list(vars(estimator).items()):
            if name.endswith("_") and hasattr(value, "fit"):
                self._remember_fit(value, numbers)
            elif name == "steps" and isinstance(value, list):
                for step in value:
                    if hasattr(step[1], "fit") and hasattr(step[1], "__dict__"):
                        self._remember_fit(step[1], numbers)

    def fits_of(self, estimator: Any) -> frozenset[int]:
        """Give the numbers of the fits that an estimator carries."""
        kept = self._fitted.get(id(estimator))
        if kept is not None and kept[0]() is estimator:
            return kept[1]
        found: frozenset[int] = frozenset()
        parts = [step[1] for step in getattr(estimator, "steps", [])]
        parts += [getattr(estimator, "estimator", None)]
        for part in parts:
            kept = self._fitted.get(id(part))
            if kept is not None and kept[0]() is part:
                found |= kept[1]
        return found

    def _transform(self, estimator: Any, args: Any, kwargs: Any, out: Any) -> None:
        rows = self._rows(args, kwargs)[0]
        if rows is not None:
            self._put_out(out, rows.made(self.fits_of(estimator)))

    def _look(
        self, name: str, estimator: Any, args: Any, kwargs: Any, out: Any
    ) -> None:
        rows, x, _ = self._rows(args, kwargs)
        own = self.fits_of(estimator)
        if rows is None or not len(rows.ids):
            return
        if not own:
            kind = type(estimator).__name__
            text = f"a {kind} was fitted where no one watched: its rows are unknown"
            self.log.troubles[text] = None
        look = Look(
            self.log.tick(),
            name,
            type(estimator).__name__,
            rows.ids,
            own,
            rows.made_by,
            where(),
            name == "score",
            hashes=self.book.content(x),
            sure=rows.sure,
        )
        look.again = self.log.asks_again(look)
        self.log.looks.append(look)
        if name in _PREDICT:
            self._put_out(out, rows.made(own))
            if isinstance(out, np.ndarray):
                owner = out if out.base is None else out.base
                self._predicted[id(owner)] = (weakref.ref(owner), look)

    def _cross(self, name: str, args: Any, kwargs: Any, out: Any) -> None:
        estimator = args[0] if args else kwargs.get("estimator")
        rows, _, _ = self._rows(args[1:], kwargs)
        if rows is None:
            return
        look = Look(
            self.log.tick(),
            name,
            type(estimator).__name__,
            rows.ids,
            frozenset(),
            rows.made_by,
            where(),
            True,
            cross=True,
            sure=rows.sure,
        )
        self.log.looks.append(look)
        if name == "cross_val_predict":
            self._put_out(out, rows)

    def _split(self, splitter: Any, args: Any, kwargs: Any, out: Any) -> Any:
        rows = self._rows(args, kwargs)[0]
        return out if rows is None else self._follow(splitter, rows, out, where())

    def _follow(
        self, splitter: Any, rows: Rows, out: Any, place: Where
    ) -> Iterator[Any]:
        for train, test in out:
            try:
                self.book.indices = [*self.book.indices[-18:], train, test]
                one, two = rows.ids[train], rows.ids[test]
                self._add_split(type(splitter).__name__, one, two, rows, place)
            except Exception as error:
                self._trouble("split", error)
            yield train, test

    def _one_split(self, result: Any) -> None:
        if not isinstance(result, list) or len(result) < 2:
            return
        train, test = self.book.find(result[0]), self.book.find(result[1])
        if train is not None and test is not None:
            self._add_split("train_test_split", train.ids, test.ids, train, where())

    def _add_split(
        self, name: str, train: Any, test: Any, rows: Rows, place: Where
    ) -> None:
        made = frozenset().union(*(r.made_by for r in self._inputs if r)) | rows.made_by
        number = self.log.tick()
        self.log.splits.append(Split(number, name, train, test, made, place))

    def _metric(self, name: str, args: Any, kwargs: Any) -> None:
        true = args[0] if args else kwargs.get("y_true")
        other = args[1] if len(args) > 1 else None
        for key in ("y_pred", "y_score", "y_prob", "y_proba", "probas_pred"):
            other = kwargs.get(key, other)
        look = self._prediction(other)
        rows = self.book.find(true, namespace())
        if rows is None and look is None:
            return
        ids = look.ids if look is not None else rows.ids  # type: ignore[union-attr]
        if rows is None and length_of(true) == len(ids):
            self.book.remember(true, Rows(ids))
        seen = Look(
            self.log.tick(),
            name,
            look.model if look else "",
            ids,
            look.own if look else frozenset(),
            look.made_by if look else frozenset(),
            where(),
            True,
        )
        seen.again = self.log.asks_again(seen)
        self.log.looks.append(seen)

    def _prediction(self, values: Any) -> Look | None:
        if not isinstance(values, np.ndarray):
            return None
        owner = owner_of(values)
        kept = self._predicted.get(id(owner))
        return kept[1] if kept is not None and kept[0]() is owner else None
