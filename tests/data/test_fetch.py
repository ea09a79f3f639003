"""Fetching: right bytes or none, from the first mirror that has them, never unasked."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from nngraph.data.fetch import REMOTE_SETS, RemoteFile, RemoteSet, fetch
from nngraph.errors import FileError, UsageError


def remote_file(name, content):
    return RemoteFile(name, len(content), hashlib.sha256(content).hexdigest())


CONTENTS = {"a.gz": b"first" * 1000, "b.gz": b"second" * 50_000}
SET = RemoteSet(
    "a set", "somebody", "free", (), tuple(map(remote_file, CONTENTS, CONTENTS.values()))
)


class Server:
    """A mirror on this computer; `answers` maps a path to its bytes, or to a status."""

    def __init__(self):
        self.answers = {f"/good/{name}": content for name, content in CONTENTS.items()}
        self.asked = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                server.asked.append(self.path)
                answer = server.answers.get(self.path, 404)
                if isinstance(answer, int):
                    self.send_error(answer)
                    return
                length, content = answer if isinstance(answer, tuple) else (len(answer), answer)
                self.send_response(200)
                self.send_header("Content-Length", str(length))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *args):
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.handle_error = lambda *args: None  # the client may hang up early
        self.address = f"http://127.0.0.1:{self.http.server_address[1]}"
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.01,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *error):
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()


@pytest.fixture
def server():
    with Server() as running:
        yield running


def names_in(folder):
    return sorted(path.name for path in folder.iterdir()) if folder.exists() else []


def test_every_file_arrives_byte_for_byte_and_is_not_fetched_twice(server, tmp_path):
    folder = tmp_path / "deep" / "cache"
    said = []
    assert fetch(SET, folder, [f"{server.address}/good"], said.append) == ("a.gz", "b.gz")
    assert {name: (folder / name).read_bytes() for name in names_in(folder)} == CONTENTS
    assert said == ["fetching a.gz (5,000 bytes)", "fetching b.gz (300,000 bytes)"]
    server.asked.clear()
    assert fetch(SET, folder, [f"{server.address}/good"]) == ()
    assert server.asked == []


def test_a_file_that_is_wrong_is_fetched_again_and_the_right_one_left_alone(server, tmp_path):
    fetch(SET, tmp_path, [f"{server.address}/good/"])
    (tmp_path / "b.gz").write_bytes(CONTENTS["b.gz"][:-1] + b"x")
    assert fetch(SET, tmp_path, [f"{server.address}/good/"]) == ("b.gz",)
    assert (tmp_path / "b.gz").read_bytes() == CONTENTS["b.gz"]


def test_the_next_mirror_is_asked_where_one_fails(server, tmp_path):
    server.answers["/bad/a.gz"] = b"fisrt" * 1000
    mirrors = [f"{server.address}/bad", f"{server.address}/good"]
    fetch(SET, tmp_path, mirrors)
    assert server.asked == ["/bad/a.gz", "/good/a.gz", "/bad/b.gz", "/good/b.gz"]
    assert names_in(tmp_path) == ["a.gz", "b.gz"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (404, "answers 404 Not Found"),
        (500, "answers 500"),
        (CONTENTS["b.gz"][:-1], "299,999 instead of 300,000 bytes"),
        (CONTENTS["b.gz"] + b"x" * 10_000_000, "more instead of 300,000 bytes"),
        (b"x" * 300_000, "its SHA-256 differs"),
        (b"", "0 instead of 300,000 bytes"),
        ((300_000, CONTENTS["b.gz"][:1000]), ""),  # the line breaks
    ],
)
def test_wrong_bytes_are_never_kept_and_the_reason_is_told(server, tmp_path, answer, reason):
    server.answers["/good/b.gz"] = answer
    with pytest.raises(FileError, match=r"cannot fetch 'b\.gz': 127\.0\.0\.1") as e:
        fetch(SET, tmp_path, [f"{server.address}/good"])
    assert reason in str(e.value)
    assert e.value.exit_code == 8
    assert names_in(tmp_path) == ["a.gz"]
    server.answers["/good/b.gz"] = CONTENTS["b.gz"]
    assert fetch(SET, tmp_path, [f"{server.address}/good"]) == ("b.gz",)


def test_a_mirror_that_does_not_answer_is_told(tmp_path):
    with pytest.raises(FileError, match="refused"):
        fetch(SET, tmp_path, ["http://127.0.0.1:9/"])


@pytest.mark.parametrize(
    "address", ["file:///etc", "ftp://example.org/", "example.org", "https://"]
)
def test_only_web_addresses_are_mirrors(tmp_path, address):
    with pytest.raises(UsageError, match="is no address of a mirror"):
        fetch(SET, tmp_path, [address])


def test_a_folder_that_cannot_be_made_is_told(server, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(FileError, match="cannot make the folder"):
        fetch(SET, tmp_path / "file" / "cache", [f"{server.address}/good"])


def test_the_published_sums_are_those_of_the_original_files():
    # sizes as on the page of MNIST; the mirrors are asked over https only
    mnist = REMOTE_SETS["mnist"]
    sizes = {file.name: file.size for file in mnist.files}
    assert sizes == {
        "train-images-idx3-ubyte.gz": 9912422,
        "train-labels-idx1-ubyte.gz": 28881,
        "t10k-images-idx3-ubyte.gz": 1648877,
        "t10k-labels-idx1-ubyte.gz": 4542,
    }
    assert all(mirror.startswith("https://") for mirror in mnist.mirrors)
    assert all(len(file.sha256) == 64 for file in mnist.files)
    assert mnist.size == np.sum(list(sizes.values()))
