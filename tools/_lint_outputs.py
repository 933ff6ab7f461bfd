"""What stored outputs may hold: only what the next run gives again."""

from __future__ import annotations

import ast
import re

from _lint_code import draws
from _lint_lesson import Cell, Findings, Lesson

ADDRESS = re.compile(r"\b0x[0-9a-f]{6,}\b", re.IGNORECASE)
PATH = re.compile(
    r"(?<![\w/.:<~])/(?:[\w.+-]+/)+[\w.+-]+|\b[A-Z]:\\\w|site-packages|ipykernel_\d"
)
TIMING = re.compile(
    r"\b\d+(?:\.\d+)? ?(?:ms|µs|μs|us|ns|it/s)\b|\b\d+\.\d+ ?s\b|\b\d+\.\d+ seconds\b|"
    r"Wall time|CPU times|\bs/it\b"
)
PROGRESS = re.compile(r"\d+%\|.*\|")
ALT_LENGTH = 20


def errors(lesson: Lesson) -> Findings:
    """Hold that no cell fails, but where a stub says it is not implemented."""
    for cell in lesson.code:
        failed = [o for o in cell.outputs if o.output_type == "error"]
        expected = "raises-exception" in cell.tags
        for output in failed:
            if not expected or output.ename != "NotImplementedError":
                yield (
                    cell,
                    f"fails with {output.ename}; where the error is the lesson, catch "
                    "it and print it: except ValueError as error: print(error)",
                )
        if expected and not failed:
            yield (
                cell,
                'is tagged "raises-exception", which is for stubs that raise '
                "NotImplementedError, and raises nothing: take the tag away",
            )


def counts(lesson: Lesson) -> Findings:
    """Hold that cells ran in order in a fresh kernel: counts are 1..n."""
    for expected, cell in enumerate(lesson.code, 1):
        if cell.raw.execution_count != expected:
            yield (
                cell,
                f"has execution count {cell.raw.execution_count}, expected {expected}; "
                "execute the notebook: python tools/notebooks.py run PATH",
            )
            return


def stderr(lesson: Lesson) -> Findings:
    """Find warnings: they name files of one machine, and a course has none anyway."""
    for cell in lesson.code:
        for output in cell.outputs:
            if output.output_type == "stream" and output.name == "stderr":
                first = output.text.strip().split("\n", 1)[0][:80]
                yield cell, f'writes to stderr ("{first}"); mend what it warns of'


def media(lesson: Lesson) -> Findings:
    """Find media whose bytes change from run to run."""
    for cell in lesson.code:
        if cell.mimes("image/svg+xml"):
            yield cell, "has an SVG output, which holds a date; keep PNG figures"
        if any('id="T_' in html for html in cell.mimes("text/html")):
            yield cell, "shows a Styler, whose ids change; show a rounded table"
        if cell.mimes("application/vnd.jupyter.widget-view+json"):
            yield cell, "keeps a widget view: python tools/notebooks.py sync PATH"


def compared_text(lesson: Lesson) -> Findings:
    """Hold that compared text has no address, path, timing, progress bar or set."""
    for cell in lesson.code:
        if "nbval-ignore-output" in cell.tags:
            continue
        for text in cell.texts:
            yield from _compared(cell, text)
        for html in cell.mimes("text/html"):
            if found := ADDRESS.search(html):
                yield cell, f"shows an address ({found[0]}) in HTML; show a value"


def _compared(cell: Cell, text: str) -> Findings:
    for pattern, what, advice in [
        (ADDRESS, "an address", "assign the object, or end with plt.show()"),
        (PATH, "a path", "show path.name"),
        (PROGRESS, "a progress bar", "nb.setup() turns them off; call it first"),
        (TIMING, "a timing", "count operations instead"),
    ]:
        if found := pattern.search(text):
            yield cell, f"shows {what} ({found[0][:40]}); {advice}"
    for line in text.splitlines():
        if line.startswith(("{", "frozenset(", "set(")) and _reads_as_set(line):
            yield cell, f"shows a set ({line[:40]}); show sorted(...) of it"


def _reads_as_set(line: str) -> bool:
    if line.startswith(("frozenset(", "set(")):
        return True
    try:
        return isinstance(
            ast.literal_eval(re.sub(r"np\.\w+\(([^()]*)\)", r"\1", line)), set
        )
    except (ValueError, SyntaxError):
        return False


def alternative_texts(lesson: Lesson) -> Findings:
    """Hold that who cannot see a figure reads what it shows."""
    for cell in lesson.code:
        if draws(cell) and len(cell.alt) < ALT_LENGTH:
            yield (
                cell,
                "makes a figure without alternative text; begin the cell with "
                "# alt: what the figure shows, in a sentence",
            )
        for html in cell.mimes("text/html"):
            if _bare_image(html):
                yield cell, "shows an <img> without alt; give it one"
    for cell in lesson.prose:
        if re.search(r"!\[\s*\]\(", cell.source) or _bare_image(cell.source):
            yield cell, "has an image without alternative text: ![what it shows](file)"


def _bare_image(html: str) -> bool:
    # The frames of an explorer are strings inside a script: quotes are escaped.
    images = re.findall(r"<img\b[^>]*>", html.replace('\\"', '"'))
    return any(not re.search(r"\balt=(\"[^\"]|'[^'])", image) for image in images)
