# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs that are killed, interrupted or out of disk space, and go on from a checkpoint. Prints TAP; needs only
Python's standard library."""
import csv
import filecmp
import importlib.util
import json
import os
import random
import resource
import signal
import subprocess
import time

spec = importlib.util.spec_from_file_location(
    "cli", os.path.join(os.path.dirname(os.path.abspath(__file__)), "test-cli.py"))
cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cli)

DEMO = os.path.join(cli.SOURCE, "demo")
RUN = ("run", "--content", os.path.join(DEMO, "picos-de-europa.jpg"), "--style",
       os.path.join(DEMO, "starry-night.jpg"), "--model", cli.PLAIN, "--size", "150", "--threads", "2")
RECIPE = {"first_size": 60, "iterations": 20}
KILLS = 10          # of each of four optimisers


def write_recipe(folder, **fields):
    path = os.path.join(folder, "recipe.json")
    with open(path, "w") as f:
        json.dump({**RECIPE, **fields}, f)
    return path


def arguments(folder, name, recipe, *more):
    return (*RUN, "--recipe", recipe, "--output", os.path.join(folder, name + ".png"), "--log",
            os.path.join(folder, name + ".csv"), "--save-at", "5,30", *more)


def same(folder, *names):
    for suffix in (".png", "-0005.png", "-0030.png"):
        a, b = (os.path.join(folder, name + suffix) for name in names)
        assert filecmp.cmp(a, b, shallow=False), (a, b)


def log_of(folder, name):
    """The lines of a log without their seconds, and the seconds."""
    with open(os.path.join(folder, name + ".csv")) as f:
        rows = list(csv.DictReader(f))
    seconds = [float(row.pop("seconds")) for row in rows]
    return rows, seconds


def check_killed(folder, **fields):
    """Kills a run at random moments until it is complete, KILLS times at least; it writes the same files."""
    recipe = write_recipe(folder, **fields)
    begun = time.monotonic()
    cli.succeeded(cli.pastiche(*arguments(folder, "whole", recipe)))
    took = time.monotonic() - begun
    checkpoint = os.path.join(folder, "checkpoint")
    more = "--checkpoint", checkpoint, "--checkpoint-every", "0"
    kills = resumed = 0
    while kills < KILLS:
        for name in "killed.png", "killed.csv":
            path = os.path.join(folder, name)
            if os.path.exists(path):
                os.unlink(path)
        status = None
        while status != 0:
            process = cli.start(*arguments(folder, "killed", recipe, *more))
            try:
                _, error = process.communicate(timeout=random.uniform(0, took) if kills < 3 * KILLS
                                               else cli.PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                _, error = process.communicate()
                kills += 1
            status = process.returncode
            assert status in (0, -signal.SIGKILL), (status, error)
            resumed += "goes on after iteration" in error
        assert not os.path.exists(checkpoint)
        same(folder, "whole", "killed")
        (rows, _), (other, seconds) = log_of(folder, "whole"), log_of(folder, "killed")
        assert rows == other, (rows, other)
        assert seconds == sorted(seconds), seconds
    assert resumed > KILLS / 4, (kills, resumed)
    left = [name for name in os.listdir(folder) if name.startswith(".")]
    assert left == [], left


def test_killed_lbfgs(folder):
    check_killed(folder)


def test_killed_rounds(folder):
    check_killed(folder, evaluations=4, iterations=15)


def test_killed_adam(folder):
    check_killed(folder, optimizer="adam", learning_rate=0.02)


def test_killed_gd(folder):
    check_killed(folder, optimizer="gd", learning_rate=0.01, init="noise")


def test_interrupted(folder):
    """A signal keeps the picture so far and writes a checkpoint, however rarely one is written otherwise."""
    recipe = write_recipe(folder, iterations=60)
    checkpoint = os.path.join(folder, "checkpoint")
    cli.succeeded(cli.pastiche(*arguments(folder, "whole", recipe)))
    for number in signal.SIGINT, signal.SIGTERM, signal.SIGHUP:
        command = arguments(folder, "stopped", recipe, "--json", "--checkpoint", checkpoint)
        with cli.start(*command) as process:
            for _ in range(random.randrange(5, 60)):
                process.stdout.readline()
            process.send_signal(number)
            _, error = process.communicate(timeout=cli.PATIENCE)
        assert process.returncode == 130, (process.returncode, error)
        assert "the same command goes on from there" in error and "holds the picture" in error, error
        assert os.path.exists(checkpoint) and os.path.exists(os.path.join(folder, "stopped.png"))
        _, error = cli.succeeded(cli.pastiche(*command))
        assert "goes on after iteration" in error, error
        assert not os.path.exists(checkpoint)
        same(folder, "whole", "stopped")


def make_checkpoint(folder, recipe, *more):
    """Starts a run, interrupts it, and returns its checkpoint and its command."""
    checkpoint = os.path.join(folder, "checkpoint")
    command = arguments(folder, "stopped", recipe, "--checkpoint", checkpoint, *more)
    with cli.start(*command, "--json") as process:
        for _ in range(8):
            process.stdout.readline()
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=cli.PATIENCE)
    assert process.returncode == 130
    return checkpoint, command


def test_refused(folder):
    """A checkpoint of another run is refused with what differs, and nothing is changed."""
    recipe = write_recipe(folder, iterations=100)
    checkpoint, command = make_checkpoint(folder, recipe)
    for name in "stopped.png", "stopped-0005.png":
        os.unlink(os.path.join(folder, name))
    before = {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}
    cases = [(("--beta", "3"), "beta is"), (("--size", "140"), "size is 150 and not 140"),
             (("--seed", "3"), "seed is 1 and not 3"), (("--optimizer", "adam"), "optimizer is"),
             (("--content", os.path.join(DEMO, "starry-night.jpg")), "another content"),
             (("--style", os.path.join(DEMO, "picos-de-europa.jpg")), "another number of styles"),
             (("--style-weight", "2"), "another style 1"), (("--model", "slim"), "another network"),
             (("--init", "noise"), "init is")]
    for change, message in cases:
        cli.refused(cli.pastiche(*command, *change), 2, message, "checkpoint cannot be used", "delete it",
                    output=os.path.join(folder, "stopped.png"))
    after = {name: open(os.path.join(folder, name), "rb").read() for name in sorted(os.listdir(folder))}
    assert before == after
    _, error = cli.succeeded(cli.pastiche(*command, "--threads", "1"))
    assert "2 threads" in error and "1 threads" in error and "last bits" in error, error


def test_damaged(folder):
    recipe = write_recipe(folder, iterations=100)
    checkpoint, command = make_checkpoint(folder, recipe)
    os.unlink(os.path.join(folder, "stopped.png"))
    with open(checkpoint, "rb") as f:
        data = f.read()
    kinds = {"empty": b"", "short": data[:10], "half": data[:len(data) // 2], "cut": data[:-1],
             "longer": data + b"x", "flipped": data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
             "text": b"not a checkpoint\n" * 100, "picture": open(cli.CONTENT, "rb").read()}
    for name, changed in kinds.items():
        with open(checkpoint, "wb") as f:
            f.write(changed)
        cli.refused(cli.pastiche(*command), 1, "checkpoint cannot be used", "delete it",
                    output=os.path.join(folder, "stopped.png"))
        with open(checkpoint, "rb") as f:
            assert f.read() == changed, name
    os.unlink(checkpoint)
    os.mkfifo(checkpoint)
    cli.refused(cli.pastiche(*command), 1, "checkpoint")


def test_usage(folder):
    output = os.path.join(folder, "out.png")
    checkpoint = os.path.join(folder, "checkpoint")
    cli.refused(cli.run(output, "--checkpoint-every", "5"), 2, "--checkpoint FILE", output=output)
    for every in "-1", "90000":
        cli.refused(cli.run(output, "--checkpoint", checkpoint, "--checkpoint-every", every), 2, "0 to 86400",
                    output=output)
    cli.refused(cli.run(output, "--checkpoint", output), 2, "same file", output=output)
    cli.refused(cli.run(output, "--checkpoint", os.path.join(folder, "none/c")), 1, "there is no folder",
                output=output)
    cli.succeeded(cli.run(output, "--checkpoint", checkpoint, "--iterations", "2"))
    assert os.listdir(folder) == ["out.png"], os.listdir(folder)


def test_disk_full(folder):
    """Files of 200 KB are refused, as by a full disk: the run goes on, and what can be kept is kept."""
    recipe = write_recipe(folder, optimizer="adam", iterations=100)
    checkpoint = os.path.join(folder, "checkpoint")
    cli.succeeded(cli.pastiche(*arguments(folder, "whole", recipe)))
    command = arguments(folder, "full", recipe, "--json", "--checkpoint", checkpoint, "--checkpoint-every",
                        "0")

    def start():
        return subprocess.Popen([cli.PROGRAM, *command], text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE, preexec_fn=lambda: resource.setrlimit(
                                    resource.RLIMIT_FSIZE, (200000, resource.RLIM_INFINITY)))

    with start() as process:
        _, error = process.communicate(timeout=cli.PATIENCE)
    assert process.returncode == 0, error
    assert error.count("could not be written, and the run goes on") == 1, error
    assert "holds the checkpoint after iteration" in error, error      # of a smaller scale
    same(folder, "whole", "full")
    assert not os.path.exists(checkpoint)

    with start() as process:
        lines = 0
        while lines < 250:
            lines += "iteration" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=cli.PATIENCE)
    assert process.returncode == 130, error
    assert "The checkpoint could not be written" in error and "holds the picture" in error, error
    cli.succeeded(cli.pastiche(*command))
    same(folder, "whole", "full")


if __name__ == "__main__":
    cli.main(globals(), "checkpoint")
