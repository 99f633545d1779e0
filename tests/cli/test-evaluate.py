# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares `pastiche evaluate` with PyTorch in double precision: every loss and the whole gradient, for the
small random models and for the built-in one. Prints TAP; skipped without PyTorch."""
import json
import os
import subprocess
import sys
import tempfile

try:
    import torch    # noqa: F401
except ImportError:
    print("1..0 # SKIP no PyTorch for " + sys.executable)
    sys.exit(0)

import numpy as np

SOURCE, BUILD = os.environ["SRCDIR"], os.environ["BUILDDIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests/data"))
sys.dont_write_bytecode = True
from make_reference import BASE, DEEP, FOLDER, cases, pictures    # noqa: E402
from reference import Model, evaluate, read_safetensors    # noqa: E402

TOLERANCE = 1e-4
# With products of bf16 numbers: largest errors of a loss and of the gradient, and the least that shows that
# they were used.
FAST, FAST_GRADIENT, LEAST = 0.1, 0.4, 1e-3
EMBEDDED = os.path.join(SOURCE, "weights/slim.safetensors")


def embedded_cases():
    layers = {"content_layers": {"conv4_2": 1}, "style_layers": DEEP}
    for name, changes in [("embedded-normalised", {"beta": 20}),
                          ("embedded-gatys", {"content_formula": "half-sum", "style_formula": "gatys",
                                              "alpha": 1e-3, "beta": 1}),
                          ("embedded-centred", {"style_loss": "centred", "beta": 20}),
                          ("embedded-wasserstein", {"style_loss": "wasserstein", "beta": 20}),
                          ("embedded-root-mean", {"content_formula": "root-mean",
                                                  "style_formula": "root-mean",
                                                   "pooling": "average"}),
                          ("embedded-fast", {"style_loss": "wasserstein", "beta": 20, "precision": "fast"})]:
        yield name, EMBEDDED, {**BASE, **layers, **changes}


def has_bf16():
    """Whether the processor has what precision "fast" uses."""
    if not os.path.exists("/proc/cpuinfo") or os.environ.get("PASTICHE_SIMD", "avx512") != "avx512":
        return False
    with open("/proc/cpuinfo") as f:
        return "avx512_bf16" in f.read()


def run(folder, model, recipe):
    """Returns the losses that the program prints, and its gradient."""
    paths = {name: os.path.join(FOLDER, name + ".png") for name in ("content", "style", "image")}
    paths.update(recipe=os.path.join(folder, "recipe.json"), gradient=os.path.join(folder,
                                                                                   "gradient.safetensors"))
    if model != EMBEDDED:
        paths["model"] = model
    with open(paths["recipe"], "w") as f:
        json.dump(recipe, f)
    command = [os.path.join(BUILD, "pastiche"), "evaluate"] + [a for name, path in paths.items()
                                                               for a in ("--" + name, path)]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    return json.loads(out), read_safetensors(paths["gradient"])[0]["gradient"]


def relative_error(a, b):
    return abs(a - b) / max(abs(b), 1e-30)


def worst_loss(found, expected):
    key = {(t["kind"], t["layer"]): t for t in found["terms"]}
    if len(key) != len(expected["terms"]):
        return np.inf
    errors = [relative_error(found[name], expected[name]) for name in ("total", "content", "style",
                                                                       "variation")]
    for term in expected["terms"]:
        other = key[term["kind"], term["layer"]]
        errors += [relative_error(other["loss"], term["loss"]),
                   relative_error(other["weight"], term["weight"])]
    return max(errors)


def main():
    todo = cases() + list(embedded_cases())
    print(f"1..{len(todo)}")
    bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for i, (name, model, recipe) in enumerate(todo, 1):
            expected, reference_gradient = evaluate(Model(model), recipe, *pictures())
            found, gradient = run(folder, model, recipe)
            loss = worst_loss(found, expected)
            distance = np.linalg.norm(gradient - reference_gradient) / np.linalg.norm(reference_gradient)
            good = loss <= TOLERANCE and distance <= TOLERANCE
            note = ""
            if recipe.get("precision") == "fast" and has_bf16():
                good = loss <= FAST and LEAST <= distance <= FAST_GRADIENT
            elif recipe.get("precision") == "fast":
                note = "; this processor has no avx512_bf16, so it was exact"
            bad += not good
            print(f"{'ok' if good else 'not ok'} {i} /cli/evaluate/{name} "
                  f"# losses {loss:.1e}, gradient {distance:.1e}{note}")
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
