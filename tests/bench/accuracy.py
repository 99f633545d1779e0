# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints the errors of every convolution method, and of PyTorch in single precision, against double
precision. They are errors of the whole network:

    python3 accuracy.py BUILD-FOLDER [full|slim [WIDTH HEIGHT]]

Relative L2 errors of conv5_1's features (limit 2e-6) and of the image gradient (limit 1e-3). Exit status 1 if
the chosen method ("auto") exceeds a limit. "fast" has bf16 products where the processor can."""
import subprocess
import sys
import tempfile

import numpy
import torch
import torch.nn.functional as F

build, kind, width, height = (sys.argv + ["slim", "256", "192"][len(sys.argv) - 2:])[1:5]
width, height = int(width), int(height)
# Channels of each convolution, 0 for pooling; and the layers whose features are in the loss.
LAYERS = [64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512]
TAPS = [0, 3, 6, 11, 12, 16]


def run(folder, dtype):
    """Features of conv5_1 and the image gradient, as accuracy.c computes them."""
    weights = torch.from_numpy(numpy.fromfile(folder + "/weights", numpy.float32)).to(dtype)
    x = torch.from_numpy(numpy.fromfile(folder + "/image", numpy.float32)).to(dtype)
    x = x.reshape(1, height, width, 3).permute(0, 3, 1, 2)
    image = x.contiguous().requires_grad_()
    x, at, loss = image, 0, 0
    for i, channels in enumerate(LAYERS):
        if channels:
            channels //= 4 if kind == "slim" else 1
            n = channels * x.shape[1] * 9
            x = F.relu(F.conv2d(x, weights[at:at + n].reshape(channels, -1, 3, 3),
                                weights[at + n:at + n + channels], padding=1))
            at += n + channels
        else:
            x = F.avg_pool2d(x, 2)
        if i in TAPS:
            loss = loss + x.pow(2).mean()
    loss.backward()
    return [t.detach()[0].permute(1, 2, 0).numpy().ravel() for t in (x, image.grad)]


def errors(found, right):
    return [numpy.linalg.norm(f - r) / numpy.linalg.norm(r) for f, r in zip(found, right)]


with tempfile.TemporaryDirectory() as folder:
    subprocess.run([build + "/tests/bench/accuracy", kind, str(width), str(height), folder], check=True)
    right = run(folder, torch.float64)
    print("Relative error (L2) against double precision, %s, %d x %d.\n" % (kind, width, height))
    print("| method | features of conv5_1 | image gradient |\n| --- | ---: | ---: |")
    print("| PyTorch | %.1e | %.1e |" % (*errors(run(folder, torch.float32), right),))
    for method in "auto", "im2col", "winograd4", "winograd6", "fast":
        found = errors([numpy.fromfile("%s/%s-%s" % (folder, method, what), numpy.float32)
                        for what in ("features", "gradient")], right)
        print("| %s | %.1e | %.1e |" % (method, *found))
        if method == "auto":
            chosen = found
sys.exit(not (chosen[0] <= 2e-6 and chosen[1] <= 1e-3))
