# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes tiny.safetensors, which test-weights.c loads: `python3 tiny.py`.

Element i of a tensor is ((i * 5 + its length) % 17 - 8) / 16, exact in both float types. It contains what
other writers may produce: blanks in the header, F16 next to F32 at odd offsets, tensors out of order, a
tensor of no layer, a number with an exponent, unknown keys."""
import json
import os
import struct

import numpy as np

TENSORS = [("classifier.weight", "<f4", (2, 5)), ("conv2_1.bias", "<f2", (5,)),
           ("conv1_1.weight", "<f4", (3, 3, 3, 3)),
           ("conv1_1.bias", "<f4", (3,)), ("conv1_1.head.weight", "<f2", (7, 3)),
           ("conv1_1.head.bias", "<f4", (7,)),
           ("conv2_1.weight", "<f2", (5, 3, 3, 3))]
NETWORK = {"format": 1, "name": "tiny \u00fc", "licence": "CC0-1.0", "pooling": "average",
           "remark": {"by": ["hand"]},
           "input": {"order": "BGR", "scale": 255, "mean": [103.939, 116.779, 123.68], "std": [1, 0.5, 2]},
           "layers": [{"name": "conv1_1", "channels": 3, "padding": "replicate", "head": 7},
                      {"name": "pool1"},
                      {"name": "conv2_1", "channels": 5, "padding": "zero"}]}

header, data = {"__metadata__": {"note": "a \"test\"", "pastiche": json.dumps(NETWORK, indent=1)}}, b""
for name, dtype, shape in TENSORS:
    n = int(np.prod(shape))
    values = ((np.arange(n) * 5 + n) % 17 - 8) / 16
    begin = len(data)
    data += values.astype(dtype).tobytes()
    header[name] = {"data_offsets": [begin, len(data)], "dtype": {"2": "F16", "4": "F32"}[dtype[2]],
                    "shape": shape}
text = json.dumps(header, indent=1).replace("[\n   2,", "[\n   0.2e1,").encode() + b"\n "
with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "tiny.safetensors"), "wb") as f:
    f.write(struct.pack("<Q", len(text)) + text + data)
