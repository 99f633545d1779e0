# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes regions.json beside this file: losses and gradients of pictures with regions, masks on paintings and
a protected part, in PyTorch and double precision, written from the formulas (core/loss/guidance.h,
core/loss/term.h, core/scene/regions.h) and not from the C code. Models, pictures and the form of the
gradient are those of make_reference.py.

Masks are named here and in tests/core/test-reference.c; x and y go from 0 to 1 across the picture."""
import json
import os

import numpy as np
import torch
import torch.nn.functional as F

from make_reference import BASE, DEEP, FOLDER, pictures, rounded, signs
from reference import Model, content_loss, style_loss, to_tensor, variation_loss

PROTECTION = 30

MASKS = {
    "left": lambda x, y: (x < 0.49) * 1.0,
    "right": lambda x, y: (x >= 0.49) * 1.0,
    "half": lambda x, y: 0 * x + 0.5,
    "ramp": lambda x, y: x,
    "top": lambda x, y: (y < 0.41) * 1.0,
    "ones": lambda x, y: 0 * x + 1.0,
}

# name, model, recipe, styles (picture, mask, part), protect
CASES = [
    ("halves", "heads", {"beta": 20}, [("style", "left", None), ("content", "right", None)], None),
    ("constant", "heads", {"beta": 20}, [("style", "half", None), ("content", None, None)], None),
    ("soft-rest", "heads", {"beta": 20, "style_loss": "wasserstein"},
     [("style", "ramp", None), ("content", None, None)], None),
    ("overlap", "heads", {"beta": 20, "style_loss": "centred"},
     [("style", "ramp", None), ("content", "top", None), ("style", "ones", "left")], None),
    ("photograph", "heads", {"beta": 20}, [("style", "top", None)], None),
    ("part", "heads", {"beta": 20}, [("style", None, "ramp")], None),
    ("protect", "heads", {"beta": 20, "content_layers": {"conv2_2": 1, "conv1_2": 0.3}},
     [("style", None, None)], "ramp"),
    ("deep", "plain", {"content_layers": {"conv4_2": 1}, "style_layers": DEEP, "style_loss": "wasserstein"},
     [("style", "ramp", "top"), ("content", "left", None)], "top"),
    ("keras", "heads", {"content_formula": "sum", "style_formula": "keras", "alpha": 1e-4, "beta": 50},
     [("style", "left", None), ("content", "right", None)], None),
]


def mask_of(name, height, width):
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    return torch.tensor(MASKS[name](x, y))


def share_masks(names, height, width):
    """One mask for each different name; they sum to at most 1, the rest goes to None."""
    masks = {name: mask_of(name, height, width) for name in names if name is not None}
    if not masks:
        return {None: torch.ones(height, width, dtype=torch.float64)}
    whole = sum(masks.values())
    masks = {name: mask / whole.clamp(min=1) for name, mask in masks.items()}
    if None in names:
        masks[None] = (1 - whole).clamp(min=0)
    return masks


def guidance(model, mask, inside):
    """{layer: weights of its positions}"""
    m, s, weights = mask[None, None], mask[None, None], {}
    for layer in model.network["layers"]:
        if layer["name"].startswith("pool"):
            m, s = F.avg_pool2d(m, 2), F.avg_pool2d(s, 2)
        else:
            s = F.avg_pool2d(s, 3, stride=1, padding=1, count_include_pad=False)
        weights[layer["name"]] = (m * s if inside else m).flatten()
        if min(m.shape[2:]) < 2:
            break
    return weights


def evaluate(model, recipe, content, image, styles, protect):
    """styles: (picture, mask, part), pictures as uint8 arrays, masks as names or None."""
    x = to_tensor(image).requires_grad_()
    size = x.shape[2:]
    of_image = model.features(x, recipe["pooling"])
    with torch.no_grad():
        of_content = model.features(to_tensor(content), recipe["pooling"])
    sums = {"content": 0, "style": 0}
    kept = guidance(model, mask_of(protect, *size), False) if protect is not None else None
    for name, weight in recipe["content_layers"].items():
        f, p = model.tap(of_image, name), model.tap(of_content, name)
        if kept is not None:  # only sums and what is in proportion to them can be weighed like this
            root = torch.sqrt(1 + (PROTECTION - 1) * kept[name])
            f = p + root * (f - p)
        sums["content"] += weight * content_loss(recipe["content_formula"], f, p)
    for mask_name, mask in share_masks([mask for _, mask, _ in styles], *size).items():
        weights = guidance(model, mask, True)
        (picture, part), = [(picture, part) for picture, name, part in styles if name == mask_name]
        with torch.no_grad():
            of_style = model.features(to_tensor(picture), recipe["pooling"])
        looked = guidance(model, mask_of(part, *picture.shape[:2]), True) if part is not None else None
        for name, weight in recipe["style_layers"].items():
            w = weights[name]
            v = looked[name] / looked[name].sum() if looked is not None else None
            sums["style"] += weight * w.mean() * style_loss(
                recipe, model.tap(of_image, name), model.tap(of_style, name), size[0] * size[1],
                of_image[name].shape[1], w / w.sum(), v)
    variation = variation_loss(recipe["tv_formula"], x)
    total = recipe["alpha"] * sums["content"] + recipe["beta"] * sums["style"] + recipe["tv"] * variation
    total.backward()
    return {"total": float(total), "content": float(sums["content"]), "style": float(sums["style"]),
            "variation": float(variation)}, x.grad[0].numpy()


def main():
    names = "content", "style", "image"
    images = dict(zip(names, pictures()))
    vectors, lines = signs(images["image"].size), []
    for name, network, differs, styles, protect in CASES:
        recipe = {**BASE, **differs}
        losses, gradient = evaluate(Model(os.path.join(FOLDER, network + ".safetensors")), recipe,
                                    images["content"], images["image"],
                                    [(images[p], mask, part) for p, mask, part in styles], protect)
        lines.append(json.dumps({
            "name": name, "model": network + ".safetensors", "recipe": recipe,
            "styles": [{"picture": p + ".png", "mask": mask or "", "part": part or ""}
                       for p, mask, part in styles],
            "protect": protect or "", "losses": {k: rounded(v) for k, v in losses.items()},
            "gradient_norm": rounded(np.linalg.norm(gradient)),
            "gradient_signs": [rounded(p) for p in vectors @ gradient.ravel()]}))
        print(f"{name:12} total {losses['total']:.6g}, style {losses['style']:.6g}")
    with open(os.path.join(FOLDER, "regions.json"), "w") as f:
        f.write("[\n" + ",\n".join(lines) + "\n]\n")


if __name__ == "__main__":
    main()
