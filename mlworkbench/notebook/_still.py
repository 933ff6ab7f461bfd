"""The explorer without a kernel: precomputed frames as self-contained HTML."""

from __future__ import annotations

import html
import json
from collections.abc import Sequence

from mlworkbench.notebook._controls import Control
from mlworkbench.notebook._frames import Frame
from mlworkbench.notebook._text import CARD

__all__ = ["still_html"]

_ROW = "display:flex;flex-wrap:wrap;gap:.5em 1.5em;align-items:center;margin:.25em 0"
_LABEL = "display:inline-flex;align-items:center;gap:.5em;min-height:2em"
_VIEW = "margin-top:.5em;overflow-x:auto"
_OUTPUT = "display:inline-block;min-width:{}ch;font-variant-numeric:tabular-nums"

_SCRIPT = """(function () {
  var root = document.currentScript.parentElement;
  function all(name) { return root.querySelectorAll("[data-mlw=" + name + "]"); }
  var data = JSON.parse(root.querySelector("script").textContent);
  var view = all("view")[0], inputs = all("control"), shown = data.start;
  data.frames[data.index[shown]] = view.innerHTML;
  all("hint").forEach(function (hint) { hint.remove(); });
  function position(input) {
    if (input.type === "checkbox") { return input.checked ? 1 : 0; }
    return input.type === "range" ? Number(input.value) : input.selectedIndex;
  }
  function update() {
    var at = 0;
    inputs.forEach(function (input, i) {
      var place = position(input);
      at = at * data.labels[i].length + place;
      if (input.type === "range") {
        var label = data.labels[i][place];
        input.setAttribute("aria-valuetext", label);
        input.parentElement.nextElementSibling.textContent = label;
      }
    });
    if (at !== shown) { view.innerHTML = data.frames[data.index[at]]; shown = at; }
  }
  inputs.forEach(function (input) {
    input.addEventListener("input", update);
    input.addEventListener("change", update);
  });
  update();
})();"""


def still_html(
    title: str, controls: Sequence[Control], frames: Sequence[Frame], start: int
) -> str:
    """Write the explorer as HTML that moves without a kernel.

    Parameters
    ----------
    title : str
        What the explorer shows.
    controls : sequence of Control
        The controls; the last one changes fastest.
    frames : sequence of Frame
        One per combination of values.
    start : int
        The combination shown first.

    Returns
    -------
    html : str
        One element. Its script finds its own parts, so that several explorers
        share a page; equal frames are stored once.
    """
    unique = list(dict.fromkeys(frame.html for frame in frames))
    places = {markup: place for place, markup in enumerate(unique)}
    first = frames[start].html
    data = {
        "start": start,
        "labels": [control.labels for control in controls],
        "index": [places[frame.html] for frame in frames],
        "frames": [None if markup == first else markup for markup in unique],
    }
    positions = _positions(controls, start)
    inputs = "\n".join(map(_input, controls, positions))
    return (
        f'<div role="group" aria-label="{html.escape(title)}" style="{CARD}">\n'
        f'<p style="margin:0 0 .25em"><strong>{html.escape(title)}</strong></p>\n'
        f'<div style="{_ROW}">\n{inputs}\n</div>\n'
        '<p data-mlw="hint" style="margin:.25em 0"><em>Run this cell to move the '
        "controls.</em></p>\n"
        f'<div data-mlw="view" aria-live="polite" style="{_VIEW}">{first}</div>\n'
        f'<script type="application/json">{_script_json(data)}</script>\n'
        f"<script>{_SCRIPT}</script>\n</div>"
    )


def _positions(controls: Sequence[Control], combination: int) -> list[int]:
    positions = []
    for control in reversed(controls):
        combination, position = divmod(combination, len(control.values))
        positions.append(position)
    return positions[::-1]


def _input(control: Control, position: int) -> str:
    name, own = html.escape(control.title), 'data-mlw="control" autocomplete="off"'
    label = html.escape(control.labels[position])
    if control.kind == "checkbox":
        checked = " checked" if position else ""
        box = f'<input type="checkbox" {own}{checked}>'
        return f'<label style="{_LABEL}">{box} {name}</label>'
    if control.kind == "dropdown":
        options = "".join(
            f"<option{' selected' if place == position else ''}>"
            f"{html.escape(text)}</option>"
            for place, text in enumerate(control.labels)
        )
        return (
            f'<label style="{_LABEL}">{name} '
            f'<select {own} style="font:inherit;max-width:100%">{options}</select>'
            "</label>"
        )
    widest = max(map(len, control.labels))
    return (
        f'<span style="{_LABEL}"><label style="{_LABEL}">{name} '
        f'<input type="range" min="0" max="{len(control.values) - 1}" step="1" '
        f'value="{position}" aria-valuetext="{label}" {own}></label>'
        f'<output style="{_OUTPUT.format(widest)}">{label}</output></span>'
    )


def _script_json(data: object) -> str:
    """Write JSON that cannot end its script element early."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    for risky, safe in (
        ("</", "<\\/"),
        ("<!--", "\\u003c!--"),
        ("<script", "\\u003cscript"),
    ):
        text = text.replace(risky, safe)
    return text
