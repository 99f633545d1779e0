# SPDX-License-Identifier: GPL-3.0-or-later
"""Paints the pictures of PRESETS.md, RECIPES.md and presets.jpg again.

    python3 demo/pictures.py PROGRAM --city TUEBINGEN.jpg --scream SCREAM.jpg [--sheets SHEET...]

PROGRAM is the built pastiche; it paints with its embedded model. TUEBINGEN is the photograph of the
Neckarfront, SCREAM the painting The Scream (README.md). The other pictures come from this folder, from
styles.py and from Debian's python3-skimage. Without --sheets every sheet is painted, which takes ten minutes
on two processors."""
import argparse
import glob
import hashlib
import json
import os
import shutil
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw, ImageFont

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, "pages")
GAP, LABEL = 4, 18

# The default look before style_loss, match_colours and no_lattice.
BEFORE = {"beta": 30, "content_layers": {"conv4_2": 1},
          "style_layers": {f"conv{i}_1": 0.2 for i in range(1, 6)}, "style_loss": "gram", "match_colours": 0,
          "no_lattice": False, "pooling": "model", "iterations": 60, "first_size": 192}

# Sheets: size of a cell; a row for each pair (content, style); a column for each (name, recipe).
TABLES = {
    "looks": ((240, 180),
              [("portrait", "oil"), ("portrait", "drawing"), ("landscape", "woodcut"), ("city", "scream"),
               ("still life", "abstract"), ("still life", "scream")],
              [(name, {"preset": name}) for name in ("gentle", "default", "strong")]),
    "before": ((320, 240), [("portrait", "oil"), ("portrait", "scream"), ("landscape", "woodcut"),
                            ("city", "oil"), ("still life", "abstract"), ("landscape", "scream")],
               [("before", BEFORE), ("default", {})]),
    "before-2": ((320, 240), [("night", "great-wave"), ("animal", "poppies"), ("city", "composition-viii"),
                              ("still life", "mackerel-and-prawn"), ("landscape", "village-street"),
                              ("portrait", "librarian")],
                 [("before", BEFORE), ("default", {})]),
    "losses": ((240, 180), [("city", "oil"), ("landscape", "scream"), ("portrait", "woodcut")],
               [(loss, {"style_loss": loss}) for loss in ("gram", "centred", "wasserstein")]),
    "colours": ((240, 180), [("city", "oil"), ("landscape", "scream")],
                [("start as photographed", {"match_colours": 0})]
                + [(f"palette {p}", {"palette": p}) for p in (0, 0.5, 1)]),
    "detail": ((320, 240), [("city", "oil"), ("portrait", "scream")],
               [(f"detail {d}", {"detail": d}) for d in (0, 0.5, 1)]),
    "freedom": ((320, 240), [("city", "oil"), ("landscape", "scream")],
                [(f"freedom {f}", {"freedom": f}) for f in (0, 0.5, 1)]),
    "strokes": ((240, 180), [("city", "oil"), ("portrait", "oil"), ("landscape", "woodcut"),
                             ("still life", "abstract")],
                [(name, {"preset": name}) for name in ("fine-strokes", "default", "bold-strokes")]),
    "smoothness": ((320, 240), [("landscape", "oil"), ("city", "scream")],
                   [(f"tv {n}", {"tv": n}) for n in (0, 4, 60)]),
    "scales": ((320, 240), [("landscape", "oil"), ("city", "oil")],
               [("one scale", {"scale_ratio": 1, "iterations": 60}), ("several scales (default)", {}),
                ("from noise", {"init": "noise"})]),
    "balance": ((240, 180), [("city", "oil"), ("landscape", "oil")],
                [(f"beta {n}", {"beta": n}) for n in (1, 4, 15, 60, 300)]),
    "iterations": ((240, 180), [("city", "oil"), ("landscape", "oil")],
                   [(f"{n} iterations", {"iterations": n}) for n in (5, 15, 36, 120)]),
}
OTHERS = ["presets", "recipes", "compare", "layers"]


def grid(path, size, rows, quality=86):
    """Writes rows of (label, file) as one JPEG; every picture is scaled and cropped to size."""
    font = ImageFont.truetype("DejaVuSans.ttf", 12)
    columns = max(len(row) for row in rows)
    sheet = Image.new("RGB", (columns * (size[0] + GAP) + GAP, len(rows) * (size[1] + LABEL + GAP) + GAP),
                      "white")
    draw = ImageDraw.Draw(sheet)
    for y, row in enumerate(rows):
        for x, (label, file) in enumerate(row):
            picture = Image.open(file).convert("RGB")
            scale = max(size[0] / picture.width, size[1] / picture.height)
            picture = picture.resize((max(size[0], round(picture.width * scale)),
                                      max(size[1], round(picture.height * scale))), Image.LANCZOS)
            left, top = (picture.width - size[0]) // 2, (picture.height - size[1]) // 2
            at = (GAP + x * (size[0] + GAP), GAP + y * (size[1] + LABEL + GAP))
            sheet.paste(picture.crop((left, top, left + size[0], top + size[1])), at)
            draw.text((at[0] + 2, at[1] + size[1] + 1), label, fill="black", font=font)
    sheet.save(path, quality=quality, optimize=True)


class Painter:
    def __init__(self, program, folder, pictures):
        self.program, self.folder, self.pictures = program, folder, pictures

    def call(self, *arguments):
        return subprocess.run([self.program, *map(str, arguments)], stdout=subprocess.DEVNULL).returncode

    def path(self, name):
        return os.path.join(self.folder, name)

    def paint(self, name, content, style, recipe):
        """Returns the painted picture's file. A recipe that is on several sheets is painted once."""
        recipe = {"size": 384, **recipe}
        if recipe.get("preset") == "default":
            del recipe["preset"]
        key = hashlib.sha256((content + style + json.dumps(recipe, sort_keys=True)).encode()).hexdigest()
        output, file = self.path(key + ".png"), self.path("recipe.json")
        if not os.path.exists(output):
            with open(file, "w") as f:
                json.dump(recipe, f)
            if self.call("run", "--content", self.pictures[content], "--style", self.pictures[style],
                         "--recipe", file, "--output", output):
                sys.exit(f"{name} failed")
        return output

    def table(self, name, size, pairs, columns):
        rows = [[(content, self.pictures[content]), (style, self.pictures[style])] +
                [(label, self.paint(name, content, style, recipe)) for label, recipe in columns]
                for content, style in pairs]
        grid(os.path.join(PAGES, name + ".jpg"), size, rows)

    def presets(self):
        painted = {p: self.paint("presets", "landscape", "oil", {"preset": p, "size": 400}) for p in
                   ("default", "gentle", "strong", "keep-colours")}
        first = [("photograph", self.pictures["landscape"]), ("painting", self.pictures["oil"]),
                 ("default", painted["default"])]
        second = [(p, painted[p]) for p in ("gentle", "strong", "keep-colours")]
        grid(os.path.join(HERE, "presets.jpg"), (400, 300), [first, second], 88)

    def recipes(self):
        pair = ("--content", self.pictures["landscape"], "--style", self.pictures["oil"])
        self.call("gallery", *pair, "--model", "slim", "--size", 320, "--cell", 256, "--output",
                  self.path("gallery"))
        sheet = Image.open(self.path("gallery/gallery.png")).convert("RGB")
        sheet.save(os.path.join(PAGES, "recipes.jpg"), quality=86)
        shutil.copy(self.path("gallery/gallery.csv"), os.path.join(PAGES, "recipes.csv"))

    def compare(self):
        self.call("compare", "--content", self.pictures["landscape"], "--style", self.pictures["oil"],
                  "--init", "noise", "--size", 256,
                  "--iterations", 100, "--optimizers", "lbfgs,adam:0.01,adam:0.02,gd", "--at", "10,60",
                  "--cell", 256,
                  "--output", os.path.join(PAGES, "compare.png"), "--sheet", self.path("compare.png"))
        sheet = Image.open(self.path("compare.png")).convert("RGB")
        sheet.save(os.path.join(PAGES, "compare.jpg"), quality=86)

    def layers(self):
        layers, sheets = ("--layers", "conv1_1,conv2_1,conv3_1,conv4_1,conv5_1", "--size", 256, "--cell",
                          220), []
        for kind, option, picture in (("content", "--content", "city"), ("style", "--style", "oil")):
            self.call("reconstruct", kind, option, self.pictures[picture], *layers, "--output",
                      self.path(kind + ".png"))
            sheets.append(Image.open(self.path(kind + ".png")).convert("RGB"))
        both = Image.new("RGB", (max(s.width for s in sheets), sum(s.height for s in sheets)), "white")
        for i, s in enumerate(sheets):
            both.paste(s, (0, i * sheets[0].height))
        both.save(os.path.join(PAGES, "layers.jpg"), quality=86)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("program")
    p.add_argument("--city", required=True)
    p.add_argument("--scream", required=True)
    p.add_argument("--sheets", nargs="+")
    a = p.parse_args()
    os.makedirs(PAGES, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, os.path.join(HERE, "styles.py"), folder], check=True)
        astronaut = glob.glob("/usr/lib/python3*/*/skimage/data/astronaut.png")
        if not astronaut:
            sys.exit("python3-skimage is not installed")
        shelf = os.path.join(HERE, "../shelf/paintings/*.jpg")
        pictures = {"portrait": astronaut[0], "still life": astronaut[0].replace("astronaut", "coffee"),
                    "night": astronaut[0].replace("astronaut.png", "rocket.jpg"),
                    "animal": astronaut[0].replace("astronaut", "chelsea"), "city": a.city,
                    **{os.path.basename(path)[:-4]: path for path in glob.glob(shelf)},
                    "landscape": os.path.join(HERE, "picos-de-europa.jpg"),
                    "oil": os.path.join(HERE, "starry-night.jpg"),
                    "scream": a.scream, **{s: os.path.join(folder, s + ".png")
                                           for s in ("drawing", "woodcut", "abstract")}}
        painter = Painter(os.path.abspath(a.program), folder, pictures)
        for sheet in a.sheets or [*TABLES, *OTHERS]:
            if sheet in TABLES:
                painter.table(sheet, *TABLES[sheet])
            elif sheet in OTHERS:
                getattr(painter, sheet)()
            else:
                sys.exit(f"no sheet is called {sheet}; there are {', '.join([*TABLES, *OTHERS])}")


if __name__ == "__main__":
    main()
