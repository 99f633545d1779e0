# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws three styles of 640 x 480 pixels, drawing.png, woodcut.png and abstract.png, in FOLDER:

    python3 styles.py FOLDER
"""
import os
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

W, H, S = 640, 480, 3     # S: they are drawn S times larger, then reduced


def field(rng, scale):
    """Smooth noise, mean 0, deviation 1."""
    coarse = Image.fromarray(rng.standard_normal((H * S // scale + 3, W * S // scale + 3)).astype(np.float32))
    a = np.asarray(coarse.resize((W * S, H * S), Image.BICUBIC))
    return (a - a.mean()) / a.std()


def drawing(rng):
    """Ink strokes on paper along two smooth fields, denser in dark places."""
    tone, turn = field(rng, 420) + 0.5 * field(rng, 150), field(rng, 600)
    image = Image.new("RGB", (W * S, H * S), (244, 238, 222))
    draw = ImageDraw.Draw(image)
    for layer, (threshold, angle) in enumerate([(-0.9, 0.5), (-0.2, 2.0), (0.5, 1.2), (1.1, 2.7)]):
        for _ in range(5200):
            x, y = rng.uniform(0, W * S), rng.uniform(0, H * S)
            if tone[int(y) % (H * S), int(x) % (W * S)] < threshold:
                continue
            length, points = rng.uniform(30, 110), []
            a = angle + 0.5 * turn[int(y) % (H * S), int(x) % (W * S)] + rng.normal(0, 0.08)
            for t in np.linspace(-0.5, 0.5, 6):
                bend = 0.3 * t * t * length
                points.append((x + t * length * np.cos(a) - bend * np.sin(a),
                               y + t * length * np.sin(a) + bend * np.cos(a)))
            ink = int(rng.uniform(10, 70))
            draw.line(points, fill=(ink, ink, ink + 12), width=int(rng.integers(2, 5)))
    return image


def woodcut(rng):
    """Gouged lines that follow hills, black on cream, with flat patches of red and blue."""
    hills, patch, y = field(rng, 330), field(rng, 700), np.mgrid[0:H * S, 0:W * S][0]
    phase = (y / 7 + 9 * hills + 0.4 * field(rng, 40)) % (2 * np.pi)
    tone = field(rng, 260)
    black = np.sin(phase) < np.clip(tone * 0.9, -1.2, 1.2)
    out = np.full((H * S, W * S, 3), (236, 224, 196), np.uint8)
    out[(patch > 0.7) & (tone < 0.4)] = (178, 58, 44)
    out[(patch < -0.9) & (tone < 0.6)] = (58, 88, 128)
    out[black] = (24, 20, 22)
    return Image.fromarray(out)


def abstract(rng):
    """Flat shapes that overlap, and a few black lines."""
    colours = [(214, 48, 42), (244, 196, 48), (38, 84, 160), (240, 236, 226), (30, 30, 36), (232, 122, 52),
               (82, 150, 120)]
    image = Image.new("RGB", (W * S, H * S), (238, 230, 212))
    draw = ImageDraw.Draw(image)
    for i in range(70):
        x, y, r = rng.uniform(0, W * S), rng.uniform(0, H * S), rng.uniform(40, 260) * (1.6 if i < 15 else 1)
        colour = colours[int(rng.integers(len(colours)))]
        if rng.random() < 0.35:
            draw.ellipse([x - r / 2, y - r / 2, x + r / 2, y + r / 2], fill=colour)
        else:
            turn, n = rng.uniform(0, 6.3), int(rng.integers(3, 5))
            draw.polygon([(x + r * np.cos(turn + 6.283 * k / n),
                           y + r * rng.uniform(0.5, 1) * np.sin(turn + 6.283 * k / n)) for k in range(n)],
                         fill=colour)
    for _ in range(14):
        draw.line([(rng.uniform(0, W * S), rng.uniform(0, H * S)) for _ in range(2)], fill=(20, 20, 24),
                  width=int(rng.integers(4, 14)))
    return image


for seed, make in enumerate((drawing, woodcut, abstract), 1):
    picture = make(np.random.default_rng(seed)).resize((W, H), Image.LANCZOS)
    picture.save(os.path.join(sys.argv[1], make.__name__ + ".png"))
