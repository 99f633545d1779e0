# SPDX-License-Identifier: GPL-3.0-or-later
"""`pastiche weights` as a subprocess: the store, the catalogue, and downloads from a server in this test.
Prints TAP; needs NumPy."""
import fcntl
import hashlib
import http.server
import json
import os
import select
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

import numpy as np

SOURCE, BUILD = os.environ["SRCDIR"], os.environ["BUILDDIR"]
PROGRAM = os.path.join(BUILD, "pastiche")
REFERENCE = os.path.join(SOURCE, "tests/data")
PLAIN = os.path.join(REFERENCE, "plain.safetensors")
PATIENCE = 300      # seconds until a hanging process fails the test; the machine may be loaded
sys.path.insert(0, REFERENCE)
sys.dont_write_bytecode = True
from reference import read_png, read_safetensors, write_safetensors    # noqa: E402

FILE = open(PLAIN, "rb").read()
SHA256, MD5 = hashlib.sha256(FILE).hexdigest(), hashlib.md5(FILE).hexdigest()


class Handler(http.server.BaseHTTPRequestHandler):
    """The first part of the path chooses a fault; any other path is a working server with ranges."""
    protocol_version = "HTTP/1.0"
    seen = []

    def do_GET(self):
        how = self.path.strip("/").split("/")[0]
        wanted = self.headers.get("Range")
        Handler.seen.append((how, wanted))
        if how == "forbidden":
            return self.answer(403, b"<html>no</html>", "text/html")
        if how == "page":
            return self.answer(200, b"<!DOCTYPE html><title>Log in first</title>" + b" " * 5000,
                               "application/octet-stream")
        if how == "html":
            return self.answer(200, FILE, "text/html; charset=utf-8; \x1b[2J\x9b2J" + "x" * 5000)
        if how == "redirect" or how.startswith("to-"):
            self.send_response(302)
            self.send_header("Location", {"redirect": "/whole/x", "to-file": "file://" + PLAIN}.get(
                how, "http://127.0.0.1:" + how[3:] + "/whole/x"))
            return self.end_headers()
        if how == "wrong":
            return self.answer(200, FILE[:-1] + b"?")
        if how == "damaged":
            return self.answer(200, FILE[:8] + b"?" + FILE[9:])
        if how == "notice":
            return self.answer(200, b"Too many downloads today")
        if how == "5-gigabytes":
            self.head(200, 5 << 30)
            self.wfile.write(b"the first bytes")
            return select.select([self.connection], [], [], PATIENCE) and None
        if how == "endless":
            return self.answer(200, FILE * 2000)
        first = int(wanted[6:-1]) if wanted and how != "no-ranges" else 0
        if first >= len(FILE):
            return self.answer(416, b"")
        if how == "slow":       # a quarter of the file, then nothing
            self.head(200, len(FILE))
            self.wfile.write(FILE[:len(FILE) // 4])
            self.wfile.flush()
            select.select([self.connection], [], [], PATIENCE)      # until the client hangs up
            return None
        if how == "cut" and not first:
            self.head(200, len(FILE))
            self.wfile.write(FILE[:len(FILE) // 2])
            return None
        return self.answer(206 if first else 200, FILE[first:], first=first)

    def head(self, status, length, kind="application/octet-stream", first=0):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length))
        if status == 206:
            self.send_header("Content-Range", f"bytes {first}-{first + length - 1}/{len(FILE)}")
        self.end_headers()

    def answer(self, status, data, kind="application/octet-stream", first=0):
        self.head(status, len(data), kind, first)
        try:
            self.wfile.write(data)
        except OSError:     # the client hung up, as some tests want
            pass

    def log_message(self, *arguments):
        pass


class Place:
    """A temporary home folder with a catalogue."""

    def __init__(self, folder, port):
        self.folder, self.port = folder, port
        self.data = os.path.join(folder, "data")
        self.models = os.path.join(self.data, "pastiche/models")
        self.downloads = os.path.join(self.data, "pastiche/downloads/m")
        self.environment = {**os.environ, "XDG_DATA_HOME": self.data,
                            "XDG_DATA_DIRS": os.path.join(folder, "system") + ":/usr/share",
                            "no_proxy": "*",
                            "HOME": folder}
        os.makedirs(os.path.join(self.data, "pastiche"))

    def catalogue(self, given, *hows, **more):
        entry = {"title": "A test", "name": given, "file": given + ".bin", "megabytes": len(FILE) * 1e-6,
                 "licence": "none",
                 "addresses": [f"http://127.0.0.1:{self.port}/{how}/x" if "://" not in how else how
                               for how in hows],
                 **({} if "sha256" in more or "md5" in more else {"sha256": SHA256}), **more}
        entry = {k: v for k, v in entry.items() if v is not None}
        with open(os.path.join(self.data, "pastiche/catalogue.json"), "w") as f:
            json.dump({"format": 1, "models": [entry]}, f)

    def start(self, *arguments):
        return subprocess.Popen([PROGRAM, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                text=True, env=self.environment,
                                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))

    def run(self, *arguments):
        with self.start(*arguments) as process:
            out, error = process.communicate(timeout=PATIENCE)
        assert "CRITICAL" not in error and "Sanitizer" not in error and "runtime error" not in error, error
        return process.returncode, out, error

    def files(self):
        """The files of models, then those of model m's download."""
        return [name for folder in (self.models, self.downloads) if os.path.isdir(folder)
                for name in sorted(os.listdir(folder))]

    def installed(self, name="m"):
        assert self.files() == [name + ".safetensors", name + ".safetensors.sha256"], self.files()
        code, out, error = self.run("weights", "verify", name)
        assert code == 0 and out.startswith("good "), out + error


def expect(result, status, *words):
    code, out, error = result
    assert code == status, f"status {code}, not {status}: {out}{error}"
    for word in words:
        assert word in out + error, f"{word!r} is not in {out + error!r}"


def test_whole(place):
    place.catalogue("m", "whole")
    expect(place.run("weights", "fetch", "m"), 0, "--model m")
    place.installed()
    expect(place.run("weights", "list"), 0, "m.safetensors")
    expect(place.run("weights", "info", "m"), 0, "conv5_1", "BGR")
    expect(place.run("weights", "remove", "m"), 0)
    assert place.files() == []
    expect(place.run("weights", "remove", "m"), 2, "no model")


def test_sums(place):
    for sums in ({"md5": MD5}, {"sha256": SHA256[:8]}):
        place.catalogue("m", "whole", **sums)
        expect(place.run("weights", "fetch", "m", "--half"), 0)
        place.installed()
        # the whole SHA-256, whatever was published
        expect(place.run("weights", "info", "m"), 0, "m.bin, SHA-256 " + SHA256)
        shutil.rmtree(place.models)
    place.catalogue("m", "whole", sha256=None)
    before = len(Handler.seen)
    expect(place.run("weights", "fetch", "m"), 2, "No checksum", "--sha256", "weights import")
    assert len(Handler.seen) == before, "a request was sent"
    expect(place.run("weights", "fetch", "m", "--sha256", "12"), 2, "64 digits")
    expect(place.run("weights", "fetch", "m", "--sha256", SHA256), 0)
    place.installed()


def test_wrong_sum(place):
    place.catalogue("m", "wrong")
    expect(place.run("weights", "fetch", "m"), 1, "SHA-256", SHA256,
           hashlib.sha256(FILE[:-1] + b"?").hexdigest(), "/wrong/x")
    assert place.files() == [], place.files()
    place.catalogue("m", "notice")
    expect(place.run("weights", "fetch", "m"), 1, "24 bytes, but about", "notice")
    assert place.files() == [], place.files()


def test_size(place):
    """The size is checked, whatever the checksum is, and there is always a limit."""
    notice = hashlib.sha256(b"Too many downloads today").hexdigest()
    for sums in ({"sha256": notice[:8]}, {"sha256": notice}):
        place.catalogue("m", "notice", **sums)
        expect(place.run("weights", "fetch", "m"), 1, "24 bytes, but about", "notice")
        assert place.files() == [], place.files()
    for bytes in (len(FILE) - 1, len(FILE) + 1):
        place.catalogue("m", "whole", megabytes=None, bytes=bytes)
        expect(place.run("weights", "fetch", "m"), 1,
               "more than %d bytes" % bytes if bytes < len(FILE)
               else "%d bytes, but %d are expected" % (len(FILE), bytes))
        assert place.files() == [], place.files()
    place.catalogue("m", "whole", megabytes=None, bytes=len(FILE))
    expect(place.run("weights", "fetch", "m"), 0)
    place.installed()
    expect(place.run("weights", "remove", "m"), 0)
    place.catalogue("m", "5-gigabytes", megabytes=None)
    expect(place.run("weights", "fetch", "m", "--patience", "5"), 1, "more than %d bytes" % (4 << 30))
    assert place.files() == [], place.files()


def test_https_stays(place):
    """A redirection from https to http is refused. The server's certificate is trusted in a mount namespace
    only, because libcurl takes its list of authorities from a fixed path."""
    bundle, own = "/etc/ssl/certs/ca-certificates.crt", os.path.join(place.folder, "own.pem")
    inside = ["unshare", "-rm", "sh", "-c", 'mount --bind "$0" "$1" && shift && exec "$@"', own, bundle]
    request = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
               "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", own + ".key",
               "-out", own]
    made = subprocess.run(request, capture_output=True) if shutil.which("openssl") else None
    if (made is None or made.returncode != 0 or not os.path.exists(bundle) or not shutil.which("unshare")
            or subprocess.run([*inside, "true"], capture_output=True).returncode != 0):
        return "no openssl, or no mount namespaces"
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(own, own + ".key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for how, status, words in (("whole", 0, ["--model m"]), ("redirect", 0, ["--model m"]),
                               (f"to-{place.port}", 1, ["rotocol"])):
        place.catalogue("m", f"https://localhost:{server.server_port}/{how}/x")
        done = subprocess.run([*inside, PROGRAM, "weights", "fetch", "m"], capture_output=True, text=True,
                              env=place.environment, timeout=PATIENCE)
        expect((done.returncode, done.stdout, done.stderr), status, *words)
        assert (Handler.seen[-1][0] != "whole") == (how != "whole" and status != 0), Handler.seen[-2:]
    server.shutdown()
    return None


def test_kept(place):
    """A published file that was kept is checked again before it is used."""
    place.catalogue("m", "whole", sha256=SHA256[:8])
    expect(place.run("weights", "fetch", "m", "--keep"), 0)
    assert place.files() == ["m.safetensors", "m.safetensors.sha256", "m.bin", "m.bin.sha256"], place.files()
    published = os.path.join(place.downloads, "m.bin")
    expect(place.run("weights", "verify", published), 0, "good", SHA256)
    expect(place.run("weights", "remove", "m"), 0)
    before = len(Handler.seen)
    expect(place.run("weights", "fetch", "m", "--keep"), 0)
    assert len(Handler.seen) == before, "a file that was there was downloaded again"
    with open(published, "r+b") as f:
        f.seek(-1, 2)
        f.write(b"?")
    expect(place.run("weights", "verify", published), 1, "BAD", SHA256)
    expect(place.run("weights", "remove", "m"), 0)
    expect(place.run("weights", "fetch", "m"), 1, published, "remove it and fetch again", SHA256[:8])
    assert "m.safetensors" not in place.files(), place.files()


def test_missing(place):
    """The error for a network of the catalogue that is not installed says how to fetch it."""
    code, out, error = place.run("weights", "convert", "vgg19-keras", "--output",
                                 os.path.join(place.folder, "x.safetensors"))
    assert code == 2 and "pastiche weights fetch vgg19-keras" in error and "80 MB" in error, error
    with place.start("run", "--preset", "theano-columbia", "--content",
                     os.path.join(REFERENCE, "content.png"), "--style",
                     os.path.join(REFERENCE, "style.png"), "--output",
                     os.path.join(place.folder, "x.png")) as process:
        _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 2 and "pastiche weights fetch vgg19-matconvnet" in error, error
    expect(place.run("weights", "info", "vgg16-npz"), 0, "published by")


def test_info_damaged(place):
    """A damaged network of the catalogue is not reported as missing."""
    place.catalogue("m", "whole")
    expect(place.run("weights", "fetch", "m"), 0)
    with open(os.path.join(place.models, "m.safetensors"), "r+b") as file:
        file.truncate(100)
    expect(place.run("weights", "info", "m"), 1, "m.safetensors: not a file of weights")


def test_cut_off(place):
    place.catalogue("m", "cut")
    expect(place.run("weights", "fetch", "m"), 1, f"stopped after {len(FILE) // 2} bytes")
    assert place.files() == ["m.bin.part"], place.files()
    expect(place.run("weights", "fetch", "m"), 0)
    assert Handler.seen[-1] == ("cut", f"bytes={len(FILE) // 2}-"), Handler.seen[-1]
    place.installed()


def test_no_ranges(place):
    place.catalogue("m", "cut")
    expect(place.run("weights", "fetch", "m"), 1)
    place.catalogue("m", "no-ranges")
    expect(place.run("weights", "fetch", "m"), 0)
    place.installed()


def test_foreign_part(place):
    for part in (b"not the beginning of it", FILE + b"more", FILE):
        os.makedirs(place.downloads, exist_ok=True)
        with open(os.path.join(place.downloads, "m.bin.part"), "wb") as f:
            f.write(part)
        place.catalogue("m", "whole")
        expect(place.run("weights", "fetch", "m"), 0)
        place.installed()
        shutil.rmtree(place.models)


def test_pages(place):
    for how, word in (("forbidden", "status 403"), ("page", "a page"), ("html", "a page"),
                      ("endless", "more than"),
                      ("to-file", "rotocol"), ("http://127.0.0.1:9/x", "onnect"),
                      ("http://no.such.host.invalid/x", "resolve")):
        place.catalogue("m", how)
        expect(place.run("weights", "fetch", "m"), 1, word)
        assert place.files() == [] and not os.path.exists(place.downloads), place.files()


def test_redirect_and_mirrors(place):
    place.catalogue("m", "redirect")
    expect(place.run("weights", "fetch", "m"), 0)
    place.installed()
    shutil.rmtree(place.models)
    place.catalogue("m", "forbidden", "wrong", "cut", "whole")
    expect(place.run("weights", "fetch", "m"), 0)
    place.installed()
    shutil.rmtree(place.models)
    place.catalogue("m", "forbidden", "page")
    expect(place.run("weights", "fetch", "m"), 1, "/forbidden/x: the server answered with status 403",
           "/page/x: the server sent a page")
    place.catalogue("m", "http://127.0.0.1:9/first", "http://127.0.0.1:9/second")
    code, _, error = place.run("weights", "fetch", "m")
    assert code == 1 and "/first: " in error and "; http://127.0.0.1:9/second: " in error, error
    assert "\\u" not in error, error


def test_stalled(place):
    place.catalogue("m", "slow")
    expect(place.run("weights", "fetch", "m", "--patience", "2"), 1, "bytes")
    assert place.files() == ["m.bin.part"], place.files()


def test_interrupted(place):
    place.catalogue("m", "slow")
    with place.start("weights", "fetch", "m") as process:
        for _ in range(20 * PATIENCE):
            if os.path.exists(os.path.join(place.downloads, "m.bin.part")):
                break
            time.sleep(0.05)
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=PATIENCE)
    assert process.returncode == 130, (process.returncode, error)
    assert place.files() == ["m.bin.part"], place.files()


def test_not_a_model(place):
    """A file with the right checksum that cannot be imported is not installed."""
    place.catalogue("m", "wrong", sha256=hashlib.sha256(FILE[:-1] + b"?").hexdigest())
    code, _, error = place.run("weights", "fetch", "m", "--keep")
    assert (code == 0) == os.path.exists(os.path.join(place.models, "m.safetensors")), error
    place.catalogue("other", "whole")
    folder = os.path.join(os.path.dirname(place.downloads), "other")
    os.makedirs(folder)
    with open(os.path.join(folder, "other.bin"), "w") as f:
        f.write("nonsense that somebody put there")
    expect(place.run("weights", "fetch", "other"), 1, "other.bin")
    assert not os.path.exists(os.path.join(place.models, "other.safetensors"))


def test_folder(place):
    for folder in (place.downloads, place.models):
        if os.geteuid() != 0:
            os.makedirs(folder)
            os.chmod(folder, 0o500)
            place.catalogue("m", "whole")
            expect(place.run("weights", "fetch", "m"), 1, folder)
            os.chmod(folder, 0o700)
            os.rmdir(folder)
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(os.path.dirname(folder), exist_ok=True)
        with open(folder, "w") as f:
            f.write("a file where the folder should be")
        place.catalogue("m", "whole")
        expect(place.run("weights", "fetch", "m"), 1, folder)
        os.remove(folder)


def test_checked_first(place):
    """What would be refused at the end is refused before the download."""
    before = len(Handler.seen)
    place.catalogue("slim", "whole")
    expect(place.run("weights", "fetch", "slim"), 2, "built-in")
    os.makedirs(os.path.join(place.models, "m.safetensors"))
    place.catalogue("m", "whole")
    expect(place.run("weights", "fetch", "m"), 1, "m.safetensors", "folder")
    assert len(Handler.seen) == before, "a request was sent"


def test_disk_full(place):
    os.makedirs(place.downloads)
    os.symlink("/dev/full", os.path.join(place.downloads, "m.bin.part"))
    place.catalogue("m", "whole", "redirect")
    before = len(Handler.seen)
    expect(place.run("weights", "fetch", "m"), 1, "m.bin.part", "No space left")
    assert len(Handler.seen) == before + 1, "after a disk error no other mirror may be tried"


def test_two_at_once(place):
    os.makedirs(place.downloads)
    part = os.path.join(place.downloads, "m.bin.part")
    place.catalogue("m", "whole")
    with open(part, "wb") as f:
        fcntl.flock(f, fcntl.LOCK_EX)
        before = len(Handler.seen)
        expect(place.run("weights", "fetch", "m"), 1, part, "another program")
        assert len(Handler.seen) == before
    expect(place.run("weights", "fetch", "m"), 0)
    place.installed()


def test_same_name(place):
    """A published file may have the name of a model's file: its own model's, or another one's."""
    expect(place.run("weights", "import", PLAIN, "--name", "other"), 0)
    for file in ("m.safetensors", "m.safetensors.sha256", "other.safetensors"):
        for keep in ([], ["--keep"]):
            place.catalogue("m", "whole", file=file)
            expect(place.run("weights", "fetch", "m", *keep), 0, "--model m")
            expected = [name + ".safetensors" + end for name in ("m", "other") for end in ("", ".sha256")]
            assert place.files() == expected + ([file, file + ".sha256"] if keep else []), place.files()
            for name in ("m", "other"):
                expect(place.run("weights", "verify", name), 0, "good ")
            expect(place.run("weights", "remove", "m"), 0)
            shutil.rmtree(place.downloads, ignore_errors=True)
    # The download of a model that cannot be imported does not appear among the models.
    data = FILE[:8] + b"?" + FILE[9:]
    place.catalogue("m", "damaged", file="m.safetensors", sha256=hashlib.sha256(data).hexdigest())
    expect(place.run("weights", "fetch", "m"), 1, "m.safetensors")
    code, out, _ = place.run("weights", "list")
    assert code == 0 and "\n  m " not in out.split("Available")[0], out


def test_catalogue(place):
    for more, word in (({"addresses": ["file:///etc/passwd"]}, "addresses"), ({"sha256": "xyz"}, "sha256"),
                       ({"md5": "12"}, "md5"),
                       ({"file": "../x"}, "file"), ({"name": "../x"}, "name"),
                       ({"megabytes": -1}, "megabytes"), ({"megabytes": 1e308}, "megabytes"),
                       ({"bytes": 1.5}, "bytes"), ({"bytes": 0}, "bytes"), ({"bytes": 1e300}, "bytes"),
                       ({"megabytes": None, "sha256": SHA256[:8]}, "bytes"),
                       ({"sum_by": 7}, "sum_by"), ({"input": {"order": "GBR"}}, "order"),
                       ({"title": 7}, "title"), ({"addresses": []}, "addresses")):
        place.catalogue("m", "whole", **more)
        expect(place.run("weights", "list"), 1, "catalogue.json: entry 1", f'"{word}"')
    for text in ("", "[]", "{", '{"format": 2, "models": []}', '{"format": 1}', '{"format": 1, "models": 3}',
                 "\0"):
        with open(os.path.join(place.data, "pastiche/catalogue.json"), "w") as f:
            f.write(text)
        expect(place.run("weights", "list"), 1, "catalogue.json")
    os.remove(os.path.join(place.data, "pastiche/catalogue.json"))
    _, out, _ = place.run("weights", "list")
    for name in ("vgg19-normalised", "vgg19-keras", "vgg19-matconvnet", "vgg16-npz", "vgg19-torchvision"):
        assert f"  {name} " in out, name
        expect(place.run("weights", "info", name), 0, "CC BY 4.0", f"fetch {name}")


def test_import_convert(place):
    expect(place.run("weights", "import", PLAIN), 0, "--model plain")
    place.installed("plain")
    expect(place.run("weights", "import", PLAIN, "--name", "a/b"), 2, "a/b")
    expect(place.run("weights", "import", PLAIN, "--name", "slim"), 2, "slim")
    expect(place.run("weights", "import", os.path.join(SOURCE, "README.md")), 1, "README.md")
    expect(place.run("weights", "convert", "plain"), 2, "--output")
    named = os.path.join(place.folder, "named.safetensors")
    expect(place.run("weights", "convert", "slim", "--order", "BGR", "--pooling", "average", "--output",
                     named), 0)
    expect(place.run("weights", "info", named), 0, "BGR", "average")
    half = os.path.join(place.folder, "half.safetensors")
    expect(place.run("weights", "convert", "plain", "--output", half, "--half"), 0)
    assert set(read_safetensors(half)[0]) == set(read_safetensors(PLAIN)[0])
    for source in (PLAIN, "plain"):
        expect(place.run("weights", "convert", source, "--output", half, "--order", "RGB", "--scale", "2",
                         "--mean", "1,2,3",
                         "--std", "4,5,6", "--padding", "replicate", "--pooling", "max"), 0)
        network = json.loads(read_safetensors(half)[1]["pastiche"])
        assert network["input"] == {"order": "RGB", "scale": 2, "mean": [1, 2, 3],
                                    "std": [4, 5, 6]} and network["pooling"] == "max", network
        assert all(layer["padding"] == "replicate" for layer in network["layers"]
                   if "channels" in layer), network
        os.remove(half)
    for option, value in (("--order", "GRB"), ("--scale", "1,2"), ("--mean", "1,2"), ("--std", "a"),
                          ("--padding", "mirror")):
        expect(place.run("weights", "import", PLAIN, option, value), 2, option)
    expect(place.run("weights", "convert", PLAIN, "--output", half, "--std", "0,1,1"), 1, "std")
    expect(place.run("weights", "convert", "no-such", "--output", half), 2, "no-such")
    expect(place.run("weights"), 2, "expected one of list")
    expect(place.run("weights", "improve"), 2, "improve")
    expect(place.run("weights", "list", "x"), 2, "not an option")
    expect(place.run("weights", "info"), 2, "one name or file, found 0")
    expect(place.run("weights", "remove", "a", "b"), 2, "one name, found 2")
    expect(place.run("weights", "list", "--half"), 2, "--half")
    expect(place.run("weights", "fetch", "--output", "x", "vgg19-keras"), 2, "--output")
    expect(place.run("weights", "fetch", "--help"), 0, "weights fetch", "NAME", "--patience")
    for verb in ("list", "info", "fetch", "import", "convert", "normalise", "verify", "remove"):
        expect(place.run("weights", "--help"), 0, "\n  " + verb + " ")


def test_import_itself(place):
    """A stored network is not imported over itself, whatever its path is called."""
    expect(place.run("weights", "import", PLAIN), 0)
    path = os.path.join(place.models, "plain.safetensors")
    link = os.path.join(place.folder, "link.safetensors")
    os.symlink(path, link)
    before = open(path, "rb").read()
    expect(place.run("weights", "import", path), 2, "--name", path, "same file")
    expect(place.run("weights", "import", link, "--name", "plain", "--half"), 2, "--name", path, "same file")
    assert open(path, "rb").read() == before
    expect(place.run("weights", "import", link, "--name", "half", "--half"), 0)


def test_verify(place):
    expect(place.run("weights", "verify"), 0, "no models")
    expect(place.run("weights", "import", PLAIN), 0)
    path = os.path.join(place.models, "plain.safetensors")
    data = bytearray(open(path, "rb").read())
    data[-5] ^= 1
    open(path, "wb").write(data)
    expect(place.run("weights", "verify"), 1, "BAD", hashlib.sha256(data).hexdigest(), "1 of 1")
    expect(place.run("weights", "verify", "nobody"), 2, "nobody")
    expect(place.run("weights", "import", PLAIN, "--name", "plain.v2"), 0)
    expect(place.run("weights", "verify", "plain.v2"), 0, "good")


def features(model, picture):
    """{conv layer: positions x channels} and the layers, in double precision."""
    from reference import Model, to_tensor
    loaded = Model(model)
    return {k: v.flatten(2)[0].numpy() for k, v in loaded.features(to_tensor(picture),
                                                                   "model").items()}, loaded


def test_normalise(place):
    folder, output = os.path.join(place.folder, "pictures"), os.path.join(place.folder, "normal.safetensors")
    os.makedirs(folder)
    for name in ("content", "style"):
        shutil.copy(os.path.join(REFERENCE, name + ".png"), folder)
    with open(os.path.join(folder, "note.txt"), "w") as f:
        f.write("no picture")
    for model in ("heads", "plain"):        # max and average pooling, with and without heads
        source = os.path.join(REFERENCE, model + ".safetensors")
        expect(place.run("weights", "normalise", source, "--pictures", folder, "--output", output), 0,
               "2 pictures", "note.txt")
        pictures = [read_png(os.path.join(REFERENCE, n + ".png")) for n in ("content", "style")]
        before = [features(source, p) for p in pictures]
        after = [features(output, p) for p in pictures]
        for layer in before[0][0]:
            a = np.concatenate([f[layer] for f, _ in before], 1)
            b = np.concatenate([f[layer] for f, _ in after], 1)
            alive = a.mean(1) > 0
            assert alive.any()
            assert np.abs(b.mean(1)[alive] - 1).max() < 1e-4, (layer, b.mean(1))
            # The same function except for the scale of each filter.
            scale = np.where(alive, a.mean(1), 1)
            assert np.abs(b * scale[:, None] - a).max() <= 1e-5 * np.abs(a).max(), layer
            if layer + ".head.weight" in before[0][1].tensors:
                f, g = (m.tap({layer: __import__("torch").tensor(x[layer])[None, :, :, None]}, layer).numpy()
                        for x, m in (before[0], after[0]))
                assert np.abs(f - g).max() <= 1e-5 * np.abs(f).max(), layer
    # A filter whose activation is always 0 keeps its bias, and a message counts it.
    tensors, metadata = read_safetensors(PLAIN)
    tensors["conv2_1.bias"][1] = -1e6
    source = os.path.join(place.folder, "dead.safetensors")
    write_safetensors(source, tensors, metadata, False)
    n = sum(int((np.concatenate([features(source, p)[0][layer] for p in pictures], 1).mean(1) <= 0).sum())
            for layer in before[0][0])
    expect(place.run("weights", "normalise", source, "--pictures", folder, "--output", output), 0,
           f"left unchanged: {n}\n")
    assert n >= 1 and read_safetensors(output)[0]["conv2_1.bias"][1] == -1e6
    expect(place.run("weights", "normalise", "slim", "--pictures", os.path.join(place.folder, "nowhere"),
                     "--output", output), 1, "nowhere")
    expect(place.run("weights", "normalise", "slim", "--output", output), 2, "--pictures")
    os.makedirs(os.path.join(place.folder, "empty"))
    expect(place.run("weights", "normalise", "slim", "--pictures", os.path.join(place.folder, "empty"),
                     "--output", output), 1, "no picture")


def findings(place, path=None, status=0):
    environment = dict(place.environment, **({"PATH": path + ":/usr/bin:/bin"} if path else {}))
    for name in ("GIMP2_DIRECTORY", "GIMP3_DIRECTORY", "XDG_CONFIG_HOME"):
        environment.pop(name, None)
    result = subprocess.run([PROGRAM, "doctor", "--json"], capture_output=True, text=True, env=environment)
    assert result.returncode == status, (result.returncode, result.stdout, result.stderr)
    found = {}
    for line in result.stdout.splitlines():
        item = json.loads(line)
        found.setdefault(item["what"], []).append((item["level"], item["text"]))
    return found


def test_doctor(place):
    """With a script in GIMP's place, which must not be run; its plug-in folders are real."""
    ran = os.path.join(place.folder, "ran")
    programs, profile = os.path.join(place.folder, "bin"), os.path.join(place.folder, ".config/GIMP/2.10")
    filter_folder = os.path.join(profile, "plug-ins/pastiche")
    os.makedirs(programs)
    os.makedirs(filter_folder)
    for name in ("gimp-console-2.10", "gimp-2.10"):
        path = os.path.join(programs, name)
        with open(path, "w") as f:
            f.write(f"#!/bin/sh\ntouch {ran}\n")
        os.chmod(path, 0o755)

    found = findings(place, programs, 1)
    assert found["GIMP 2.10"][0][0] == "bad" and "Does not have the filter" in found["GIMP 2.10"][0][1], found
    assert found[
        "model"][
            0][0] == "good" and found["processor"][0][0] == "good" and found["memory"][0][0] == "good", found

    plug_in = os.path.join(filter_folder, "pastiche")
    shutil.copy(PROGRAM, plug_in)       # any of our programs will do: only the file is checked
    os.chmod(plug_in, 0o644)
    found = findings(place, programs, 1)
    if os.geteuid() != 0 or not os.access(plug_in, os.X_OK):
        assert "chmod +x" in found["GIMP 2.10"][0][1], found
    os.chmod(plug_in, 0o755)
    assert findings(place, programs)["GIMP 2.10"][0][0] == "note"
    with open(os.path.join(profile, "pluginrc"), "w") as f:
        f.write('(proc-def "plug-in-pastiche" 1)')
    found = findings(place, programs)
    assert found["GIMP 2.10"] == [("good", "Lists the filter: " + plug_in)], found

    def compile(source, *command):
        subprocess.run([os.environ.get("CC", "gcc").split()[-1], *command, "-x", "c", "-", "-L."],
                       input=source, text=True, check=True, cwd=place.folder)

    # A library that is found where the program says, and that needs one that is missing.
    main = ("#include <stdlib.h>\n"
            f'int gone (void); int main (void) {{ return system ("touch {ran}") + gone (); }}')
    compile("int gone (void) { return 0; }", "-shared", "-fPIC", "-o", "libgone.so")
    compile("int gone (void); int near (void) { return gone (); }", "-shared", "-fPIC", "-o",
            os.path.join(filter_folder, "libnear.so"), "-Wl,--no-as-needed", "-lgone")
    shutil.copy(os.path.join(place.folder, "libgone.so"), filter_folder)
    # DT_RUNPATH is for the program's own libraries, DT_RPATH also for theirs.
    for tags, level in (("--enable-new-dtags", "bad"), ("--disable-new-dtags", "good")):
        compile(main, "-o", plug_in, "-Wl,--no-as-needed,--unresolved-symbols=ignore-all," + tags,
                "-Wl,-rpath,$ORIGIN", os.path.join(filter_folder, "libnear.so"))
        found = findings(place, programs, level == "bad")["GIMP 2.10"]
        assert found[0][0] == level, found
        assert level == "good" or found[0][1].endswith("libraries that are not installed: libgone.so"), found

    # A static program needs nothing. It must not be run to find that out.
    compile(main.replace("+ gone ()", ""), "-static", "-o", plug_in)
    assert findings(place, programs)["GIMP 2.10"][0][0] == "good"
    assert not os.path.exists(ran)

    # Files that are no program for this loader.
    with open(PROGRAM, "rb") as f:
        foreign = f.read(18) + b"\x09\x00" + f.read()[2:]      # the same file for another machine
    for data in (foreign, f"#!/bin/sh\ntouch {ran}\n".encode(), b"\x7fELF", b""):
        with open(plug_in, "wb") as f:
            f.write(data)
        assert "no program for this computer" in findings(place, programs, 1)["GIMP 2.10"][0][1], data[:20]
    assert not os.path.exists(ran)

    # A file in place of the folder, and a damaged network.
    shutil.rmtree(filter_folder)
    shutil.copy(PROGRAM, filter_folder)
    expect(place.run("weights", "import", PLAIN), 0)
    with open(os.path.join(place.models, "plain.safetensors"), "r+b") as f:
        f.seek(-3, 2)
        f.write(b"\x7f")
    found = findings(place, programs, 1)
    assert "folder of its own" in found["GIMP 2.10"][0][1], found
    assert [level for level, _ in found["model"]] == ["good", "bad"], found


def main():
    tests = [(name[5:].replace("_", "-"), test) for name, test in globals().items()
             if name.startswith("test_")]
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(f"1..{len(tests)}")
    bad = 0
    for number, (name, test) in enumerate(tests, 1):
        with tempfile.TemporaryDirectory() as folder:
            try:
                skip = test(Place(folder, server.server_port))
                print(f"ok {number} /weights/{name}" + (f" # SKIP {skip}" if skip else ""), flush=True)
            except AssertionError as e:
                bad += 1
                print(f"not ok {number} /weights/{name} # {str(e)[:1500]!r}", flush=True)
    sys.exit(bad > 0)


if __name__ == "__main__":
    main()
