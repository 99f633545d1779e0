# SPDX-License-Identifier: GPL-3.0-or-later
r"""Makes the embedded model file from a training state.

    python3 export.py --state FOLDER/state.pth [--curve FOLDER/curve.csv] [--teacher slim|vgg19] \
        [--date YYYY-MM-DD] --output ../slim.safetensors

The state is train.py's (its moving average is used) or a plain state dict of the student. Weights
are stored as float16, rounded to nearest even; of the heads only the taps'. The file's sum is written beside
it (.sha256). The figures are the last row of the curve. The same state, curve and date give the same bytes.
"""
import argparse
import csv
import datetime
import hashlib
import json
import os
import struct

import numpy as np
import torch

from train import LAYERS, MEAN, STD, TAPS

LICENCE = "GPL-3.0-or-later"
SOURCE = "Trained by weights/train of Pastiche"
TEACHERS = {
    "slim": "Learned from the encoder of \"Collaborative Distillation for Ultra-Resolution Universal Style "
            "Transfer\" (Wang et al., CVPR 2020), MIT licence, copyright (c) 2020 Huan Wang",
    "vgg19": "Learned from VGG-19 (Simonyan and Zisserman 2014), weights by the Visual Geometry Group, "
             "University of Oxford, CC BY 4.0",
}


def half(name, tensor):
    """Converts to float16. Exits with a message if a value is beyond its range, which would become
    infinite."""
    values = tensor.float().numpy()
    with np.errstate(over="ignore"):
        halves = values.astype("<f2")
    if not np.isfinite(halves).all():
        raise SystemExit(f"{name}: a value is not finite, or too large for float16 "
                         f"(largest magnitude {np.abs(values).max():g})")
    return halves


def layers_and_tensors(state):
    """The network's layers as the file's JSON has them, and its tensors by name, in order."""
    layers, tensors = [], {}
    for layer in LAYERS:
        entry = {"name": layer}
        layers.append(entry)
        if layer.startswith("pool"):
            continue
        entry["channels"] = state[f"conv.{layer}.weight"].shape[0]
        entry["padding"] = "replicate"
        tensors[f"{layer}.weight"] = state[f"conv.{layer}.weight"]
        tensors[f"{layer}.bias"] = state[f"conv.{layer}.bias"]
        if layer in TAPS:
            entry["head"] = state[f"head.{layer}.weight"].shape[0]
            tensors[f"{layer}.head.weight"] = state[f"head.{layer}.weight"].flatten(1)
            tensors[f"{layer}.head.bias"] = state[f"head.{layer}.bias"]
    return layers, {name: half(name, t) for name, t in tensors.items()}


def write_safetensors(path, metadata, tensors):
    """8 bytes of header length, the header (padded to a multiple of 8), the data; beside path, then
    renamed."""
    header, offset = {"__metadata__": metadata}, 0
    for name, values in tensors.items():
        dtype = {"f2": "F16", "f4": "F32"}[values.dtype.str[1:]]
        header[name] = {"dtype": dtype, "shape": list(values.shape),
                        "data_offsets": [offset, offset + values.nbytes]}
        offset += values.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path + ".new", "wb") as f:
        f.write(struct.pack("<Q", len(text)) + text)
        for values in tensors.values():
            f.write(np.ascontiguousarray(values).tobytes())
    os.replace(path + ".new", path)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--state", required=True)
    p.add_argument("--curve", help="curve.csv of the training; its last row becomes the figures")
    p.add_argument("--teacher", choices=TEACHERS, default="slim",
                   help="whom the state learned from, for the attribution")
    p.add_argument("--date", default=datetime.date.today().isoformat())
    p.add_argument("--output", required=True)
    a = p.parse_args()

    loaded = torch.load(a.state, map_location="cpu")
    layers, tensors = layers_and_tensors(loaded.get("average", loaded))
    metadata = {"pastiche": json.dumps({
        "format": 1, "name": "slim", "source": SOURCE, "licence": f"{LICENCE}. {TEACHERS[a.teacher]}",
                                        "pooling": "max",
        "input": {"order": "RGB", "scale": 1, "mean": [MEAN] * 3, "std": [STD] * 3}, "layers": layers})}
    metadata.update(source=SOURCE, licence=LICENCE, attribution=TEACHERS[a.teacher], date=a.date)
    if "step" in loaded:
        metadata["step"] = str(loaded["step"])
    if a.curve:
        with open(a.curve, newline="") as f:
            row = list(csv.DictReader(f))[-1]
        metadata["figures"] = json.dumps({k: float(v) for k, v in row.items()
                                          if k not in ("step", "seconds")})
    write_safetensors(a.output, metadata, tensors)
    with open(a.output, "rb") as f, open(a.output + ".sha256", "w") as sums:
        sums.write(f"{hashlib.sha256(f.read()).hexdigest()}  {os.path.basename(a.output)}\n")
    print(f"{a.output}: {len(layers)} layers, {len(tensors)} tensors, {os.path.getsize(a.output)} bytes")


if __name__ == "__main__":
    main()
