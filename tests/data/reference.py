# SPDX-License-Identifier: GPL-3.0-or-later
"""The losses and their gradient in PyTorch, in double precision: written from the formulas
(core/recipe/recipe.h, core/model/model.h, weights/model-file.h) not from the C code, so that each can
check the other.

    python3 reference.py MODEL.safetensors RECIPE.json CONTENT.png STYLE.png IMAGE.png

prints what `pastiche evaluate` prints, with the gradient's norm. The recipe must say everything (there are
no presets here), nothing is resized (the longer sides of content and style must be the same), and PNG files
must be 8-bit RGB without filters, as write_png () makes them. make_reference.py and ../test-evaluate.py use
this file."""
import json
import struct
import sys
import zlib

import numpy as np
import scipy.fft
import torch
import torch.nn.functional as F


def read_safetensors(path):
    """Returns ({name: float64 array}, metadata)."""
    with open(path, "rb") as f:
        data = f.read()
    length = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    tensors = {}
    for name, info in header.items():
        begin, end = (8 + length + o for o in info["data_offsets"])
        kind = {"F32": "<f4", "F16": "<f2"}[info["dtype"]]
        tensors[name] = np.frombuffer(data[begin:end], kind).reshape(info["shape"]).astype(np.float64)
    return tensors, metadata


def write_safetensors(path, tensors, metadata, half):
    header, data = {"__metadata__": metadata}, b""
    for name, value in tensors.items():
        raw = np.ascontiguousarray(value, "<f2" if half else "<f4").tobytes()
        header[name] = {"dtype": "F16" if half else "F32", "shape": list(value.shape),
                        "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text + data)


def write_png(path, pixels):
    """pixels: height x width x 3, uint8."""
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
    height, width, _ = pixels.shape
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
                + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b""))


def read_png(path):
    """Returns height x width x 3, uint8."""
    with open(path, "rb") as f:
        data = f.read()
    at, packed = 8, b""
    while at < len(data):
        length, kind = struct.unpack(">I4s", data[at:at + 8])
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", data[at + 8:at + 18])
        elif kind == b"IDAT":
            packed += data[at + 8:at + 8 + length]
        at += 12 + length
    rows = np.frombuffer(zlib.decompress(packed), np.uint8).reshape(height, -1)
    if (depth, colour) != (8, 2) or rows[:, 0].any():
        raise ValueError(path + ": not an 8-bit RGB PNG without filters")
    return rows[:, 1:].reshape(height, width, 3)


def to_tensor(pixels):
    """1 x 3 x height x width, 0..1."""
    return torch.tensor(pixels.astype(np.float64) / 255).permute(2, 0, 1)[None]


class Model:
    """A Pastiche model file as a function from a picture (1 x 3 x H x W, RGB in 0..1) to {layer: features
    after the ReLU}."""

    def __init__(self, path):
        tensors, metadata = read_safetensors(path)
        self.tensors = {name: torch.tensor(value) for name, value in tensors.items()}
        self.network = json.loads(metadata["pastiche"])

    def features(self, rgb, pooling):
        said = self.network["input"]
        x = rgb[:, ["RGB".index(c) for c in said["order"]]]
        x = (x * said["scale"] - torch.tensor(said["mean"], dtype=torch.float64).view(3, 1, 1))
        x = x / torch.tensor(said["std"], dtype=torch.float64).view(3, 1, 1)
        if pooling == "model":
            pooling = self.network["pooling"]
        out = {}
        for layer in self.network["layers"]:
            name = layer["name"]
            if name.startswith("pool"):
                x = F.max_pool2d(x, 2) if pooling == "max" else F.avg_pool2d(x, 2)
                continue
            x = F.pad(x, (1, 1, 1, 1), mode="replicate" if layer.get("padding") == "replicate"
                      else "constant")
            x = F.relu(F.conv2d(x, self.tensors[name + ".weight"], self.tensors[name + ".bias"]))
            out[name] = x
            if min(x.shape[2:]) < 2:    # deeper layers would have no positions; nobody asks for them
                break
        return out

    def tap(self, features, name):
        """N x M matrix of a layer, in the head's space if it has one."""
        f = features[name].flatten(2)[0]
        if name + ".head.weight" in self.tensors:
            f = self.tensors[name + ".head.weight"] @ f + self.tensors[name + ".head.bias"][:, None]
        return f


def root(x):
    """Square root whose gradient at 0 is 0."""
    return torch.sqrt(x) if x > 0 else x * 0


def content_loss(formula, f, p):
    n, m = f.shape
    q = ((f - p) ** 2).sum()
    return {"normalised": lambda: q / (p ** 2).sum(), "half-sum": lambda: q / 2, "sum": lambda: q,
            "mean": lambda: q / (n * m),
            "root-mean": lambda: root(q / (n * m))}[formula]()


def gram_distance(f, s, w, v):
    """Returns the distance and the size of the painting in its unit. w and v: weights of the positions of f
    and s, which sum to 1."""
    g, a = (f * w) @ f.T, (s * v) @ s.T
    return ((g - a) ** 2).sum(), (a ** 2).sum()


def mean_and_covariance(f, w):
    m = (f * w).sum(1, keepdim=True)
    return m, ((f - m) * w) @ (f - m).T


def centred_distance(f, s, w, v):
    (m, covariance), (t, of_style) = mean_and_covariance(f, w), mean_and_covariance(s, v)
    return (((m - t) ** 2).sum() / (t ** 2).sum()
            + ((covariance - of_style) ** 2).sum() / (of_style ** 2).sum(), 1)


def wasserstein_distance(f, s, w, v, channels):
    """Of the largest eigenvalues of the painting's covariance only those that hold 0.999 of its trace count,
    and to both covariances 1e-4 of its mean eigenvalue is added. channels: of the layer, without its head."""
    (m, covariance), (t, of_style) = mean_and_covariance(f, w), mean_and_covariance(s, v)
    dimensions = f.shape[0] if f.shape[0] == channels else min(f.shape[0], channels + 1)
    added = 1e-4 * of_style.trace() / dimensions
    values, vectors = torch.linalg.eigh(of_style)
    values, vectors = values.flip(0).clamp(min=0), vectors.flip(1)
    rank = int((values.cumsum(0) < 0.999 * values.sum()).sum()) + 1
    values, half = values[:rank] + added, vectors[:, :rank] * torch.sqrt(values[:rank] + added)
    product = half.T @ (covariance + added * torch.eye(len(covariance), dtype=torch.float64)) @ half
    cross = torch.sqrt(torch.linalg.eigvalsh(product)).sum()
    return (((m - t) ** 2).sum() + covariance.trace() + rank * added + values.sum() - 2 * cross,
            of_style.trace() + (t ** 2).sum())


def even(f):
    return torch.full((f.shape[1],), 1 / f.shape[1], dtype=torch.float64)


def style_loss(recipe, f, s, pixels, channels, w=None, v=None):
    """w, v: what the positions of picture and painting count; they sum to 1. None: all the same."""
    n, m = f.shape
    w, v = even(f) if w is None else w, even(s) if v is None else v
    kind = recipe.get("style_loss", "gram")
    q, size = (wasserstein_distance(f, s, w, v, channels) if kind == "wasserstein" else
               centred_distance(f, s, w, v) if kind == "centred" else gram_distance(f, s, w, v))
    return {"normalised": lambda: q / size, "gatys": lambda: q / (4 * n ** 2),
            "keras": lambda: q * m ** 2 / (4 * 3 ** 2 * pixels ** 2), "mean": lambda: q * m ** 2 / n ** 2,
            "root-mean": lambda: root(q) / n,
            "mean-shared": lambda: q * m / n ** 3}[recipe["style_formula"]]()


def variation_loss(formula, rgb):
    pixels = rgb.shape[2] * rgb.shape[3]
    dx, dy = rgb[..., 1:] - rgb[..., :-1], rgb[..., 1:, :] - rgb[..., :-1, :]
    if formula == "squared":
        return ((dx ** 2).sum() + (dy ** 2).sum()) / pixels
    if formula == "absolute":
        return (dx.abs().sum() + dy.abs().sum()) / pixels
    q = dx[..., :-1, :] ** 2 + dy[..., :-1] ** 2
    return (q[q > 0] ** 1.25).sum()


def smoothed(rgb):
    """A painting for "no_lattice": its waves times (1 - sin^6 (pi f))^2 along x and y, f in periods a pixel,
    with mirrored borders."""
    x = rgb.numpy()
    for axis in 2, 3:
        n = x.shape[axis]
        response = (1 - np.sin(np.pi * np.arange(n) / (2 * n)) ** 6) ** 2
        waves = scipy.fft.dct(x, axis=axis) * response.reshape([-1 if i == axis else 1 for i in range(4)])
        x = scipy.fft.idct(waves, axis=axis)
    return torch.from_numpy(x)


def evaluate(model, recipe, content, style, image):
    """Pictures: uint8 arrays. Returns what `pastiche evaluate` prints, and the gradient, 3 x H x W."""
    if max(content.shape[:2]) != max(style.shape[:2]) or content.shape != image.shape:
        raise ValueError("nothing is resized here: choose pictures of the same longer side")
    x = to_tensor(image).requires_grad_()
    pixels = x.shape[2] * x.shape[3]
    of_image = model.features(x, recipe["pooling"])
    with torch.no_grad():
        painting = smoothed(to_tensor(style)) if recipe["no_lattice"] else to_tensor(style)
        of_content, of_style = (model.features(p, recipe["pooling"]) for p in (to_tensor(content), painting))

    terms, sums = [], {"content": 0, "style": 0}
    for name, weight in recipe["content_layers"].items():
        loss = content_loss(recipe["content_formula"], model.tap(of_image, name), model.tap(of_content, name))
        terms.append({"kind": "content", "layer": name, "weight": weight, "loss": float(loss)})
        sums["content"] += weight * loss
    for name, weight in recipe["style_layers"].items():
        loss = style_loss(recipe, model.tap(of_image, name), model.tap(of_style, name), pixels,
                          of_image[name].shape[1])
        terms.append({"kind": "style", "layer": name, "weight": weight, "loss": float(loss)})
        sums["style"] += weight * loss
    variation = variation_loss(recipe["tv_formula"], x)
    terms.append({"kind": "variation", "layer": "tv", "weight": 1, "loss": float(variation)})

    total = recipe["alpha"] * sums["content"] + recipe["beta"] * sums["style"] + recipe["tv"] * variation
    total.backward()
    losses = {"total": float(total), "content": float(sums["content"]), "style": float(sums["style"]),
              "variation": float(variation), "terms": terms}
    return losses, x.grad[0].numpy()


def main():
    model, recipe, content, style, image = sys.argv[1:]
    with open(recipe) as f:
        recipe = json.load(f)
    losses, gradient = evaluate(Model(model), recipe, read_png(content), read_png(style), read_png(image))
    print(json.dumps({**losses, "gradient_norm": float(np.linalg.norm(gradient))}))


if __name__ == "__main__":
    main()
