# SPDX-License-Identifier: GPL-3.0-or-later
"""Random VGGs for the tests of importers, and their features in PyTorch: written from the paper (Simonyan
and Zisserman, arXiv 1409.1556, table 1), not from the C code."""
import numpy as np

DEPTHS = {16: (2, 2, 3, 3, 3), 19: (2, 2, 4, 4, 4)}
FULL = (64, 128, 256, 512, 512)
SLIM = (6, 5, 8, 7, 4)

TORCHVISION = {"order": (0, 1, 2), "scale": 1, "mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}
CAFFE = {"order": (2, 1, 0), "scale": 255, "mean": (103.939, 116.779, 123.68), "std": (1, 1, 1)}
RGB = {"order": (0, 1, 2), "scale": 255, "mean": (123.68, 116.779, 103.939), "std": (1, 1, 1)}


def names(vgg, last="conv5_4"):
    """conv1_1 ... to last, or to the end."""
    out = []
    for block, depth in enumerate(DEPTHS[vgg], 1):
        for layer in range(1, depth + 1):
            out.append("conv%d_%d" % (block, layer))
            if out[-1] == last:
                return out
    return out


def numbers(vgg):
    """{conv name: index in torchvision's features}"""
    out, at = {}, 0
    for block, depth in enumerate(DEPTHS[vgg], 1):
        for layer in range(1, depth + 1):
            out["conv%d_%d" % (block, layer)] = at
            at += 2
        at += 1
    return out


def weights(vgg=19, channels=SLIM, last="conv5_4", seed=1):
    """{conv name: (weight O x I x 3 x 3, bias O)}, float32; He's initialisation keeps the magnitude of
    deep layers."""
    random = np.random.default_rng(seed)
    out, before = {}, 3
    for name in names(vgg, last):
        width = channels[int(name[4]) - 1]
        weight = random.standard_normal((width, before, 3, 3),
                                        np.float32) * np.float32(np.sqrt(2 / (9 * before)))
        out[name] = weight, random.standard_normal(width, np.float32) * np.float32(0.1)
        before = width
    return out


def picture(height=40, width=48, seed=7):
    """RGB in 0..1, height x width x 3, float32."""
    return np.random.default_rng(seed).random((height, width, 3), np.float32)


def features(tensors, rgb, layer, source, padding="zero", pooling="max"):
    """Features after the ReLU of layer in double precision, positions x channels."""
    import torch
    import torch.nn.functional as F

    x = (rgb[..., list(source["order"])].astype(np.float64) * source["scale"]
         - source["mean"]) / source["std"]
    x = torch.tensor(x).permute(2, 0, 1)[None]
    block = 1
    for name, (weight, bias) in tensors.items():
        if int(name[4]) > block:
            x = F.max_pool2d(x, 2) if pooling == "max" else F.avg_pool2d(x, 2)
            block = int(name[4])
        x = F.pad(x, (1, 1, 1, 1), mode="replicate" if padding == "replicate" else "constant")
        x = F.relu(F.conv2d(x, torch.tensor(weight, dtype=torch.float64),
                            torch.tensor(bias, dtype=torch.float64)))
        if name == layer:
            return x[0].permute(1, 2, 0).reshape(-1, x.shape[1]).numpy()
    raise KeyError(layer)
