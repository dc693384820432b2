"""Pulling over HTTP gives the same bytes as in process, and its failures are all of one kind."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from transport_loops import eventually
from transport_world import NOW, Hearer, Source, sqlite_url

from events.log import identity
from events.transport.source import HttpFeed, SourceUnavailable, page_document
from tests.support.patience import PATIENCE_SECONDS


class Answers(BaseHTTPRequestHandler):
    """The HTTP interface of a feed, as the platform serves it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Authorization")))
        if self.server.broken is not None:
            status, body = self.server.broken
        else:
            status, body = 200, self._answer(urlsplit(self.path))
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, url):
        feed = self.server.feed
        if url.path == "/medication_review/feed":
            return json.dumps(feed.heads().document()).encode()
        asked = {name: int(value) for name, [value] in parse_qs(url.query).items()}
        return page_document(feed.read(int(url.path.rpartition("/")[2]), **asked))

    def log_message(self, *_):
        pass


@pytest.fixture
def source(tmp_path, keys_url):
    made = Source(sqlite_url(tmp_path, "medication_review"), keys_url)
    yield made
    made.database.close()


@pytest.fixture
def server(source):
    served = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    served.feed, served.requests, served.broken = source.local, [], None
    thread = threading.Thread(target=served.serve_forever, daemon=True)
    thread.start()
    yield served
    served.shutdown()
    served.server_close()


@pytest.fixture
def feed(server, source):
    url = f"http://127.0.0.1:{server.server_address[1]}/medication_review/feed"
    return HttpFeed(source.log.source, url, lambda: "a-token", timeout=PATIENCE_SECONDS)


def test_heads_and_events_are_those_of_the_feed_to_the_byte(source, feed, server):
    source.tell(*range(30))
    identity.mint_generation(source.database, NOW)
    source.open()
    source.tell(*range(10))
    assert feed.heads() == source.local.heads()
    for generation in (1, 2):
        for partition in range(64):
            wanted = source.local.read(partition, 0, generation=generation)
            assert feed.read(partition, 0, generation=generation) == wanted
    assert feed.read(partition, 0) == source.local.read(partition, 0)
    assert {authorization for _, authorization in server.requests} == {"Bearer a-token"}


def test_pages_start_after_a_number_and_end_at_the_limit(source, feed):
    source.tell(*[1] * 10)
    [partition] = source.local.heads().heads
    assert feed.read(partition, 3, 4) == source.bodies()[3:7]


def test_an_inbox_catches_up_over_http(source, feed, tmp_path, keys_url):
    source.tell(*range(100))
    hearer = Hearer(sqlite_url(tmp_path, "attendance"), keys_url, [feed])
    eventually(hearer.receiver.catch_up)
    assert hearer.known() == source.consumed()
    hearer.close()


@pytest.mark.parametrize(
    "broken",
    [
        (500, b"{}"),
        (401, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b'{"heads": {}}'),
        (200, b'{"generation": "x"}'),
    ],
)
def test_any_other_answer_means_unavailable_and_the_next_try_works(source, feed, server, broken):
    source.tell(1)
    server.broken = broken
    with pytest.raises(SourceUnavailable):
        feed.heads()
    with pytest.raises(SourceUnavailable):
        feed.read(1, 0)
    server.broken = None
    assert feed.heads() == source.local.heads()


def test_a_feed_that_does_not_answer_is_unavailable_and_found_again(source, feed, server):
    feed.heads()
    away = HttpFeed(source.log.source, "http://127.0.0.1:9/medication_review/feed", timeout=1)
    with pytest.raises(SourceUnavailable):
        away.heads()
    feed._kept[0].sock.close()  # the kept connection broke meanwhile
    with pytest.raises(SourceUnavailable):
        feed.heads()
    assert feed.heads() == source.local.heads()


def test_a_feed_needs_an_http_url():
    with pytest.raises(ValueError, match="http"):
        HttpFeed("/daybook/attendance", "ftp://somewhere/feed")
