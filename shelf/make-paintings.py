#!/usr/bin/python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the pictures of the shelf from the puzzles of GCompris (Debian package gcompris-qt-data). Needs
numpy and Pillow. make-paintings.py [--rcc FILE] FOLDER writes one JPEG file for each painting in
paintings/paintings.ini.

The puzzles lie in a file of Qt's resource format: a tree of names, and the data of each name. A board is a
QML text with the file of each piece and the place of its middle, as a fraction of the background. The
fractions have three digits, so a piece may lie a pixel beside its place: every piece is moved by at most a
pixel to where gaps and overlaps with the others are smallest. What is left of the gaps is filled from beside
them."""

import argparse
import configparser
import io
import itertools
import os
import re
import struct
import zlib

import numpy as np
from PIL import Image

RCC = "/usr/share/gcompris-qt/rcc/paintings.rcc"
BOARDS = "/gcompris/src/activities/paintings/resource/"
SHELF = os.path.join(os.path.dirname(os.path.abspath(__file__)), "paintings/paintings.ini")
COMPRESSED, FOLDER = 1, 2       # flags of a node
LONGER = 640                    # side of a picture in pixels: the puzzles have 500 to 640
MOST_BYTES = 60000


def read_resources(path):
    """Maps paths to bytes. A node of version 3: name, flags, then either number of children and the first
    one, or territory, language and data; then the time."""
    with open(path, "rb") as file:
        data = file.read()
    magic, version, tree, blobs, names = struct.unpack(">4sIIII", data[:20])
    if magic != b"qres" or version not in (1, 2, 3):
        raise SystemExit(f"{path}: no Qt resources of version 1 to 3")
    size = 14 if version == 1 else 22
    found = {}

    def visit(index, folder):
        node = tree + index * size
        name_at, flags = struct.unpack(">IH", data[node:node + 6])
        length = struct.unpack(">H", data[names + name_at:names + name_at + 2])[0]
        begin = names + name_at + 6
        name = data[begin:begin + 2 * length].decode("utf-16-be") if index > 0 else ""
        here = f"{folder}/{name}" if name else folder
        if flags & FOLDER:
            n, first = struct.unpack(">II", data[node + 6:node + 14])
            for child in range(first, first + n):
                visit(child, here)
            return
        blob = blobs + struct.unpack(">I", data[node + 10:node + 14])[0]
        length = struct.unpack(">I", data[blob:blob + 4])[0]
        content = data[blob + 4:blob + 4 + length]
        found[here] = zlib.decompress(content[4:]) if flags & COMPRESSED else content

    visit(0, "")
    return found


def read_pieces(resources, board):
    """Pixels (height, width, 4) and left and upper edge of each piece."""
    text = resources[f"{BOARDS}board/{board}.qml"].decode()
    width, height = (int(re.search(rf'"{side}"\s*:\s*(\d+)', text)[1]) for side in ("width", "height"))
    pieces = []
    piece = r'"pixmapfile"\s*:\s*"(\S+?)",\s*"x"\s*:\s*"(\S+?)",\s*"y"\s*:\s*"(\S+?)"'
    for file, x, y in re.findall(piece, text):
        pixels = np.asarray(Image.open(io.BytesIO(resources[BOARDS + file])).convert("RGBA"))
        pieces.append([pixels, round(float(x) * width - pixels.shape[1] / 2),
                       round(float(y) * height - pixels.shape[0] / 2)])
    return pieces


def place(pieces):
    """Move pieces by at most a pixel to where they touch the others best: few pixels that nobody covers, few
    that two cover. Returns the size of the canvas."""
    margin = 3
    left, top = min(p[1] for p in pieces) - margin, min(p[2] for p in pieces) - margin
    for piece in pieces:
        piece[1] -= left
        piece[2] -= top
    width = max(p[1] + p[0].shape[1] for p in pieces) + margin
    height = max(p[2] + p[0].shape[0] for p in pieces) + margin
    cover = np.zeros((height, width))

    def add(piece, dx, dy, sign):
        pixels, x, y = piece
        h, w = pixels.shape[:2]
        cover[y + dy:y + dy + h, x + dx:x + dx + w] += sign * pixels[:, :, 3] / 255

    for piece in pieces:
        add(piece, 0, 0, 1)
    for _ in range(3):
        for piece in pieces:
            add(piece, 0, 0, -1)
            pixels, x, y = piece
            h, w = pixels.shape[:2]
            around = slice(y - 2, y + h + 2), slice(x - 2, x + w + 2)
            costs = []
            for dx, dy in itertools.product((0, -1, 1), repeat=2):
                add(piece, dx, dy, 1)
                costs.append((np.abs(cover[around] - 1).sum(), abs(dx) + abs(dy), dx, dy))
                add(piece, dx, dy, -1)
            _, _, dx, dy = min(costs)
            piece[1] += dx
            piece[2] += dy
            add(piece, 0, 0, 1)
    return width, height


def join(pieces):
    width, height = place(pieces)
    total, weight = np.zeros((height, width, 3)), np.zeros((height, width, 1))
    for pixels, x, y in pieces:
        h, w = pixels.shape[:2]
        alpha = pixels[:, :, 3:] / 255.0
        alpha *= alpha > 0.5    # the edges are blended with what was behind them
        total[y:y + h, x:x + w] += pixels[:, :, :3] * alpha
        weight[y:y + h, x:x + w] += alpha
    covered = weight[:, :, 0] > 0
    rows, columns = np.where(covered.mean(1) > 0.9)[0], np.where(covered.mean(0) > 0.9)[0]
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    total, weight = total[box], weight[box]
    holes = int((weight == 0).sum())
    while (weight == 0).any():  # each gap takes the mean of its neighbours, from the edge inwards
        around, n = np.zeros_like(total), np.zeros_like(weight)
        for dx, dy in itertools.product((-1, 0, 1), repeat=2):
            around += np.roll(total, (dy, dx), (0, 1))
            n += np.roll(weight, (dy, dx), (0, 1))
        fill = (weight == 0) & (n > 0)
        total = np.where(fill, around / np.maximum(n, 1e-9), total)
        weight = np.where(fill, 1.0, weight)
    return total / weight, holes


def encode(picture):
    """JPEG without metadata, as good as MOST_BYTES allow."""
    image = Image.fromarray(np.clip(picture + 0.5, 0, 255).astype(np.uint8))
    factor = LONGER / max(image.size)
    if factor < 1:
        image = image.resize([round(side * factor) for side in image.size], Image.LANCZOS)
    for quality in range(92, 40, -2):
        out = io.BytesIO()
        image.save(out, "JPEG", quality=quality, optimize=True, progressive=True)
        if out.tell() <= MOST_BYTES:
            break
    return out.getvalue(), image.size, quality


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rcc", default=RCC)
    parser.add_argument("folder")
    arguments = parser.parse_args()
    resources = read_resources(arguments.rcc)
    shelf = configparser.ConfigParser(interpolation=None)
    shelf.read(SHELF, encoding="utf-8")
    for name in shelf.sections():
        picture, holes = join(read_pieces(resources, shelf[name]["board"]))
        data, size, quality = encode(picture)
        with open(os.path.join(arguments.folder, f"{name}.jpg"), "wb") as file:
            file.write(data)
        print(f"{name}.jpg: {size[0]} x {size[1]}, {len(data)} bytes, quality {quality}, {holes} filled")


if __name__ == "__main__":
    main()
