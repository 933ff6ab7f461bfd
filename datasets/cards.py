"""Refresh the facts on the cards; what people wrote stays as it is.

Run from the repository, after a build or when a notebook begins to use a set:

    python datasets/cards.py

Counted from the data: rows, types, missing values, target rates, file sizes and
hashes of embedded files, and the notebooks that load each set. The hashes of
remote files are pinned by hand and only compared.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import yaml

from mlworkbench.datasets import make_triage_notes
from mlworkbench.datasets._dataset import target_of
from mlworkbench.datasets._errors import DatasetError
from mlworkbench.datasets._remote import find_file

HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parent / "notebooks_src"


def main_table(name: str, facts: dict[str, Any]) -> dict[str, pd.DataFrame] | None:
    """Read all tables of a data set without asking its card for types."""
    if facts["tier"] == "synthetic":
        return {name: make_triage_notes(facts["rows"])}
    if facts["tier"] == "embedded":
        files = sorted((HERE / name).glob("*.parquet"))
        return {path.stem: pd.read_parquet(path) for path in files}
    try:
        paths = [find_file(name, f, entry) for f, entry in facts["files"].items()]
    except DatasetError as error:
        print(f"{name}: facts not refreshed, {error}")
        return None
    parts = [pd.read_csv(path).assign(split=path.stem) for path in paths]
    table = pd.concat(parts, ignore_index=True)
    table = table if len(paths) > 1 else table.drop(columns="split")
    words = [c for c in table.select_dtypes("str") if c != "text"]
    return {name: table.astype(dict.fromkeys(words, "category"))}


def column_facts(written: dict[str, Any], table: pd.DataFrame) -> dict[str, Any]:
    """Put type and number of missing values before what people wrote."""
    if set(written) != set(table.columns):
        raise ValueError(
            f"the card describes {sorted(set(written) ^ set(table.columns))} "
            "and the table does not have them, or the other way round"
        )
    facts = {}
    for column in table.columns:
        entry = {"unit": "", "known": "before", **written[column]}
        counted = {
            "dtype": str(table[column].dtype),
            "missing": int(table[column].isna().sum()),
        }
        kept = {key: entry[key] for key in ("unit", "known", "meaning")}
        facts[column] = {**counted, **kept}
    return facts


def target_facts(name: str, entry: dict[str, Any], table: pd.DataFrame) -> dict:
    """Count a target's rows and positives."""
    target = target_of(table, name, entry["rule"])
    facts = {"rule": entry["rule"], "rows": int(target.notna().sum())}
    if len(entry["rule"]) > 1:
        facts["positives"] = int(target.sum())
        facts["positive_rate"] = round(facts["positives"] / facts["rows"], 6)
    return {**facts, "meaning": entry["meaning"]}


def used_in(name: str) -> list[str]:
    """List the notebooks that load a data set, in reading order."""
    call = rf"""\bload\(\s*["']{name}["']"""
    if name == "triage_notes":
        call += r"|\bmake_triage_notes\("
    return [
        path.relative_to(NOTEBOOKS).with_suffix("").as_posix()
        for path in sorted(NOTEBOOKS.rglob("*.py"))
        if re.search(call, path.read_text(encoding="utf-8"))
    ]


def refreshed(name: str, facts: dict[str, Any]) -> dict[str, Any]:
    """Give a card's content with all counted facts up to date."""
    facts = {**facts, "notebooks": used_in(name)}
    tables = main_table(name, facts)
    if tables is None:
        return facts
    main = tables[name]
    facts["rows"] = len(main)
    facts["columns"] = column_facts(facts["columns"], main)
    facts["targets"] = {
        t: target_facts(t, entry, main) for t, entry in facts["targets"].items()
    }
    for table, entry in facts.get("tables", {}).items():
        entry["rows"] = len(tables[table])
        entry["columns"] = column_facts(entry["columns"], tables[table])
        for column in entry["columns"].values():
            column.pop("known")
    if facts["tier"] == "embedded":
        facts["built_with"] = {"pyarrow": pa.__version__}
        order = [name, *facts.get("tables", {})]
        facts["files"] = {f"{t}.parquet": file_facts(name, t) for t in order}
    return facts


def file_facts(name: str, table: str) -> dict[str, Any]:
    """Give size and hash of an embedded file."""
    content = (HERE / name / f"{table}.parquet").read_bytes()
    return {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}


class _Dumper(yaml.SafeDumper):
    """Writes entries that hold only values on one line, as people do."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: Any = None) -> Any:
        nested = any(isinstance(v, dict | list) for v in mapping.values())
        return super().represent_mapping(tag, mapping, flow_style=not nested)


def as_yaml(facts: dict[str, Any]) -> str:
    """Write a card in the one form all cards have."""
    return yaml.dump(
        facts,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        width=88,
        default_flow_style=False,
    )


def main() -> None:
    """Refresh every card."""
    for path in sorted(HERE.glob("*/card.yaml")):
        old = path.read_text(encoding="utf-8")
        new = as_yaml(refreshed(path.parent.name, yaml.safe_load(old)))
        if new != old:
            path.write_text(new, encoding="utf-8")
            print(f"{path.parent.name}/card.yaml refreshed")


if __name__ == "__main__":
    main()
