# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the masks of REGIONS.md and paints its pictures again.

    python3 demo/regions.py PROGRAM ASTRONAUT.png

PROGRAM is the built pastiche. ASTRONAUT is the portrait of README.md. It takes two minutes on two
processors. The masks are polygons with soft edges."""
import os
import subprocess
import sys
import tempfile

from PIL import Image, ImageDraw, ImageFilter

HERE = os.path.dirname(os.path.abspath(__file__))
PAGES = os.path.join(HERE, "pages")
LANDSCAPE, NIGHT = (os.path.join(HERE, name) for name in ("picos-de-europa.jpg", "starry-night.jpg"))
VILLAGE = os.path.join(HERE, "..", "shelf", "paintings", "village-street.jpg")
GAP = 4

# Corners in thousandths of the picture's sides.
SKY = [(0, 0), (0, 190), (30, 195), (60, 225), (90, 250), (120, 300), (150, 330), (180, 350), (210, 345),
       (250, 380), (300, 435), (310, 455), (330, 450), (370, 400), (400, 380), (430, 370), (440, 300),
       (480, 230), (540, 205), (590, 200), (620, 225), (660, 270), (700, 260), (740, 225), (770, 245),
       (830, 215), (900, 180), (950, 160), (1000, 145), (1000, 0)]
MEADOW = [(0, 435), (100, 445), (200, 475), (300, 520), (400, 560), (450, 590), (560, 600), (700, 640),
          (1000, 670), (1000, 1000), (0, 1000)]
VILLAGE_SKY = [(0, 0), (1000, 0), (1000, 250), (900, 360), (840, 370), (790, 280), (680, 270), (640, 320),
               (520, 300), (470, 240), (360, 230), (330, 190), (260, 270), (200, 330), (190, 180), (120, 180),
               (60, 170), (0, 190)]
VILLAGE_GROUND = [(0, 830), (200, 790), (350, 790), (480, 690), (560, 700), (660, 800), (800, 780),
                  (1000, 760), (1000, 1000), (0, 1000)]
FIGURE = [(60, 1000), (50, 850), (70, 600), (110, 460), (230, 400), (220, 310), (290, 290), (350, 300),
          (340, 220), (300, 180), (310, 90), (380, 40), (480, 30), (560, 80), (590, 150), (570, 240),
          (520, 290), (590, 320), (600, 440), (660, 500), (700, 600), (700, 690), (780, 670), (880, 690),
          (960, 760), (1000, 880), (1000, 1000)]
FACE = (330, 60, 540, 370)


def polygon(size, corners, blur):
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).polygon([(x * size[0] / 1000, y * size[1] / 1000) for x, y in corners], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(blur))


def ellipse(size, box, blur):
    mask = Image.new("L", size, 0)
    ImageDraw.Draw(mask).ellipse([v * size[i % 2] / 1000 for i, v in enumerate(box)], fill=255)
    return mask.filter(ImageFilter.GaussianBlur(blur))


def load(path):
    with Image.open(path) as image:
        return image.convert("RGB")


class Studio:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder

    def keep(self, name, image):
        """Returns the path of the picture or mask."""
        path = os.path.join(self.folder, name + ".png")
        image.save(path)
        return path

    def paint(self, name, *options):
        path = os.path.join(self.folder, name + ".png")
        subprocess.run([self.program, "run", "--output", path, *options], check=True)
        return path


def sheet(name, rows, height):
    """Rows of pictures of the same height, as wide as the widest."""
    lines = []
    for row in rows:
        images = [load(path) for path in row]
        images = [i.resize((round(i.width * height / i.height), height), Image.LANCZOS) for i in images]
        line = Image.new("RGB", (sum(i.width + GAP for i in images) - GAP, height), "white")
        x = 0
        for image in images:
            line.paste(image, (x, 0))
            x += image.width + GAP
        lines.append(line)
    whole = Image.new("RGB", (max(line.width for line in lines), len(lines) * (height + GAP) - GAP), "white")
    for i, line in enumerate(lines):
        whole.paste(line, (0, i * (height + GAP)))
    whole.save(os.path.join(PAGES, name + ".jpg"), quality=85, optimize=True)


def main():
    program, astronaut = sys.argv[1:]
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio(program, folder)
        of_landscape, of_portrait = load(LANDSCAPE).size, load(astronaut).size
        of_village = load(VILLAGE).size
        figure = studio.keep("figure", polygon(of_portrait, FIGURE, 3))
        face = studio.keep("face", ellipse(of_portrait, FACE, 12))
        sky = studio.keep("sky", polygon(of_landscape, SKY, 2))
        meadow = studio.keep("meadow", polygon(of_landscape, MEADOW, 3))
        above = studio.keep("above", polygon(of_village, VILLAGE_SKY, 3))
        below = studio.keep("below", polygon(of_village, VILLAGE_GROUND, 3))

        portrait = ["--content", astronaut, "--size", "512"]
        both = studio.paint("both", *portrait, "--style", VILLAGE, "--region", figure,
                            "--style", NIGHT, "--region", "rest")
        swapped = studio.paint("swapped", *portrait, "--style", NIGHT, "--region", figure,
                               "--style", VILLAGE, "--region", "rest")
        border = studio.keep("border", load(both).crop((20, 130, 420, 430)))  # shown at 100 %
        sheet("regions", [[astronaut, figure, VILLAGE, NIGHT], [both, swapped, border]], 300)

        night = [*portrait, "--style", NIGHT, "--preset", "strong"]
        sheet("protect", [[astronaut, face, studio.paint("free", *night),
                           studio.paint("protected", *night, "--protect", face)]], 300)

        land = ["--content", LANDSCAPE, "--size", "512", "--style", VILLAGE]
        sheet("parts", [[LANDSCAPE, sky, meadow], [VILLAGE, above, below],
                        [studio.paint("all", *land),
                         studio.paint("parts", *land, "--region", sky, "--style-region", above,
                                      "--style", VILLAGE, "--region", meadow, "--style-region", below,
                                      "--style", VILLAGE, "--region", "rest")]], 280)


if __name__ == "__main__":
    main()
