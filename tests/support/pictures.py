# SPDX-License-Identifier: GPL-3.0-or-later
"""Figures of faults of painted pictures, from the picture alone. Pictures: height x width x 3, 0..255.

test-picture.py and `make bench BENCH=picture` use them. They find faults that are known; they do not say
whether a picture is good."""
import numpy as np


def lattice(picture):
    """Energy at period 2 along x and along y over the median of the eight nearest frequencies; photographs
    and paintings have about 1."""
    grey, ratios = picture.mean(2), []
    for rows in (grey, grey.T):
        rows = rows[:, :rows.shape[1] // 2 * 2]
        power = (np.abs(np.fft.rfft(rows - rows.mean(1, keepdims=True), axis=1)) ** 2).mean(0)
        ratios.append(power[-1] / np.median(power[-9:-1]))
    return ratios


def tile_lattice(picture, tile=16, period=4):
    """The same for lattices whose phase changes from place to place: in tiles, the variance of the means of
    pixels of one phase over what independent pixels would give. Photographs and paintings have about 0.6."""
    grey, n = picture.mean(2), tile // period
    height, width = (side // tile for side in grey.shape)
    tiles = grey[:height * tile, :width * tile].reshape(height, n, period, width, n, period)
    means = tiles.mean((1, 4))
    means = means - means.mean((1, 3), keepdims=True)
    return (means ** 2).mean() * n * n / tiles.var((1, 4)).mean()


def weave(picture, n=64):
    """Energy at periods from 2 to 2.6 along x and along y over that of oblique waves as short: a lattice
    whose phase changes from place to place, which looks woven. Paintings have at most 2."""
    grey, window, power = picture.mean(2), np.outer(np.hanning(n), np.hanning(n)), 0
    for top in range(0, grey.shape[0] - n + 1, n // 2):
        for left in range(0, grey.shape[1] - n + 1, n // 2):
            tile = grey[top:top + n, left:left + n]
            power = power + np.abs(np.fft.fft2((tile - tile.mean()) * window)) ** 2
    x, y = np.meshgrid(np.abs(np.fft.fftfreq(n)), np.abs(np.fft.fftfreq(n)))
    short = (np.hypot(x, y) >= 0.38) & (np.hypot(x, y) <= 0.5)
    oblique = power[short & (x > 0.2) & (y > 0.2)].mean()
    return [power[short & (across <= 0.1)].mean() / oblique for across in (y, x)]


def borders(picture, columns=4):
    """Mean absolute Laplacian of the outermost columns or rows over that of the interior: left, right, top,
    bottom."""
    y = picture.mean(2)
    edges = np.abs(4 * y[1:-1, 1:-1] - y[:-2, 1:-1] - y[2:, 1:-1] - y[1:-1, :-2] - y[1:-1, 2:])
    inside = edges[2 * columns:-2 * columns, 2 * columns:-2 * columns].mean()
    outermost = edges[:, :columns - 1], edges[:, 1 - columns:], edges[:columns - 1], edges[1 - columns:]
    return [part.mean() / inside for part in outermost]


def foreign_colours(picture, painting, where):
    """Share of the pixels that are further from the painting's colours than two standard deviations (mean
    squared Mahalanobis distance of R'G'B' above 4). Coloured speckle has colours that no painting has."""
    colours = painting.reshape(-1, 3)
    inverse = np.linalg.inv(np.cov(colours.T) + 4 * np.eye(3))
    d = picture[where] - colours.mean(0)
    return ((d @ inverse * d).sum(1) / 3 > 4).mean()


def colourfulness(picture):
    """Mean of the largest minus the smallest channel."""
    return (picture.max(2) - picture.min(2)).mean()
