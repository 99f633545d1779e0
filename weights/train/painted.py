# SPDX-License-Identifier: GPL-3.0-or-later
r"""Paints pastiches for training with the program itself, which is ten times as fast as Python.

    python3 painted.py --pastiche ../../build/pastiche --pictures pictures.npz --folder painted --count 600 \
        [--model slim] [--threads 1]

Random crops of the training pictures, in pairs, by random recipes (weights, lengths, starts); each run
writes its last picture to FOLDER as NUMBER.png. The next call skips the pictures that exist."""
import argparse
import json
import os
import random
import subprocess
import tempfile

import numpy as np
from PIL import Image


def crop(a, rng, side):
    s = min(int(side * rng.choice([1, 1, 1.5, 2, 3])), *a.shape[:2])
    y, x = rng.randrange(a.shape[0] - s + 1), rng.randrange(a.shape[1] - s + 1)
    return Image.fromarray(a[y:y + s, x:x + s]).resize((side, side), Image.BOX if s > side else Image.BICUBIC)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--pastiche", required=True)
    p.add_argument("--pictures", required=True)
    p.add_argument("--folder", required=True)
    p.add_argument("--count", type=int, required=True)
    p.add_argument("--model", default="slim")
    p.add_argument("--threads", default="1")
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    os.makedirs(a.folder, exist_ok=True)
    cache = np.load(a.pictures)
    names = [k for k in cache.files if k.startswith("train")]

    with tempfile.TemporaryDirectory() as temporary:
        content, style, recipe = (os.path.join(temporary, n)
                                  for n in ("content.png", "style.png", "recipe.json"))
        for i in range(a.count):
            output = os.path.join(a.folder, f"{i:05d}.png")
            if os.path.exists(output):
                continue
            rng = random.Random(a.seed * 1000003 + i)
            crop(cache[rng.choice(names)], rng, 256).save(content)
            crop(cache[rng.choice(names)], rng, 256).save(style)
            n = rng.randrange(8, 40)
            with open(recipe, "w") as f:
                json.dump({"size": rng.choice([208, 224, 256]), "first_size": rng.choice([96, 128, 224]),
                           "iterations": n, "seed": i,
                           "beta": rng.choice([3, 10, 30, 100, 300, 1000]),
                           "tv": rng.choice([0, 1, 4, 4, 10]),
                           "noise": rng.choice([0, 0, 0, 0.3, 1])}, f)
            run = subprocess.run([a.pastiche, "run", "--content", content, "--style", style, "--output",
                                  output, "--recipe", recipe,
                                  "--model", a.model, "--threads", a.threads], capture_output=True, text=True)
            if run.returncode != 0:
                print(i, run.stderr.strip(), flush=True)


if __name__ == "__main__":
    main()
