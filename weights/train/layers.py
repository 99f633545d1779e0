# SPDX-License-Identifier: GPL-3.0-or-later
"""Train the embedded model layer by layer, from random weights, with heads that are solved instead of
trained.

    python3 layers.py --teacher TEACHER.pth --pictures pictures.npz --painted painted --run FOLDER

Training all layers of a deep network together is badly conditioned: heads and layers adapt to each other
slowly, and a third of the filters became inactive. A single layer is a small problem. Its inputs are the
student's own features of the previous layer, whitened. Its filters start at random. For given filters, the
best linear head into the teacher's features is a least-squares solution (variable projection: Golub and
Pereyra 1973, SIAM J. Numer. Anal. 10, section 2), so only the filters are optimised by gradient descent. The
best of several random starts is kept. Twice during training, the filters that contribute least are replaced
by random ones. The errors of the layers are 10 to 100 times smaller than those of train.py, after minutes.

During training, student and teacher both use reflection padding, so that their features at the edges agree.
The exported model uses replicate padding. FOLDER/state.pth and curve.csv have the format of train.py, which
can resume from them. The state is written after each layer; the next call resumes with the next layer."""
import argparse
import glob
import os
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image

from train import CHANNELS, LAYERS, MEAN, STD, Student, crop, evaluate, load_teacher, log

SIDE = 160
POSITIONS = 160      # of each crop and layer
BATCH = 4096
# random starts of a layer, by block: deeper ones differ little
STARTS = {"1": 6, "2": 4, "3": 1, "4": 1, "5": 1}


def crops(pictures, painted, count):
    """COUNT crops, a quarter of them of pastiches and some of plain noise: N x 3 x SIDE x SIDE, float16."""
    out = torch.empty(count, 3, SIDE, SIDE, dtype=torch.float16)
    for i in range(count):
        kind = random.random()
        if kind < .25:
            a = np.asarray(Image.open(random.choice(painted)).convert("RGB"))
            y, x = random.randrange(a.shape[0] - SIDE + 1), random.randrange(a.shape[1] - SIDE + 1)
            t = torch.from_numpy(a[y:y + SIDE, x:x + SIDE].copy()).permute(2, 0, 1).float() / 255
        elif kind < .28:
            t = (crop(random.choice(pictures), SIDE)[0] + torch.randn(3, SIDE, SIDE)
                 * random.uniform(.1, .5)).clamp(-.1, 1.1)
        else:
            t = crop(random.choice(pictures), SIDE)[0]
        out[i] = t
    return out


def mirrored(x):
    return F.pad(x, (1, 1, 1, 1), mode="reflect")


@torch.no_grad()
def targets(teacher, pictures, places):
    """The teacher's features at the positions of each layer: rows x channels, float16."""
    rows = {layer: [] for layer in places}
    for i in range(len(pictures)):
        for layer, f in teacher(pictures[i:i + 1].float()).items():
            rows[layer].append(f[0].flatten(1)[:, places[layer][i]].t().half())
    return {layer: torch.cat(r) for layer, r in rows.items()}


@torch.no_grad()
def patches(maps, places):
    """The 3 x 3 neighbourhoods that a layer reads: rows x (channels * 9), float16."""
    return torch.cat([F.unfold(mirrored(maps[i:i + 1].float()), 3)[0][:, places[i]].t().half()
                      for i in range(len(maps))])


@torch.no_grad()
def advance(maps, conv, pool):
    """The next layer's maps from this one's."""
    out = []
    for i in range(0, len(maps), 8):
        x = F.relu(F.conv2d(mirrored(maps[i:i + 8].float()), conv.weight, conv.bias))
        out.append((F.max_pool2d(x, 2) if pool else x).half())
    return torch.cat(out)


def whitening(x):
    """Mean and a matrix whose product with centred inputs has unit covariance, but for directions below 1e-4
    of the strongest."""
    rows = x[torch.randperm(len(x))[:60000]].float()
    mean = rows.mean(0)
    values, vectors = torch.linalg.eigh((rows - mean).t() @ (rows - mean) / len(rows))
    return mean, vectors / (values.clamp_min(0) + 1e-4 * values[-1]).sqrt()


def with_one(f):
    return torch.cat([f, torch.ones(*f.shape[:-1], 1)], -1)


def solve_head(f, y):
    """Least-squares heads ((channels + 1) x outputs) for features f (starts x rows x channels), and the
    second moments of f."""
    x = with_one(f)
    g = x.transpose(1, 2) @ x / x.shape[1]
    g = g + 1e-6 * g.diagonal(dim1=1, dim2=2).mean(1)[:, None, None] * torch.eye(g.shape[-1])
    return torch.linalg.solve(g, x.transpose(1, 2) @ y / x.shape[1]), g


@torch.no_grad()
def redraw(w, b, z, y, states, share):
    """Replace the SHARE of filters that contribute least by random ones. The contribution of a filter is the
    increase of the error without it, |head row|^2 / (G^-1)_jj."""
    head, g = solve_head(F.relu(z @ w + b), y)
    use = head[:, :-1].pow(2).sum(2) / torch.linalg.inv(g).diagonal(dim1=1, dim2=2)[:, :-1]
    count = max(1, int(share * w.shape[2]))
    for r in range(len(w)):
        worst = use[r].argsort()[:count]
        w[r, :, worst] = torch.randn(w.shape[1], count) / w.shape[1] ** .5
        b[r, 0, worst] = 0
        for s in states:
            for m in ("exp_avg", "exp_avg_sq"):
                s[m][r, ..., worst] = 0


def train_layer(name, x, y, outputs, steps, lr):
    """Filters (outputs x inputs * 9), biases, and the linear map from them to the teacher's standardised
    features."""
    mean, white = whitening(x)
    n, held = len(x), 20000
    order = torch.randperm(n)
    learn, test = order[held:], order[:held]
    beginnings = STARTS[name[4]]
    w = (torch.randn(beginnings, x.shape[1], outputs) / x.shape[1] ** .5).requires_grad_(True)
    b = torch.zeros(beginnings, 1, outputs, requires_grad=True)
    adam = torch.optim.Adam([w, b], lr, betas=(.9, .98))

    def batch(rows):
        return (x[rows].float() - mean) @ white, y[rows]

    def judge():
        with torch.no_grad():
            z, want = batch(test)
            f = F.relu(z @ w + b)
            head, _ = solve_head(f[:, :held // 2], want[:held // 2])
            return (with_one(f[:, held // 2:]) @ head - want[held // 2:]).pow(2).mean((1,
                                                                                       2)), (f.amax(
                                                                                           1) <= 0).sum(1)

    begin = time.time()
    for step in range(steps):
        if step in (steps // 4, steps // 2):
            z, want = batch(learn[torch.randint(len(learn), (2 * BATCH,))])
            redraw(w, b, z, want, [adam.state[w], adam.state[b]], .1)
        if step == steps // 3 and beginnings > 1:    # the better half goes on
            keep = judge()[0].argsort()[:(beginnings + 1) // 2]
            old = [adam.state[w], adam.state[b]]
            w, b = w.detach(
                )[keep].clone().requires_grad_(True), b.detach()[keep].clone().requires_grad_(True)
            adam = torch.optim.Adam([w, b], lr, betas=(.9, .98))
            for p, s in zip((w, b), old):
                adam.state[p] = dict(step=s["step"], exp_avg=s["exp_avg"][keep].clone(),
                                     exp_avg_sq=s["exp_avg_sq"][keep].clone())
        adam.param_groups[0]["lr"] = lr * min(1, 2 * (1 - step / steps)) * min(1, (step + 1) / 20)
        z, want = batch(learn[torch.randint(len(learn), (BATCH,))])
        f = F.relu(z @ w + b)
        with torch.no_grad():
            head, _ = solve_head(f, want)
        loss = (with_one(f) @ head - want).pow(2).mean((1, 2)).sum()
        adam.zero_grad()
        loss.backward()
        adam.step()
        if (step + 1) % 250 == 0:
            e, dead = judge()
            print(name, step + 1, round(time.time() - begin), " ".join(f"{v:.4f}" for v in e), "dead",
                  dead.tolist(), flush=True)
    best = judge()[0].argmin()
    with torch.no_grad():
        z, want = batch(order[:60000])
        f = F.relu(z @ w[best:best + 1] + b[best:best + 1])
        # each filter's own size is free: 1, root mean square
        scale = f[0].pow(2).mean(0).sqrt().clamp_min(1e-6)
        head, _ = solve_head(f / scale, want)
        weight = (white @ w[best] / scale).t()
        return weight, b[best, 0] / scale - weight @ mean, head[0]


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--teacher", required=True)
    p.add_argument("--pictures", required=True)
    p.add_argument("--painted", required=True, help="folder of pastiches")
    p.add_argument("--run", required=True)
    p.add_argument("--crops", type=int, default=3000)
    p.add_argument("--steps", type=int, default=1200)
    p.add_argument("--lr", type=float, default=1e-2)
    p.add_argument("--threads", type=int, default=torch.get_num_threads())
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    random.seed(a.seed)
    os.makedirs(a.run, exist_ok=True)
    state_file = os.path.join(a.run, "state.pth")

    begin, teacher = time.time(), load_teacher(a.teacher)
    student, done = Student(teacher), []
    arrays = np.load(a.pictures)
    pictures = [arrays[k] for k in arrays.files if k.startswith("train")]
    held = [arrays[k] for k in arrays.files if k.startswith("held") and k.endswith(":0")]
    x = crops(pictures, sorted(glob.glob(os.path.join(a.painted, "*.png"))), a.crops)
    sides = {layer: SIDE >> int(layer[4]) - 1 for layer in LAYERS if layer.startswith("conv")}
    places = {l: torch.stack([torch.randperm(s * s)[:POSITIONS] for _ in range(len(x))])
              for l, s in sides.items()}
    wanted = targets(teacher, x, places)
    print("targets", flush=True)
    if os.path.exists(state_file):
        loaded = torch.load(state_file)
        student.load_state_dict(loaded["student"])
        done = loaded["done"]
    maps = ((x.float() - MEAN) / STD).half()
    for i, layer in enumerate(LAYERS):
        if layer.startswith("pool"):
            continue
        torch.manual_seed(a.seed + i)
        conv, head = student.conv[layer], student.head[layer]
        if layer not in done:
            y = wanted[layer].float()
            deviation = y.std(0)
            deviation = deviation.clamp_min(.2 * deviation.pow(2).mean().sqrt())
            weight, bias, solved = train_layer(layer, patches(maps, places[layer]), y / deviation,
                                               CHANNELS[layer[4]], a.steps, a.lr)
            to_teacher = solved * deviation                      # (channels + 1) x the teacher's channels
            t = teacher.projection(layer)
            with torch.no_grad():
                conv.weight.copy_(weight.view_as(conv.weight))
                conv.bias.copy_(bias)
                head.weight.copy_((t[:, :-1] @ to_teacher[:-1].t())[..., None, None])
                head.bias.copy_(t[:, :-1] @ to_teacher[-1] + t[:, -1])
            done.append(layer)
            state = student.state_dict()
            torch.save(dict(student=state, average=state, step=0, done=done), state_file + ".new")
            os.replace(state_file + ".new", state_file)
        maps = advance(maps, conv, i + 1 < len(LAYERS) and LAYERS[i + 1].startswith("pool"))
        del wanted[layer]

    random.Random(1).shuffle(held)
    log(os.path.join(a.run, "curve.csv"), 0, time.time() - begin, *evaluate(student, teacher, held))


if __name__ == "__main__":
    main()
