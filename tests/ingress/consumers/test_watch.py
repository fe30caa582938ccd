"""Changes in the Store come to the directory by themselves."""

import time

import pytest

from contracts.fault import Fault
from contracts.stores.memory import MemoryStore
from ingress.consumers import token, watch
from ingress.consumers.digests import Digests
from ingress.consumers.directory import Directory, Known
from ingress.consumers.office import Office
from ingress.consumers.orders import ConsumerOrder, KeyOrder
from ingress.consumers.roster import Roster
from ingress.consumers.watch import Watch
from tests.harness.waiting import eventually


class Away(Roster):
    """A roster whose Store may be away."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.away = True

    async def generation(self) -> int:
        """Fail while it is."""
        if self.away:
            raise Fault("store_down", "nobody answers")
        return await super().generation()


def known(directory: Directory, key: str) -> bool:
    try:
        return directory.holder(key) is not None
    except Fault:
        return False


async def test_a_gateway_learns_of_keys_and_forgets_them() -> None:
    """Issued, it serves within a moment; revoked, it does not any more."""
    digests, store, said = Digests(["sixteen letters!"]), MemoryStore(), list[str]()
    office = Office(Roster(store), Known(), digests)
    directory = Directory(digests)
    ours = Watch(Roster(store), directory, lambda _, text: said.append(text), pause=0.01)
    await ours.start()
    await office.add_consumer("anna", ConsumerOrder())
    issued = await office.issue(KeyOrder(consumer="anna"))
    await eventually(lambda: known(directory, issued["key"]))
    await office.revoke(issued["id"])
    await eventually(lambda: not known(directory, issued["key"]))
    await ours.stop()
    assert said == []


async def test_what_did_not_change_is_not_read_again() -> None:
    """A look costs one question."""
    store = MemoryStore()
    directory = Directory()
    ours = Watch(Roster(store), directory, lambda *_: None)
    await ours.look()
    before = directory.generation
    await ours.look()
    assert directory.generation == before


async def test_while_the_store_is_away_nobody_is_called_a_stranger() -> None:
    """Before the first look a key may be somebody's: 503; after it the directory stays as it is."""
    store, said = MemoryStore(), list[str]()
    roster = Away(store)
    directory = Directory()
    ours = Watch(roster, directory, lambda level, text: said.append(f"{level} {text}"), pause=0.01)
    await ours.start()
    with pytest.raises(Fault) as caught:
        directory.holder(token.make())
    assert (caught.value.code, caught.value.status) == ("store_down", 503)
    assert directory.holder("no key of ours at all") is None
    roster.away = False
    await eventually(lambda: directory.complete)
    assert directory.holder(token.make()) is None
    roster.away = True
    await ours.look()
    assert directory.holder(token.make()) is None
    await ours.stop()
    assert said == ["WARNING consumers cannot be read from the store: nobody answers"] * 2


async def test_a_secret_that_is_missing_is_told() -> None:
    """The keys that need it are nobody's."""
    store, said = MemoryStore(), list[str]()
    office = Office(Roster(store), Known(), Digests(["sixteen letters!"]))
    await office.add_consumer("anna", ConsumerOrder())
    key = (await office.issue(KeyOrder(consumer="anna")))["key"]
    directory = Directory(Digests(["another secret!!"]))
    await Watch(Roster(store), directory, lambda _, text: said.append(text)).look()
    assert said == ["1 keys in the store need a secret that is not among `keys.secrets`"]
    assert directory.holder(key) is None


async def test_last_uses_are_written_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also those of the last seconds before the end."""
    monkeypatch.setattr(watch, "_FLUSH", 0.01)
    roster, directory = Roster(MemoryStore()), Directory()
    ours = Watch(roster, directory, lambda *_: None, pause=0.01)
    await ours.start()
    directory.used["k1"] = time.time()

    async def written() -> bool:
        return "k1" in await roster.used()

    await eventually(written)
    assert directory.used == {}
    directory.used["k2"] = time.time()
    await ours.stop()
    assert set(await roster.used()) == {"k1", "k2"}
    assert repr(ours) == "<Watch of <Directory 0 consumers, 0 keys>>"
