# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes the files beside this one. They are the same on every machine except for the last digits of the
losses:

    heads.safetensors    a small VGG-shaped network with random weights: RGB, replicate padding first, max
                         pooling, linear heads
    plain.safetensors    one of all layers to conv5_1: BGR times 255 minus a mean, zero padding, average
                         pooling, float16, no heads
    content.png style.png image.png    odd sizes, the longer sides the same, so that nothing is resized
    reference.json       for each recipe below: losses, terms, and the gradient as its norm and products with
                         random signs

A gradient g of thousands of values is committed as 16 scalar products <s, g> with vectors s of random signs:
the mean square of <s, g> - <s, g'> over the vectors is an estimate of |g - g'|^2. The signs are the top bits
of v = 1664525 v + 1013904223 modulo 2^32, starting from v = 1, through all vectors, in the order of the
tensor 3 x H x W."""
import json
import os

import numpy as np

from reference import Model, evaluate, read_png, write_png, write_safetensors

FOLDER = os.path.dirname(os.path.abspath(__file__))
SIGNS = 16

STYLE = {"conv1_1": 0.2, "conv2_1": 0.5, "conv3_1": 1}
BASE = {"alpha": 1, "beta": 1, "tv": 0, "content_layers": {"conv2_2": 1}, "style_layers": STYLE,
        "content_formula": "normalised",
        "style_loss": "gram", "style_formula": "normalised", "tv_formula": "squared", "pooling": "model",
        "no_lattice": False, "size": 0}
DEEP = {"conv1_1": 0.2, "conv2_1": 0.2, "conv3_1": 0.2, "conv4_1": 0.2, "conv5_1": 0.2}

# name, model, what differs from BASE
CASES = [
    ("heads-normalised", "heads", {"beta": 20, "content_layers": {"conv2_2": 1, "conv1_2": 0.3}}),
    ("heads-gatys", "heads", {"content_formula": "half-sum", "style_formula": "gatys", "alpha": 0.001,
                              "beta": 1000}),
    ("heads-sum-keras", "heads", {"content_formula": "sum", "style_formula": "keras", "alpha": 1e-4,
                                  "beta": 50}),
    ("heads-mean", "heads", {"content_formula": "mean", "style_formula": "mean", "beta": 1e-4}),
    ("heads-root-mean", "heads", {"content_formula": "root-mean", "style_formula": "root-mean", "beta": 7}),
    ("heads-mean-shared", "heads", {"content_formula": "mean", "style_formula": "mean-shared", "beta": 3}),
    ("heads-same-tap", "heads", {"content_layers": {"conv2_1": 2, "conv3_1": 0.5}, "beta": 50,
                                 "pooling": "average"}),
    ("heads-content-alone", "heads", {"style_layers": {}, "content_layers": {"conv3_1": 1}}),
    ("heads-style-alone", "heads", {"content_layers": {}, "style_layers": {"conv3_1": 3}}),
    ("heads-centred", "heads", {"style_loss": "centred", "beta": 20}),
    ("heads-wasserstein", "heads", {"style_loss": "wasserstein", "beta": 20}),
    ("heads-no-lattice", "heads", {"no_lattice": True, "beta": 20}),
    ("tv-squared", "heads", {"alpha": 0, "beta": 0, "tv": 3}),
    ("tv-absolute", "heads", {"alpha": 0, "beta": 0, "tv": 0.1, "tv_formula": "absolute"}),
    ("tv-power", "heads", {"alpha": 0, "beta": 0, "tv": 1e-4, "tv_formula": "power"}),
    ("plain-normalised", "plain", {"content_layers": {"conv4_2": 1}, "style_layers": DEEP, "tv": 1}),
    ("plain-centred", "plain", {"content_layers": {"conv4_2": 1}, "style_layers": DEEP,
                                "style_loss": "centred"}),
    ("plain-wasserstein", "plain", {"content_layers": {"conv4_2": 1}, "style_layers": DEEP,
                                    "style_loss": "wasserstein"}),
    ("plain-gatys", "plain", {"content_layers": {"conv4_2": 1}, "style_layers": DEEP,
                              "content_formula": "half-sum",
                              "style_formula": "gatys", "beta": 1e-4}),
    ("plain-keras", "plain", {"content_layers": {"conv5_1": 0.025}, "style_layers": DEEP,
                              "content_formula": "sum",
                              "style_formula": "keras", "beta": 1e-3, "tv": 0.01, "tv_formula": "power",
                              "pooling": "max"}),
    ("plain-mean", "plain", {"content_layers": {"conv3_3": 1},
                             "style_layers": {"conv1_1": 1, "conv1_2": 1, "conv3_4": 1},
                             "content_formula": "mean", "style_formula": "mean", "beta": 1e-10, "tv": 10,
                             "tv_formula": "absolute"}),
    ("plain-root-mean", "plain", {"content_layers": {"conv4_4": 1, "conv1_1": 0.1}, "style_layers": DEEP,
                                  "content_formula": "root-mean", "style_formula": "root-mean",
                                  "beta": 0.01}),
]


def make_model(name, seed, layers, given, half):
    """layers: (name, channels, head or 0); pooling has no channels."""
    random, tensors, listed, inputs = np.random.RandomState(seed), {}, [], 3
    for i, (layer, channels, head) in enumerate(layers):
        if channels == 0:
            listed.append({"name": layer})
            continue
        tensors[layer + ".weight"] = random.randn(channels, inputs, 3, 3) * np.sqrt(2 / (9 * inputs))
        tensors[layer + ".bias"] = random.randn(channels) * 0.1
        listed.append({"name": layer, "channels": channels, **({"padding": given["padding"]} if i == 0
                                                               else {}),
                       **({"head": head} if head else {})})
        if head:
            tensors[layer + ".head.weight"] = random.randn(head, channels) * np.sqrt(1 / channels)
            tensors[layer + ".head.bias"] = random.randn(head) * 0.2
        inputs = channels
    network = {"format": 1, "name": name, "source": "random numbers", "licence": "none",
               "pooling": given["pooling"],
               "input": given["input"], "layers": listed}
    write_safetensors(os.path.join(FOLDER, name + ".safetensors"), tensors, {"pastiche": json.dumps(network)},
                      half)


def make_models():
    make_model("heads", 1, [("conv1_1", 6, 9), ("conv1_2", 6, 0), ("pool1", 0, 0), ("conv2_1", 8, 7),
                            ("conv2_2", 8, 12),
                            ("pool2", 0, 0), ("conv3_1", 12, 20)],
               {"padding": "replicate", "pooling": "max",
                "input": {"order": "RGB", "scale": 1, "mean": [0.485, 0.456, 0.406],
                          "std": [0.229, 0.224, 0.225]}}, False)
    layers = []
    for block, (channels, n) in enumerate([(6, 2), (8, 2), (12, 4), (12, 4), (12, 1)], 1):
        layers += [
            (f"conv{block}_{i + 1}", channels, 0) for i in range(n)] + (
                [(f"pool{block}", 0, 0)] if block < 5 else [])
    make_model("plain", 2, layers, {"padding": "zero", "pooling": "average", "input": {
        "order": "BGR", "scale": 255, "mean": [103.939, 116.779, 123.68], "std": [1, 1, 1]}}, True)


def make_picture(name, seed, width, height):
    """Waves and a little noise."""
    random = np.random.RandomState(seed)
    y, x = np.mgrid[0:height, 0:width] / 45.0
    picture = np.zeros((height, width, 3))
    for c in range(3):
        for _ in range(6):
            fx, fy, phase, size = random.uniform(
                -40, 40), random.uniform(-40, 40), random.uniform(0, 7), random.uniform(10, 30)
            picture[..., c] += size * np.sin(fx * x + fy * y + phase)
    picture += 128 + 8 * random.randn(height, width, 3)
    write_png(os.path.join(FOLDER, name + ".png"), np.clip(np.rint(picture), 0, 255).astype(np.uint8))


def signs(n):
    """SIGNS x n of +1 and -1."""
    v, out = 1, np.empty(SIGNS * n)
    for i in range(SIGNS * n):
        v = (1664525 * v + 1013904223) & 0xffffffff
        out[i] = 1 if v >> 31 else -1
    return out.reshape(SIGNS, n)


def rounded(x):
    return float(f"{x:.9g}")


def pictures():
    return [read_png(os.path.join(FOLDER, name + ".png")) for name in ("content", "style", "image")]


def cases():
    """Name, path of the model, whole recipe."""
    return [(name, os.path.join(FOLDER, model + ".safetensors"), {**BASE, **changes})
            for name, model, changes in CASES]


def main():
    make_models()
    make_picture("content", 3, 45, 38)
    make_picture("style", 4, 37, 45)
    make_picture("image", 5, 45, 38)

    content, style, image = pictures()
    vectors, lines = signs(image.size), []
    for name, model, recipe in cases():
        losses, gradient = evaluate(Model(model), recipe, content, style, image)
        for term in losses["terms"]:
            term["loss"] = rounded(term["loss"])
        case = {"name": name, "model": os.path.basename(model), "recipe": recipe,
                "losses": {k: v if k == "terms" else rounded(v) for k, v in losses.items()},
                "gradient_norm": rounded(np.linalg.norm(gradient)),
                "gradient_signs": [rounded(p) for p in vectors @ gradient.ravel()]}
        lines.append(json.dumps(case))
        print(f"{name:24} total {losses['total']:.6g}, gradient {case['gradient_norm']:.6g}")
    with open(os.path.join(FOLDER, "reference.json"), "w") as f:
        f.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
