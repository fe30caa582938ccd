"""The journal as an operator sees it: killed gateways, full disks, planted secrets."""

import asyncio
import hashlib
import json
import os
import random
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from contracts.brokers.rabbitmq.stream import RabbitStream
from contracts.call import Reply
from ingress.cli import exporting
from ingress.journal import curl, har
from ingress.journal.filter import Filter
from ingress.journal.opening import open_reader
from ingress.journal.reader import Reader
from ingress.journal.record import Record
from ingress.journal.sqlite.reader import SqliteReader
from ingress.journal.stream import batch
from queuegate import Context, Service
from tests.conftest import Queuegate
from tests.harness import http
from tests.harness.ports import free_port
from tests.harness.processes import ChildProcess
from tests.harness.rabbitmq import PrivateRabbitMQ
from tests.harness.waiting import eventually
from tests.ingress.embedded_broker import House, lived_in

KILLS = 20
# Of a stream fewer, for the time it takes: QUEUEGATE_STREAM_KILLS=20 does as many.
STREAM_KILLS = int(os.environ.get("QUEUEGATE_STREAM_KILLS", "3"))
# Seconds. What a batch gathers, and what a busy machine needs to write it.
BATCH, GRACE = 0.2, 0.5

ROUTES = """\
journal: {}
defaults: {journal: full}
routes:
  - {route: POST /work, operation: nobody.home, log: false}
"""


class Load:
    """Clients that post bodies whose digest is in the query, and remember what was answered."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answered: dict[str, float] = {}
        self._numbers = iter(range(10**9))
        self._chance = random.Random(5)

    async def goes_beyond(self, count: int) -> None:
        """Wait until more than so many are answered, on however busy a machine."""
        await eventually(lambda: len(self.answered) > count, 20, "calls are answered")

    async def client(self) -> None:
        """Ask until the connection breaks."""
        try:
            async with await http.Connection.open(self.port) as connection:
                while True:
                    name = f"r-{next(self._numbers)}"
                    body = json.dumps({"n": name, "pad": "x" * self._chance.randrange(3000)})
                    digest = hashlib.sha256(body.encode()).hexdigest()
                    await connection.ask(
                        "POST",
                        f"/work?sum={digest}",
                        body.encode(),
                        content_type="application/json",
                        x_request_id=name,
                    )
                    self.answered[name] = time.monotonic()
        except (ConnectionError, OSError):
            return


@pytest.mark.timeout(240)
async def test_a_killed_gateway_leaves_a_journal_that_can_be_read(
    tmp_path: Path, queuegate: Queuegate
) -> None:
    """After SIGKILL at twenty random moments all records are whole and but the last batch there."""
    (tmp_path / "gateway.yaml").write_text(ROUTES)
    path = tmp_path / "journal.db"

    def known() -> Iterator[str]:
        connection = sqlite3.connect(path)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        connection.close()
        return _whole_records(SqliteReader(path))

    await _killed_and_read(queuegate, {}, KILLS, known)


@pytest.mark.timeout(240)
async def test_a_killed_gateway_leaves_a_stream_that_can_be_read(
    tmp_path: Path, vhost_url: str, queuegate: Queuegate
) -> None:
    """The same of a stream: what was confirmed is whole, and but the last batch is there."""
    store = "stream:killed"
    (tmp_path / "gateway.yaml").write_text(ROUTES.replace("{}", f"{{store: '{store}'}}", 1))

    def known() -> Iterator[str]:
        return _whole_records(open_reader(store, tmp_path, broker=vhost_url))

    await _killed_and_read(queuegate, {"BROKER_URL": vhost_url}, STREAM_KILLS, known)


async def _killed_and_read(
    queuegate: Queuegate, env: dict[str, str], kills: int, known: Callable[[], Iterator[str]]
) -> None:
    chance = random.Random(7)
    forgiven: set[str] = set()
    load = Load(free_port())
    for _ in range(kills):
        ports = ("--port", str(load.port), "--admin-port", "0")
        gateway = queuegate("serve", *ports, env=env)
        await asyncio.to_thread(gateway.wait_for_port, load.port)
        before = len(load.answered)
        clients = [asyncio.create_task(load.client()) for _ in range(4)]
        await load.goes_beyond(before)
        # The moment is what is tested, so this is no sleep for luck.
        await asyncio.sleep(chance.uniform(0.1, 1.6))
        killed = time.monotonic()
        await asyncio.to_thread(gateway.kill)
        await asyncio.gather(*clients)
        forgiven |= {name for name, when in load.answered.items() if when > killed - BATCH - GRACE}
        found = await asyncio.to_thread(lambda: set(known()))
        assert set(load.answered) - forgiven <= found
    # There was something to lose each time.
    assert len(load.answered) - len(forgiven) > 10 * kills


def _whole_records(reader: Reader) -> Iterator[str]:
    """Give the ids of all records; each is held against the digest that its request had."""
    for record in reader.find(Filter()):
        content = record.open
        assert content.query == f"sum={hashlib.sha256(content.request_body).hexdigest()}"
        assert json.loads(content.request_body)["n"] == record.id
        assert json.loads(content.reply_body)["request_id"] == record.id
        yield record.id
    reader.close()


SECRETS = {
    name: f"s3cret-{name}-{hashlib.sha256(name.encode()).hexdigest()[:16]}"
    for name in (
        *("authorization", "cookie", "proxy", "api_key", "query", "referer", "password", "nested"),
        *("card", "session", "set_cookie", "access", "form", "broken", "multipart", "unmatched"),
        *("hashed", "location", "escaped"),
    )
}

PLANTED = """\
journal: {store: '%s', keys: ["%s"]}
defaults:
  journal:
    level: full
    redact: {headers: [x-session], body: [$.card.number], hash: [$.customer]}
routes:
  - {route: POST /login, operation: bank.login}
"""


def bank() -> Service:
    """Make a service that answers with secrets."""
    service = Service("bank")

    @service.operation()
    async def login(ctx: Context) -> Reply:
        return Reply.json(
            {"user": {"access_token": SECRETS["access"]}},
            headers=(
                ("Set-Cookie", f"id={SECRETS['set_cookie']}"),
                ("Location", f"/home#access_token={SECRETS['location']}"),
            ),
        )

    return service


async def plant(client: httpx.AsyncClient) -> None:
    """Send every secret once, each where a client may put one."""
    body = {
        "password": SECRETS["password"],
        "deep": [{"clientSecret": SECRETS["nested"]}],
        "card": {"number": SECRETS["card"]},
        "customer": SECRETS["hashed"],
    }
    headers = {
        "authorization": f"Bearer {SECRETS['authorization']}",
        "cookie": f"id={SECRETS['cookie']}",
        "proxy-authorization": SECRETS["proxy"],
        "x-api-key": SECRETS["api_key"],
        "x-session": SECRETS["session"],
        "referer": f"https://shop.example/?token={SECRETS['referer']}",
    }
    answer = await client.post(f"/login?api_key={SECRETS['query']}", json=body, headers=headers)
    assert answer.json()["user"]["access_token"] == SECRETS["access"]
    for kind, text in (
        ("application/x-www-form-urlencoded", f"password={SECRETS['form']}"),
        ("application/json", f'{{"password": "{SECRETS["broken"]}"'),
        ("application/json", f'{{"pass\\u0077ord": "{SECRETS["escaped"]}"}}'),
        ("multipart/form-data; boundary=b", f'name="token"\r\n\r\n{SECRETS["multipart"]}\r\n--b--'),
    ):
        await client.post("/login", content=text, headers={"content-type": kind})
    await client.get(f"/nowhere?password={SECRETS['unmatched']}")


def planted(store: str, key: str) -> str:
    """Give a route file with a journal in this store, with a key if there is one."""
    routes = PLANTED % (store, key)
    if not key:
        routes = routes.replace(', keys: [""]', "").replace(", hash: [$.customer]", "")
        routes = routes.replace("[$.card.number]", "[$.card.number, $.customer]")
    return routes


@pytest.mark.parametrize("key", ["", "ab" * 32])
async def test_no_secret_is_written_down(tmp_path: Path, key: str) -> None:
    """No byte of the journal's files, of the log or of an export has a planted secret."""
    async with lived_in(tmp_path, bank(), planted("journal.db", key)) as house:
        await eventually(lambda: _is_ready(house))
        async with house.client() as client:
            await plant(client)
        path = tmp_path / "journal.db"
        await eventually(lambda: len(_records(path)) >= 6)
        files = [tmp_path / f"journal.db{end}" for end in ("", "-wal", "-shm")]
        # While it is open: the log of changes holds what the file does not yet.
        data = b"".join(file.read_bytes() for file in files)
        said = house.log.getvalue()
    data += path.read_bytes()
    _has_no_secret(data, said, _records(path))
    # The test would see them: what is no secret is there.
    assert (b"shop.example" in data) is (not key)


@pytest.mark.parametrize("key", ["", "ab" * 32])
async def test_no_secret_is_written_into_a_stream(
    tmp_path: Path, vhost_url: str, rabbitmq: PrivateRabbitMQ, key: str
) -> None:
    """No byte of the broker's files of it has one, nor of what is compressed in them."""
    routes = f"broker: {vhost_url}\n{planted('stream:planted', key)}"

    def records() -> list[Record]:
        return _all_of(open_reader("stream:planted", tmp_path, broker=vhost_url))

    async with lived_in(tmp_path, bank(), routes) as house:
        await eventually(lambda: _is_ready(house))
        async with house.client() as client:
            await plant(client)
    # It was stopped, so its last batch is there.
    found, said = await asyncio.to_thread(records), house.log.getvalue()
    assert len(found) == 6
    bodies = await _bodies(vhost_url, "planted")
    data = b"".join(one for body in bodies for one in batch.unpack(body))
    assert (b"shop.example" in data) is (not key)
    if rabbitmq.data is not None:
        files = [*rabbitmq.data.rglob("stream/*_planted_*/*.*")]
        lying = b"".join(file.read_bytes() for file in files)
        assert all(body in lying for body in bodies)
        data += lying
    _has_no_secret(data, said, found)


def _has_no_secret(data: bytes, said: str, records: list[Record]) -> None:
    """Look at all that was written, and at what is made of it."""
    exported = b"".join([*map(exporting.as_line, records), *har.write(records, "http://h")])
    lines = "".join(curl.line(one, "http://h") for one in records)
    for name, secret in SECRETS.items():
        assert secret.encode() not in data, name
        assert secret.encode() not in exported, name
        assert secret not in said, name
        assert secret not in lines, name
    assert b"/login" in data


async def _bodies(url: str, name: str) -> list[bytes]:
    stream = RabbitStream(url, name, label="test")
    await stream.open()
    bodies = [entry.body for entry in await stream.read("first", most=1000)]
    await stream.close()
    return bodies


def _records(path: Path) -> list[Record]:
    if not path.exists():
        return []
    return _all_of(SqliteReader(path))


def _all_of(reader: Reader) -> list[Record]:
    try:
        return list(reader.find(Filter()))
    finally:
        reader.close()


async def _is_ready(house: House) -> bool:
    async with house.admin() as admin:
        return (await admin.get("/readyz")).status_code == 200


async def test_several_gateways_share_a_file(tmp_path: Path, queuegate: Queuegate) -> None:
    """Two processes write into one journal, and nothing of either is lost."""
    (tmp_path / "gateway.yaml").write_text(ROUTES)
    ports = [free_port(), free_port()]
    gateways: list[ChildProcess] = [
        queuegate("serve", "--port", str(port), "--admin-port", "0") for port in ports
    ]
    for gateway, port in zip(gateways, ports, strict=True):
        await asyncio.to_thread(gateway.wait_for_port, port)
        for number in range(50):
            await http.ask(port, "POST", f"/work?sum={number}", x_request_id=f"r-{port}-{number}")
    for gateway in gateways:
        assert await asyncio.to_thread(gateway.terminate) == 0
    assert len(_records(tmp_path / "journal.db")) == 100


async def test_a_full_disk_takes_nothing_down(tmp_path: Path, queuegate: Queuegate) -> None:
    """While nothing can be written requests are answered, and afterwards it is written again."""
    # A file in place of the folder is as good as a full disk, and can be taken away.
    (tmp_path / "gateway.yaml").write_text(ROUTES.replace("{}", "{store: full/journal.db}", 1))
    (tmp_path / "full").write_text("")
    port, admin = free_port(), free_port()
    gateway = queuegate("serve", "--port", str(port), "--admin-port", str(admin))
    await asyncio.to_thread(gateway.wait_for_port, port)
    await eventually(lambda: "the journal cannot be written" in gateway.output)
    for number in range(20):
        answer = await http.ask(port, "POST", "/work", x_request_id=f"r-{number}")
        assert answer.code == "no_route"
    metrics = (await http.ask(admin, "GET", "/metrics")).body.decode()
    assert "queuegate_journal_failures_total" in metrics
    (tmp_path / "full").unlink()
    (tmp_path / "full").mkdir()
    await eventually(lambda: "the journal is written again" in gateway.output)
    await eventually(lambda: len(_records(tmp_path / "full" / "journal.db")) == 20)
    assert gateway.output.count("the journal cannot be written") == 1


async def test_a_fleet_shares_a_stream(
    tmp_path: Path, vhost_url: str, queuegate: Queuegate
) -> None:
    """What two gateways write into a stream is found from anywhere, without the secrets in it."""
    (tmp_path / "gateway.yaml").write_text(ROUTES.replace("{}", "{store: 'stream:fleet'}", 1))
    env = {"BROKER_URL": vhost_url}
    ports = [free_port(), free_port()]
    gateways = [
        queuegate("serve", "--port", str(port), "--admin-port", "0", env=env) for port in ports
    ]
    for gateway, port in zip(gateways, ports, strict=True):
        await asyncio.to_thread(gateway.wait_for_port, port)
        for number in range(20):
            name, body = f"r-{port}-{number}", json.dumps({"password": "s3cret", "n": number})
            await http.ask(port, "POST", "/work", body.encode(), x_request_id=name)
    # One is killed once its records are there, the other one leaves in order.
    log = ("log", "list", "--json", "-n", "100")
    everything = await eventually(lambda: _listed(queuegate, log, env, 40), 20)
    await asyncio.to_thread(gateways[0].kill)
    assert await asyncio.to_thread(gateways[1].terminate) == 0
    assert {json.loads(line)["id"] for line in everything} == {
        f"r-{port}-{number}" for port in ports for number in range(20)
    }
    bodies = await _bodies(vhost_url, "fleet")
    # As they lie there, and as they are read.
    data = b"".join([*bodies, *(one for body in bodies for one in batch.unpack(body))])
    assert b"/work" in data
    assert b"s3cret" not in data


async def _listed(
    queuegate: Queuegate, words: tuple[str, ...], env: dict[str, str], count: int
) -> list[str]:
    command = queuegate(*words, env=env)
    assert await asyncio.to_thread(command.wait) == 0
    lines = [line for line in command.output.splitlines() if line.startswith("{")]
    # The log of all commands is one file.
    return lines[-count:] if len(lines) >= count else []
