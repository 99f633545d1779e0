# SPDX-License-Identifier: GPL-3.0-or-later
r"""Train the embedded model: a slim VGG-19 that learns a teacher's features, on photographs and on the
optimiser's own pictures.

    python3 pictures.py pictures.npz
    python3 train.py --teacher TEACHER.pth --pictures pictures.npz --run FOLDER --minutes 600 \
        [--start slim.safetensors] [--cooldown]

FOLDER/state.pth holds the weights, their moving average, the optimiser's state and the step. It is written
every EVERY steps, and the next call resumes from it. FOLDER/curve.csv is the log. The learning rate is
constant. The model is the moving average of the weights. Use `--cooldown` in the last call: it lowers the
learning rate linearly to zero over the given minutes. export.py then writes the model file.

The student has VGG-19's layers up to conv5_1 with 16, 32, 64 and 128 channels, replicate padding, ReLU and
2x2 max pooling. Its input is (RGB - 0.45) / 0.225. Each tap has a linear head into the teacher's feature
space. The loss of a tap is the squared error of the projected features divided by the mean square of the
teacher's features. The other layers get hints through heads that are discarded after training.

Part of the training pictures are on-policy: crops that an optimiser repaints during training, to lower the
student's style loss, sometimes the teacher's. Style transfer optimises pictures in the same way, and these
soon differ from photographs. A student that has seen photographs only would be wrong about them.

Method: distillation with hints (Romero et al. 2015, arXiv 1412.6550, section 2); on-policy data as in DAgger
(Ross et al. 2011, arXiv 1011.0686); orthogonalised momentum (Jordan et al. 2024, "Muon"), rate matched to
Adam's as in arXiv 2502.16982, section 2.2."""
import argparse
import csv
import json
import os
import random
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

LAYERS = ["conv1_1", "conv1_2", "pool1", "conv2_1", "conv2_2", "pool2", "conv3_1", "conv3_2", "conv3_3",
          "conv3_4", "pool3",
          "conv4_1", "conv4_2", "conv4_3", "conv4_4", "pool4", "conv5_1"]
CHANNELS = {"1": 16, "2": 32, "3": 64, "4": 128, "5": 128}
STYLE = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
TAPS = STYLE + ["conv4_2"]
HINTS = [l for l in LAYERS if l.startswith("conv") and l not in TAPS]
HINT_WEIGHT = 1.0    # of each of the two hints drawn at random for a batch
MEAN, STD = 0.45, 0.225
EVERY = 250          # steps between two lines of the log
POOL = 24            # pictures that are being repainted
POOL_SIDE = 160


def identity(n):
    return torch.cat([torch.eye(n), torch.zeros(n, 1)], 1)


class SlimTeacher:
    """The published quarter-width encoder (Wang et al., CVPR 2020): reflection padding, 1x1 projections to
    VGG-19's channels."""

    def __init__(self, path):
        self.w = {k.replace("conv", ""): v for k, v in torch.load(path, map_location="cpu")["model"].items()}

    def channels(self, layer):
        key = layer[4] + layer[6]
        return self.w[key + ("_aux.bias" if layer in STYLE else ".bias")].shape[0]

    def __call__(self, x):
        w, out = self.w, {}
        x = F.conv2d(x, w["0.weight"], w["0.bias"])
        for layer in LAYERS:
            if layer.startswith("pool"):
                x = F.max_pool2d(x, 2)
                continue
            key = layer[4] + layer[6]
            x = out[layer] = F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), w[key + ".weight"],
                                             w[key + ".bias"]))
        return out

    def projection(self, layer):
        key = layer[4] + layer[6]
        if layer in STYLE:
            return torch.cat([self.w[key + "_aux.weight"].flatten(1), self.w[key + "_aux.bias"][:, None]], 1)
        return identity(self.w[key + ".bias"].shape[0])


class FullTeacher:
    """torchvision's VGG-19 file (features.N.weight), if it is available: zero padding, no projections."""

    def __init__(self, path):
        w = torch.load(path, map_location="cpu")
        numbers = sorted({int(k.split(".")[1]) for k in w if k.startswith("features")})
        names = [l for l in LAYERS if l.startswith("conv")]
        self.w = {n: (w[f"features.{i}.weight"], w[f"features.{i}.bias"]) for n, i in zip(names, numbers)}

    def channels(self, layer):
        return self.w[layer][1].shape[0]

    def __call__(self, x):
        out = {}
        x = (x - torch.tensor([0.485, 0.456, 0.406]).view(3, 1, 1)) / torch.tensor(
            [0.229, 0.224, 0.225]).view(3, 1, 1)
        for layer in LAYERS:
            if layer.startswith("pool"):
                x = F.max_pool2d(x, 2)
            else:
                x = out[layer] = F.relu(F.conv2d(x, *self.w[layer], padding=1))
        return out

    def projection(self, layer):
        return identity(self.channels(layer))


def load_teacher(path):
    return SlimTeacher(path) if "model" in torch.load(path, map_location="cpu") else FullTeacher(path)


class Student(nn.Module):
    def __init__(self, teacher):
        super().__init__()
        self.conv, self.head, inputs = nn.ModuleDict(), nn.ModuleDict(), 3
        for layer in LAYERS:
            if layer.startswith("pool"):
                continue
            outputs = CHANNELS[layer[4]]
            self.conv[layer] = nn.Conv2d(inputs, outputs, 3, padding=1, padding_mode="replicate")
            nn.init.kaiming_normal_(self.conv[layer].weight, nonlinearity="relu")
            nn.init.zeros_(self.conv[layer].bias)
            self.head[layer] = nn.Conv2d(outputs, teacher.channels(layer), 1)
            inputs = outputs

    def forward(self, x, layers=tuple(LAYERS)):
        out, x = {}, (x - MEAN) / STD
        for layer in LAYERS:
            if layer.startswith("pool"):
                x = F.max_pool2d(x, 2)
                continue
            x = F.relu(self.conv[layer](x))
            if layer in layers:
                out[layer] = x
        return out

    def projection(self, layer):
        return torch.cat([self.head[layer].weight.flatten(1), self.head[layer].bias[:, None]], 1)


class Muon(torch.optim.Optimizer):
    """Momentum, orthogonalised by five Newton-Schulz steps, for the 3x3 layers; parameters are seen as
    outputs x (inputs * 9)."""

    def __init__(self, parameters, lr, momentum=0.95):
        super().__init__(parameters, dict(lr=lr, momentum=momentum))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                m = self.state[p].setdefault("momentum", torch.zeros_like(p))
                m.mul_(group["momentum"]).add_(p.grad)
                g = p.grad.add(m, alpha=group["momentum"]).flatten(1)
                wide = g.shape[0] <= g.shape[1]
                x = (g if wide else g.t()) / (g.norm() + 1e-7)
                for _ in range(5):
                    a = x @ x.t()
                    x = 3.4445 * x + (-4.7750 * a + 2.0315 * a @ a) @ x
                p.add_((x if wide else x.t()).view_as(p), alpha=-0.2 * max(g.shape) ** 0.5 * group["lr"])


def crop(a, side):
    """A random side x side crop of H x W x 3 uint8, scaled, turned and recoloured at random, as 1 x 3 x side
    x side in 0..1."""
    s = min(int(side / random.choice([1, 1, 1, .75, .5, 1.5])), *a.shape[:2])
    y, x = random.randrange(a.shape[0] - s + 1), random.randrange(a.shape[1] - s + 1)
    t = torch.from_numpy(a[y:y + s, x:x + s].copy()).permute(2, 0, 1)[None].float() / 255
    if s != side:
        t = F.interpolate(t, (side, side), mode="bilinear", align_corners=False, antialias=s > side)
    if random.random() < .5:
        t = t.flip(3)
    if random.random() < .1:
        t = t.flip(2)
    if random.random() < .3:
        t = (t - t.mean()) * random.uniform(.6, 1.5) + t.mean() + torch.randn(1, 3, 1, 1) * .08
    if random.random() < .15:
        t = t[:, torch.randperm(3)]
    if random.random() < .2:
        t = t + torch.randn_like(t) * random.uniform(0, .12)
    return t


def moments(*maps):
    """Mean outer product of [maps..., 1] over all positions: the Gram matrix of any linear projection
    follows from it."""
    rows = [m.transpose(0, 1).flatten(1) for m in maps]
    rows = torch.cat(rows + [torch.ones(1, rows[0].shape[1])])
    return rows @ rows.t() / rows.shape[1]


def gram(f, projection):
    """Gram matrix of the projected features without the projected features: P E[f f'] P', P = [A b], f = [f
    1]."""
    return projection @ moments(f) @ projection.t()


def style_terms(model, features, grams):
    return sum((gram(features[l], model.projection(l)) - grams[l]).pow(2).sum() / grams[l].pow(2).sum()
               for l in STYLE)


class Pastiches:
    """Crops that are repainted while training goes on: each by 15 to 150 steps of Adam, from the content, its
    blurred copy or noise."""

    def __init__(self, student, teacher, pictures, side=POOL_SIDE, count=POOL):
        self.student, self.teacher, self.pictures, self.side = student, teacher, pictures, side
        self.entries = [self.fresh() for _ in range(count)]

    @torch.no_grad()
    def fresh(self):
        side = self.side
        content = crop(random.choice(self.pictures), side).clamp(0, 1)
        style = crop(random.choice(self.pictures), side).clamp(0, 1)
        kind = random.random()
        x = content.clone()
        if kind < .2:
            x = torch.rand_like(content)
        elif kind < .4:    # what a scale of the pyramid starts from: the coarser scale's result, enlarged
            x = F.interpolate(F.interpolate(content, scale_factor=.5, mode="bilinear", antialias=True),
                              (side, side), mode="bicubic")
        model = self.teacher if random.random() < .2 else self.student
        c, s = model(content), model(style)
        return dict(x=x, m=torch.zeros_like(x), v=torch.zeros_like(x), t=0, model=model, content=c["conv4_2"],
                    grams={l: gram(s[l], model.projection(l)) for l in STYLE}, life=random.randrange(15, 150),
                    step=random.choice([.01, .02, .05]),
                    weight=random.choice([.003, .01, .03, .1, .3]))

    def advance(self, ids):
        for model in (self.student, self.teacher):
            mine = [i for i in ids if self.entries[i]["model"] is model]
            if not mine:
                continue
            x = torch.cat([self.entries[i]["x"] for i in mine]).requires_grad_(True)
            out, loss = model(x), 0
            for k, i in enumerate(mine):
                e = self.entries[i]
                loss = loss + style_terms(model, {l: out[l][k:k + 1] for l in STYLE}, e["grams"])
                loss = loss + e["weight"] * (out["conv4_2"][k:k + 1]
                                             - e["content"]).pow(2).sum() / e["content"].pow(2).sum()
            gradient, = torch.autograd.grad(loss, x)
            for k, i in enumerate(mine):
                e, g = self.entries[i], gradient[k:k + 1]
                e["t"] += 1
                e["m"], e["v"] = .9 * e["m"] + .1 * g, .99 * e["v"] + .01 * g * g
                e["x"] = (e["x"] - e["step"] * (e["m"] / (1 - .9 ** e["t"]))
                          / ((e["v"] / (1 - .99 ** e["t"])).sqrt() + 1e-8))
                e["x"] = e["x"].clamp(-.1, 1.1).detach()
                if e["t"] > e["life"]:
                    self.entries[i] = self.fresh()


def errors(x, teacher, student, layers=tuple(LAYERS), thin=False):
    """Relative squared error of each projected layer. The outermost positions are excluded, because the
    paddings differ there. thin: use every second row and column of the large layers."""
    with torch.no_grad():
        wanted = teacher(x)
    got, out = student(x, layers), {}
    for layer in got:
        every = 2 if layer[4] in "12" and thin else 1
        a, b = got[layer][..., 1:-1:every, 1:-1:every], wanted[layer][..., 1:-1:every, 1:-1:every]
        e, p, t = moments(a, b), student.projection(layer), teacher.projection(layer)
        n = a.shape[1]
        difference = torch.cat([p[:, :n], -t[:, :-1], p[:, n:] - t[:, -1:]], 1)
        out[layer] = ((difference @ e) * difference).sum() / ((t @ e[n:, n:]) * t).sum()
    return out


def evaluate(student, teacher, held, steps=60, pastiches=4):
    """Errors of the taps on held-out pictures (256 px), and on pastiches (192 px) that Adam paints from them
    with the student's losses."""
    def centre(a, side):
        t = torch.from_numpy(a).permute(2, 0, 1)[None].float() / 255
        s = min(a.shape[:2])
        y, x = (a.shape[0] - s) // 2, (a.shape[1] - s) // 2
        return F.interpolate(t[..., y:y + s, x:x + s], (side, side), mode="bilinear", align_corners=False,
                             antialias=True)

    photographs, painted, n = dict.fromkeys(TAPS, 0.), dict.fromkeys(TAPS, 0.), 0
    with torch.no_grad():
        for i in range(0, 24, 4):
            e = errors(torch.cat([centre(a, 256) for a in held[i:i + 4]]), teacher, student, TAPS)
            for l in TAPS:
                photographs[l] += e[l].item() / 6
    for i in range(pastiches):
        content, style = centre(held[2 * i], 192), centre(held[2 * i + 1], 192)
        with torch.no_grad():
            c, grams = student(content)["conv4_2"], {l: gram(f, student.projection(l))
                                                     for l, f in student(style, STYLE).items()}
        x = content.clone().requires_grad_(True)
        adam = torch.optim.Adam([x], .02)
        for _ in range(steps):
            out = student(x, TAPS)
            loss = style_terms(student, out, grams) + .03 * (out["conv4_2"] - c).pow(2).sum() / c.pow(2).sum()
            adam.zero_grad()
            loss.backward()
            adam.step()
        with torch.no_grad():
            e = errors(x.clamp(0, 1), teacher, student, TAPS)
        for l in TAPS:
            painted[l] += e[l].item() / pastiches
    return photographs, painted


def log(path, step, seconds, photographs, painted):
    """Append a line to the curve."""
    new = not os.path.exists(path)
    with open(path, "a", newline="") as f:
        w = csv.writer(f)
        if new:
            w.writerow(["step", "seconds"] + [f"held_{l}" for l in TAPS] + [f"policy_{l}" for l in TAPS])
        w.writerow([step, round(seconds)] + [f"{photographs[l]:.4f}" for l in TAPS]
                   + [f"{painted[l]:.4f}" for l in TAPS])


def read_model(path):
    """Read a model file as a state dict. It has no entries for missing heads, which stay random."""
    state = {}
    with open(path, "rb") as f:
        header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        data = f.read()
    for name, info in header.items():
        if name == "__metadata__":
            continue
        begin, end = info["data_offsets"]
        values = np.frombuffer(data[begin:end], {"F16": "<f2",
                                                 "F32": "<f4"}[info["dtype"]]).astype(np.float32)
        layer, kind = name.split(".", 1)
        head = kind.startswith("head.")
        shape = info["shape"] + ([1, 1] if kind == "head.weight" else [])
        state[f"{'head' if head else 'conv'}.{layer}.{kind.split('.')[-1]}"] = torch.from_numpy(
            values).reshape(shape)
    return state


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--teacher", required=True)
    p.add_argument("--pictures", required=True)
    p.add_argument("--run", required=True, help="folder of the state and the log")
    p.add_argument("--minutes", type=float, required=True)
    p.add_argument("--start", help="model file (slim.safetensors) to start from, instead of random weights")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--cooldown", action="store_true")
    p.add_argument("--adam", action="store_true", help="Adam for the 3x3 layers too")
    p.add_argument("--threads", type=int, default=torch.get_num_threads())
    p.add_argument("--seed", type=int, default=0)
    a = p.parse_args()
    torch.set_num_threads(a.threads)
    torch.manual_seed(a.seed)
    random.seed(a.seed)
    os.makedirs(a.run, exist_ok=True)
    state_file, log_file = os.path.join(a.run, "state.pth"), os.path.join(a.run, "curve.csv")

    teacher = load_teacher(a.teacher)
    student, average = Student(teacher), Student(teacher)
    muon = [] if a.adam else [c.weight for l, c in student.conv.items() if l != "conv1_1"]
    adam = [q for q in student.parameters() if not any(q is m for m in muon)]
    optimisers = [torch.optim.Adam(adam, a.lr, betas=(.9, .98))] + ([Muon(muon, a.lr)] if muon else [])
    step = 0
    if os.path.exists(state_file):
        s = torch.load(state_file)
        student.load_state_dict(s["student"])
        average.load_state_dict(s["average"])
        for o, d in zip(optimisers, s.get("optimisers", [])):    # none after layers.py
            o.load_state_dict(d)
        step = s["step"]
        random.seed(a.seed + step)
        torch.manual_seed(a.seed + step)
    else:
        if a.start:
            student.load_state_dict(read_model(a.start), strict=False)
        average.load_state_dict(student.state_dict())

    cache = np.load(a.pictures)
    pictures = [cache[k] for k in cache.files if k.startswith("train")]
    held = [cache[k] for k in cache.files if k.startswith("held") and k.endswith(":0")]
    random.Random(1).shuffle(held)
    pool = Pastiches(student, teacher, pictures)
    begin, first_step = time.time(), step

    def report():
        photographs, painted = evaluate(average, teacher, held)
        log(log_file, step, time.time() - begin, photographs, painted)
        torch.save(dict(student=student.state_dict(), average=average.state_dict(), step=step,
                        optimisers=[o.state_dict() for o in optimisers]), state_file + ".new")
        os.replace(state_file + ".new", state_file)

    report()
    while True:
        done = (time.time() - begin) / (60 * a.minutes)
        if done >= 1:
            break
        for o in optimisers:
            for g in o.param_groups:
                g["lr"] = a.lr * (
                    max(1 - done, .01) if a.cooldown else 1) * min(1, (step - first_step + 1) / 100)
        side, count = random.choice([(128, 5), (192, 2), (256, 1)])
        batches = [torch.cat([crop(random.choice(pictures), side) for _ in range(count)])]
        ids = random.sample(range(POOL), 3)
        pool.advance(ids)
        batches.append(torch.cat([pool.entries[i]["x"] for i in ids]))
        for o in optimisers:
            o.zero_grad()
        for x in batches:
            hints = random.sample(HINTS, 2)
            e = errors(x, teacher, student, TAPS + hints, thin=True)
            (sum(e[l] for l in TAPS) + HINT_WEIGHT * sum(e[l] for l in hints)).mul(.5).backward()
        nn.utils.clip_grad_norm_(student.parameters(), 5.)
        for o in optimisers:
            o.step()
        step += 1
        keep = min(.998, (step - first_step + 1) / (step - first_step + 10))
        with torch.no_grad():
            for q, r in zip(average.parameters(), student.parameters()):
                q.lerp_(r, 1 - keep)
        if step % EVERY == 0:
            report()
    report()


if __name__ == "__main__":
    main()
