# SPDX-License-Identifier: GPL-3.0-or-later
"""Measures how well a model replaces its teacher: both paint the same pairs by the same recipe, and the
teacher's losses compare them.

    python3 fidelity.py --pastiche ../../build/pastiche --student slim --teacher teacher.safetensors \
        --folder OUT [--size 384] [--preset default] [--sheet pairs.jpg] \
        CONTENT STYLE [CONTENT STYLE ...]

For each pair: the teacher's own style and content loss of either pastiche, and the ratio of the style
losses, which should be at most 1.5. The pictures stay in OUT, to be looked at; --sheet puts photograph,
painting, the student's and the teacher's pastiche side by side."""
import argparse
import json
import os
import subprocess

from PIL import Image


def write_sheet(path, rows, width=384):
    """Rows of pictures, as wide as the sheet's columns and as high as the first of their row."""
    rows = [[Image.open(f).convert("RGB") for f in row] for row in rows]
    heights = [round(width * row[0].height / row[0].width) for row in rows]
    sheet, y = Image.new("RGB", (width * len(rows[0]), sum(heights)), "white"), 0
    for row, height in zip(rows, heights):
        for x, picture in enumerate(row):
            scale = max(width / picture.width, height / picture.height)
            picture = picture.resize((max(width, round(picture.width * scale)),
                                      max(height, round(picture.height * scale))), Image.LANCZOS)
            left, top = (picture.width - width) // 2, (picture.height - height) // 2
            sheet.paste(picture.crop((left, top, left + width, top + height)), (x * width, y))
        y += height
    sheet.save(path, quality=88)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--pastiche", required=True)
    p.add_argument("--student", required=True)
    p.add_argument("--teacher", required=True)
    p.add_argument("--folder", required=True)
    p.add_argument("--size", default="384")
    p.add_argument("--preset", default="default")
    p.add_argument("--sheet")
    p.add_argument("pairs", nargs="+")
    a = p.parse_args()
    os.makedirs(a.folder, exist_ok=True)
    recipe = os.path.join(a.folder, "recipe.json")
    with open(recipe, "w") as f:
        json.dump({"preset": a.preset, "size": int(a.size)}, f)

    def call(*arguments):
        return subprocess.run([a.pastiche, *arguments], check=True, capture_output=True, text=True).stdout

    rows = []
    for i in range(0, len(a.pairs), 2):
        content, style, losses = a.pairs[i], a.pairs[i + 1], {}
        for who, model in (("student", a.student), ("teacher", a.teacher)):
            picture = os.path.join(a.folder, f"{i // 2 + 1}-{who}.png")
            common = ["--content", content, "--style", style, "--recipe", recipe]
            call("run", *common, "--model", model, "--output", picture)
            losses[who] = json.loads(call("evaluate", *common, "--model", a.teacher, "--image", picture))
        s, t = losses["student"], losses["teacher"]
        print(f"{os.path.basename(content)} / {os.path.basename(style)}: "
              f"style {s['style']:.5f} against {t['style']:.5f}, ratio "
              f"{s['style'] / t['style']:.2f}; content {s['content']:.3f} against {t['content']:.3f}",
              flush=True)
        rows.append([content, style] + [os.path.join(a.folder, f"{i // 2 + 1}-{who}.png")
                                        for who in ("student", "teacher")])
    if a.sheet:
        write_sheet(a.sheet, rows)


if __name__ == "__main__":
    main()
