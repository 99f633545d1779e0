# SPDX-License-Identifier: GPL-3.0-or-later
"""Compares the five recipes of published sources with scripts that implement these sources in double
precision. Each script uses the units of its source (values up to 255, its own scaling of Gram matrices,
total variation of the network's input) and a VGG of full shape with random parameters. The first 20 losses
of `pastiche run --preset NAME` must agree within 0.1 %. Prints TAP; skipped without PyTorch.

With Adam this holds for all losses. L-BFGS reduces these losses to a hundredth within 20 steps, and also
amplifies the rounding errors of single precision by a factor of about two per step. So its first two losses
must agree within 0.1 %. The limit for the others is three times the error of the script itself when its
gradients have single precision's error (GRADIENT_ERROR). The third loss is not held to 0.1 %, because one of
six such scripts for theano-columbia, which uses maximum pooling, was off by 2.2e-3 at that point.

L-BFGS is implemented here again, from its papers and from the description of the first step and the line
search in core/minimise/minimiser.h, because other programs use other line searches. The recipe keras is also
compared with scipy's L-BFGS after the same number of evaluations."""
import json
import os
import subprocess
import sys
import tempfile

try:
    import torch
except ImportError:
    print("1..0 # SKIP no PyTorch for " + sys.executable)
    sys.exit(0)

import numpy as np
import torch.nn.functional as F
from scipy.optimize import fmin_l_bfgs_b

SOURCE, BUILD = os.environ["SRCDIR"], os.environ["BUILDDIR"]
sys.path.insert(0, os.path.join(SOURCE, "tests/data"))
sys.dont_write_bytecode = True
import foreign_files    # noqa: E402
import vgg    # noqa: E402
import weights_files    # noqa: E402
from reference import read_png, to_tensor, write_png    # noqa: E402

TOLERANCE, STEPS, WIDTH, HEIGHT = 1e-3, 20, 48, 32
GRADIENT_ERROR = 3e-4    # relative error of an image gradient: a few ReLUs switch near zero
CAFFE_MEAN = torch.tensor([103.939, 116.779, 123.68], dtype=torch.float64).view(3, 1, 1)
CHANNELS = (64, 128, 256, 512, 512)


def caffe(path, weights):
    foreign_files.write_caffe(path, weights)


def keras_hdf5(path, weights):
    foreign_files.write_keras(path, weights)


def mat(path, weights):
    foreign_files.write_matconvnet_scipy(path, weights, "old", compress=False)


def npz(path, weights):
    np.savez(path, **weights_files.npz_arrays(weights))


def pth(path, weights):
    weights_files.save(path, weights_files.torchvision(weights), "legacy")


def features(weights, x, pool, last):
    """The feature maps {layer: N x M} of a preprocessed picture, up to the layer last."""
    out, block = {}, "1"
    for layer, (weight, bias) in weights.items():
        if layer[4] != block:
            x, block = pool(x, 2), layer[4]
        x = F.relu(F.conv2d(x, torch.from_numpy(weight).double(), torch.from_numpy(bias).double(), padding=1))
        out[layer] = x.flatten(2)[0]
        if layer == last:
            break
    return out


def bgr255(rgb):
    return rgb.flip(1) * 255 - CAFFE_MEAN


def rgb255(rgb):
    return rgb * 255 - CAFFE_MEAN.flip(0)


def torchvision(rgb):
    mean, deviation = (torch.tensor(v, dtype=torch.float64).view(3, 1, 1)
                       for v in ([.485, .456, .406], [.229, .224, .225]))
    return (rgb - mean) / deviation


FIVE = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
SEVEN = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1", "conv3_2", "conv3_3"]


def gatys(weights, content, style):
    """arXiv 1508.06576, equations 1 to 5. Gram matrices are means over positions, because the pictures
    differ in size."""
    p = features(weights, bgr255(content), F.avg_pool2d, "conv4_2")["conv4_2"]
    a = {l: f @ f.T / f.shape[1] for l, f in features(weights, bgr255(style), F.avg_pool2d,
                                                      "conv5_1").items()}

    def loss(x):
        f = features(weights, bgr255(x), F.avg_pool2d, "conv5_1")
        style_loss = sum(1 / 5 / (4 * f[l].shape[0] ** 2)
                         * ((f[l] @ f[l].T / f[l].shape[1] - a[l]) ** 2).sum() for l in FIVE)
        return 1 * ((f["conv4_2"] - p) ** 2).sum() / 2 + 1e3 * style_loss
    return loss


def keras(weights, content, style):
    p = features(weights, bgr255(content), F.max_pool2d, "conv5_2")["conv5_2"]
    s = features(weights, bgr255(style), F.max_pool2d, "conv5_2")

    def loss(x):
        picture = bgr255(x)
        f = features(weights, picture, F.max_pool2d, "conv5_2")
        total = 0.025 * ((f["conv5_2"] - p) ** 2).sum()
        for l in FIVE:
            total = total + 1 / 5 * (
                (s[l] @ s[l].T - f[l] @ f[l].T) ** 2).sum() / (4 * 3 ** 2 * (WIDTH * HEIGHT) ** 2)
        down, right = picture[
            ..., :-1, :-1] - picture[..., 1:, :-1], picture[..., :-1, :-1] - picture[..., :-1, 1:]
        return total + 1e-4 * (down ** 2 + right ** 2).pow(1.25).sum()
    return loss


def theano(weights, content, style):
    p = features(weights, rgb255(content), F.max_pool2d, "conv4_2")["conv4_2"]
    s = features(weights, rgb255(style), F.max_pool2d, "conv5_1")

    def loss(x):
        f = features(weights, rgb255(x), F.max_pool2d, "conv5_1")
        style_loss = sum(1 / 5
                         * ((f[l] @ f[l].T - s[l] @ s[l].T * (f[l].shape[1] / s[l].shape[1])) ** 2).mean()
                         for l in FIVE)
        return 0.2 * ((f["conv4_2"] - p) ** 2).sum() / 2 + 1e-6 * style_loss
    return loss


def tensorflow(weights, content, style):
    p = features(weights, rgb255(content), F.avg_pool2d, "conv3_3")["conv3_3"]
    s = features(weights, rgb255(style), F.avg_pool2d, "conv3_3")

    def loss(x):
        f = features(weights, rgb255(x), F.avg_pool2d, "conv3_3")
        return ((f["conv3_3"] - p) ** 2).mean() + 1e-10 * sum(((f[l] @ f[l].T - s[l] @ s[l].T) ** 2).mean()
                                                              for l in SEVEN)
    return loss


def pytorch(weights, content, style):
    p = features(weights, torchvision(content), F.max_pool2d, "conv4_2")["conv4_2"]
    s = features(weights, torchvision(style), F.max_pool2d, "conv5_1")

    def loss(x):
        f = features(weights, torchvision(x), F.max_pool2d, "conv5_1")
        style_loss = sum(w * ((f[l] @ f[l].T - s[l] @ s[l].T) ** 2).mean() / f[l].numel()
                         for l, w in zip(FIVE, [1, .75, .2, .2, .2]))
        return ((f["conv4_2"] - p) ** 2).mean() + 1e6 * style_loss
    return loss


def function(loss):
    """Returns a function of a flat H x W x 3 picture in 0..1 that returns value and gradient."""
    def f(x):
        t = torch.from_numpy(x.reshape(HEIGHT, WIDTH, 3)).permute(2, 0, 1)[None].requires_grad_(True)
        value = loss(t)
        gradient, = torch.autograd.grad(value, t)
        return value.item(), gradient[0].permute(1, 2, 0).numpy().ravel().copy()
    return f


def lbfgs(f, x, steps, history=10):
    """Returns the losses after each step. Liu, Nocedal 1989: the first step has length max (1, n^1/2 / 100),
    later trial steps are 1; backtracking until Armijo's condition holds."""
    value, gradient = f(x)
    pairs, losses = [], []
    while len(losses) < steps:
        d, alphas = -gradient, []
        for s, y in reversed(pairs):
            alphas.append(s @ d / (s @ y))
            d = d - alphas[-1] * y
        if pairs:
            s, y = pairs[-1]
            d = d * (s @ y) / (y @ y)
        for (s, y), a in zip(pairs, reversed(alphas)):
            d = d + (a - y @ d / (s @ y)) * s
        slope, t = d @ gradient, 1.
        if not pairs:
            t = max(1, .01 * np.sqrt(len(x))) / np.sqrt(-slope)
        while True:
            trial = x + t * d
            new, new_gradient = f(trial)
            if new <= value + 1e-4 * t * slope:
                break
            rise = new - value - slope * t
            t = min(max(-slope * t * t / (2 * rise), .1 * t), .5 * t)
        pairs = (pairs + [(trial - x, new_gradient - gradient)])[-history:]
        x, value, gradient = trial, new, new_gradient
        losses.append(value)
    return losses


def adam(f, x, steps, rate):
    """Returns the losses before each step (Kingma, Ba 2015, algorithm 1)."""
    m, v, losses = 0, 0, []
    for t in range(1, steps + 1):
        value, g = f(x)
        losses.append(value)
        m, v = .9 * m + .1 * g, .999 * v + .001 * g * g
        x = x - rate * (m / (1 - .9 ** t)) / (np.sqrt(v / (1 - .999 ** t)) + 1e-8)
    return losses


def rounded(f, seed):
    """f with random errors in the gradient, as in single precision."""
    random = np.random.RandomState(seed)

    def g(x):
        value, gradient = f(x)
        return value, gradient + GRADIENT_ERROR * np.linalg.norm(
            gradient) / np.sqrt(len(x)) * random.standard_normal(len(x))
    return g


def relative_errors(a, b):
    return np.array([abs(p - q) / abs(q) for p, q in zip(a, b)])


def white_noise(seed):
    """The noise of GLib's generator, a Mersenne twister: 53 bits from two draws, 0 to 1."""
    draws = np.random.RandomState(seed).randint(0, 2 ** 32, 2 * WIDTH * HEIGHT * 3,
                                                dtype=np.uint32).astype(np.float64).reshape(-1, 2)
    return ((draws[:, 0] * 2 ** -32 + draws[:, 1]) * 2 ** -32).astype(np.float32).astype(np.float64)


# name, depth of the network, writer of its file, extension, script, start, optimiser, size of the style's
# file, rows of it that are used
RECIPES = [
    ("gatys-2015", 19, caffe, ".caffemodel", gatys, "noise", lbfgs, (32, 48), None),
    ("keras", 19, keras_hdf5, ".h5", keras, "content", lbfgs, (48, 32), None),
    ("theano-columbia", 19, mat, ".mat", theano, "noise", lbfgs, (48, 32), None),
    ("tensorflow-vgg16", 16, npz, ".npz", tensorflow, "content", lambda *a: adam(*a, .008), (48, 48),
     np.s_[8:40]),
    ("pytorch-vgg19", 19, pth, ".pth", pytorch, "content", lambda *a: adam(*a, .00068), (48, 32), None),
]


def picture(path, seed, width, height):
    """Writes a picture of waves and a little noise, and reads it again."""
    random, (y, x) = np.random.RandomState(seed), np.mgrid[0:height, 0:width] / 45.
    waves = np.stack([sum(random.uniform(10, 30)
                          * np.sin(random.uniform(-40, 40) * x + random.uniform(-40, 40) * y)
                          for _ in range(6))
                      for _ in range(3)], -1)
    write_png(path, np.clip(np.rint(128 + waves + 8 * random.randn(height, width, 3)), 0,
                            255).astype(np.uint8))
    return read_png(path)


def losses_of(preset, paths, changes):
    """The total loss after each iteration of the preset with these changes."""
    with open(paths["recipe"], "w") as f:
        json.dump({"preset": preset, **changes}, f)
    command = [os.path.join(BUILD, "pastiche"), "run", "--json"]
    for name, path in paths.items():
        command += ["--" + name, path]
    out = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout.decode()
    return [json.loads(line)["total"] for line in out.splitlines() if '"total"' in line]


def check(folder, recipe):
    name, depth, write, ending, script, start, descend, style_size, rows = recipe
    paths = {n: os.path.join(folder, n + ".png") for n in ("content", "style", "output")}
    paths.update(model=os.path.join(folder, name + ending), recipe=os.path.join(folder, "recipe.json"))
    content, style = picture(paths["content"], 3, WIDTH, HEIGHT), picture(paths["style"], 4, *style_size)
    weights = vgg.weights(depth, CHANNELS, seed=7)
    write(paths["model"], weights)
    rounds = name == "keras"
    f = function(script(weights, to_tensor(content), to_tensor(style if rows is None else style[rows])))
    x = white_noise(1) if start == "noise" else content.astype(np.float64).ravel() / 255

    expected, limit = descend(f, x, STEPS), np.full(STEPS, TOLERANCE)
    if descend is lbfgs:
        limit[2:] = max(TOLERANCE, 3 * relative_errors(descend(rounded(f, 1), x, STEPS), expected).max())
    found = losses_of(name, paths, {"iterations": STEPS, "evaluations": 0})
    errors = relative_errors(found, expected)
    yield len(found) == STEPS and (errors <= limit).all(), name, \
        f"worst of 20 losses {errors.max():.1e}, of the first two {errors[:2].max():.1e}, " \
        f"from {expected[0]:.4g} to {expected[-1]:.4g}"
    if rounds:
        x, value, _ = fmin_l_bfgs_b(f, x, maxfun=STEPS, m=10)
        found = losses_of(name, paths, {"iterations": 1})
        yield found[0] <= 1.1 * value, name + "/round", \
            f"a round of {STEPS} evaluations comes to {found[0]:.4g}, scipy to {value:.4g}"
    os.remove(paths["model"])


def main():
    torch.set_num_threads(2)
    print(f"1..{len(RECIPES) + 1}")
    number = bad = 0
    with tempfile.TemporaryDirectory() as folder:
        for recipe in RECIPES:
            for good, name, text in check(folder, recipe):
                number += 1
                bad += not good
                print(f"{'ok' if good else 'not ok'} {number} /recipes/{name} # {text}", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
