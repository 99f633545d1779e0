# SPDX-License-Identifier: GPL-3.0-or-later
"""The program where the system allows it few threads or little memory. Threads are refused by
tests/support/limits.so. Prints TAP; needs only Python's standard library."""
import filecmp
import importlib.util
import os
import resource
import signal
import struct
import subprocess
import zlib

spec = importlib.util.spec_from_file_location(
    "cli", os.path.join(os.path.dirname(os.path.abspath(__file__)), "test-cli.py"))
cli = importlib.util.module_from_spec(spec)
spec.loader.exec_module(cli)
PROGRAM, PLAIN, CONTENT, STYLE = cli.PROGRAM, cli.PLAIN, cli.CONTENT, cli.STYLE

LIMITS = os.path.join(cli.BUILD, "tests/support/limits.so")
RUN = ("run", "--content", CONTENT, "--style", STYLE, "--iterations", "3")


def start(*arguments, memory=None, **environment):
    """Starts the program; memory: bytes of its address space."""
    def limit():
        resource.setrlimit(resource.RLIMIT_AS, (memory, memory))

    if environment:
        assert os.path.exists(LIMITS), LIMITS
        environment["LD_PRELOAD"] = LIMITS
    return subprocess.Popen([PROGRAM, *arguments], text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            env={**os.environ, **environment}, preexec_fn=limit if memory else None)


def end(process):
    """Returns exit status and stderr."""
    with process:
        try:
            _, error = process.communicate(timeout=cli.PATIENCE)
        finally:
            process.kill()
    return process.returncode, error


def is_sanitized():
    with open(PROGRAM, "rb") as f:
        data = f.read()
    return b"__asan_init" in data or b"__tsan_init" in data


def test_threads(folder):
    """With fewer threads than wanted the run goes on, and paints the same picture."""
    expected = os.path.join(folder, "expected.png")
    status, error = end(start(*RUN, "--model", PLAIN, "--threads", "3", "--output", expected))
    assert status == 0, error
    for most in range(5):
        output = os.path.join(folder, f"{most}.png")
        status, error = end(start(*RUN, "--model", PLAIN, "--threads", "3", "--output", output,
                                  THREADS=str(most)))
        assert status == 0, (most, status, error)
        assert filecmp.cmp(output, expected, shallow=False), most


def test_memory(folder):
    """Either the picture or a message, and in any case an end."""
    output = os.path.join(folder, "out.png")
    for megabytes in (120, 160, 200, 250, 300, 350, 400, 500):
        status, error = end(start(*RUN, "--output", output, memory=megabytes << 20))
        assert status in (0, 1, 127), (megabytes, status, error)     # 127: too little to load the libraries
        assert (status == 0) == os.path.exists(output), (megabytes, status, error)
        if status == 1:
            assert any(words in error for words in ("enough memory", "GB are free", "may be used")), \
                (megabytes, error)
        if status == 0:
            os.unlink(output)


def write_large(path):
    """Writes 33 million pixels as a small file."""
    width, height = 8192, 4100
    rows = zlib.compress((b"\0" + b"\xff" * (width // 16) + b"\0" * (width // 16)) * height)
    with open(path, "wb") as f:
        f.write(b"\x89PNG\r\n\x1a\n"
                + cli.chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
                + cli.chunk(b"IDAT", rows) + cli.chunk(b"IEND", b""))


def test_large_picture(folder):
    """With --size a large picture is made smaller while it is read; without, it is refused before it is
    decoded."""
    big, output = os.path.join(folder, "big.png"), os.path.join(folder, "out.png")
    write_large(big)
    arguments = ("run", "--content", big, "--style", STYLE, "--model", PLAIN, "--iterations", "1",
                 "--threads", "1", "--output", output)
    status, error = end(start(*arguments, memory=560 << 20))
    assert status == 1 and "GB are free" in error and "big.png" in error, (status, error)
    status, error = end(start(*arguments, "--size", "64", memory=560 << 20))
    assert status == 0 and "64 x 32 pixels" in error, (status, error)


def test_large_pictures(folder):
    """The same for a folder of pictures, cropped or not, and for the sizes that are measured for the crop."""
    pictures = os.path.join(folder, "pictures")
    os.mkdir(pictures)
    for name in "content_a.png", "style_a.png":
        write_large(os.path.join(pictures, name))
    for crop in "common", "48x48", "none":
        output = os.path.join(folder, crop)
        status, error = end(start("batch", pictures, "--crop", crop, "--output", output, "--size", "64",
                                  "--model", PLAIN, "--iterations", "1", "--threads", "1",
                                  memory=560 << 20))
        assert status == 0 and "1 painted, 0 up to date, 0 failed" in error, (crop, status, error)
        with open(os.path.join(output, "gen_0.png"), "rb") as f:
            shape = struct.unpack(">II", f.read(24)[16:])
        assert shape == {"common": (64, 32), "48x48": (48, 48), "none": (64, 32)}[crop], (crop, shape)


def test_term_at_exit(folder):
    """SIGTERM ends a program whose command is complete."""
    output = os.path.join(folder, "out.png")
    with start(*RUN, "--model", PLAIN, "--output", output, AT_EXIT="hang") as process:
        for line in process.stderr:
            if "after 3 iterations" in line:
                break
        while process.poll() is None:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(1)
            except subprocess.TimeoutExpired:
                pass
        assert process.returncode == -signal.SIGTERM, process.returncode


if __name__ == "__main__":
    if is_sanitized():
        print("1..0 # SKIP a sanitizer needs its own address space and comes first among the libraries")
    else:
        cli.main(globals(), "limits")
