"""The contract suite: what every store does, whatever it is made of.

Subclassed for memory, SQLite and Redis; each gives a fixture ``store``, empty, and ``peer``, what
another process would hold (for memory the same one).
"""

import asyncio
import time
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contracts.stores.port import MAX_KEY, MAX_VALUE, Entry, Store
from tests.harness.waiting import eventually

_KEYS = st.sampled_from(["a:1", "a:2", "a:10", "b:1"])
_VERSIONS = st.sampled_from(["now", "before", "none"])
_STEPS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["put", "add", "delete"]), _KEYS),
        st.tuples(st.sampled_from(["replace", "delete_at"]), _KEYS, _VERSIONS),
    ),
    max_size=30,
)


async def _all(store: Store, prefix: str) -> dict[str, Entry]:
    found = [pair async for pair in store.scan(prefix)]
    assert len(found) == len(dict(found))
    return dict(found)


class StoreContract:
    """All of it."""

    async def test_what_was_put_is_there(self, store: Store, peer: Store) -> None:
        """A value comes back byte for byte, to other processes too, with its version."""
        value = bytes(range(256)) * 300
        version = await store.put("a:ключ", value)
        for reader in (store, peer):
            entry = await reader.get("a:ключ")
            assert entry == Entry(value, version, 0.0)

    async def test_what_was_never_put_is_not_there(self, store: Store) -> None:
        """A key without an entry gives none."""
        assert await store.get("a:1") is None
        assert not await store.delete("a:1")
        assert await store.replace("a:1", b"x", version=1) is None

    async def test_an_empty_value_is_a_value(self, store: Store) -> None:
        """No bytes are something else than nothing."""
        await store.put("a:1", b"")
        entry = await store.get("a:1")
        assert entry is not None
        assert entry.value == b""
        assert await store.add("a:1", b"x") is None

    async def test_only_the_first_adds(self, store: Store, peer: Store) -> None:
        """Of many that add under one key at one time one succeeds."""
        adds = [one.add("a:1", str(n).encode()) for n in range(20) for one in (store, peer)]
        versions = [version for version in await asyncio.gather(*adds) if version is not None]
        assert len(versions) == 1
        entry = await store.get("a:1")
        assert entry is not None
        assert entry.version == versions[0]

    async def test_only_who_saw_the_latest_replaces(self, store: Store, peer: Store) -> None:
        """Of many that replace the same version one succeeds, so no change is lost."""
        await store.put("a:1", b"0")

        async def increment(one: Store) -> None:
            while True:
                entry = await one.get("a:1")
                assert entry is not None
                value = str(int(entry.value) + 1).encode()
                if await one.replace("a:1", value, version=entry.version) is not None:
                    return

        await asyncio.gather(*(increment(one) for _ in range(10) for one in (store, peer)))
        entry = await store.get("a:1")
        assert entry is not None
        assert entry.value == b"20"

    async def test_delete_takes_the_wanted_version_alone(self, store: Store) -> None:
        """Who deletes what they saw does not delete what was written after."""
        old = await store.put("a:1", b"old")
        new = await store.put("a:1", b"new")
        assert not await store.delete("a:1", version=old)
        assert await store.delete("a:1", version=new)
        assert await store.get("a:1") is None

    async def test_a_version_never_comes_back(self, store: Store) -> None:
        """What was deleted and written again has another version than before."""
        versions = []
        for _ in range(5):
            versions.append(await store.put("a:1", b"x"))
            await store.delete("a:1")
        assert len(set(versions)) == 5

    async def test_an_entry_expires(self, store: Store) -> None:
        """When its time is over an entry is not there, for any operation."""
        await store.put("a:1", b"x", ttl=0.05)
        await store.put("a:2", b"kept", ttl=60)
        entry = await store.get("a:2")
        assert entry is not None
        assert abs(entry.expires - time.time() - 60) < 2

        async def gone() -> bool:
            return await store.get("a:1") is None

        await eventually(gone)
        assert await _all(store, "a:") == {"a:2": entry} or await store.get("a:2")
        assert not await store.delete("a:1")
        assert await store.add("a:1", b"y") is not None

    async def test_a_write_sets_the_time_anew(self, store: Store) -> None:
        """What is written without a ttl stays, whatever held for the one before."""
        version = await store.put("a:1", b"x", ttl=60)
        await store.replace("a:1", b"y", version=version)
        entry = await store.get("a:1")
        assert entry is not None
        assert entry.expires == 0.0

    async def test_a_scan_finds_each_once(self, store: Store, peer: Store) -> None:
        """All with the prefix are found, each once, and nothing else, special characters too."""
        await asyncio.gather(*(store.put(f"a:{n}", b"%d" % n) for n in range(450)))
        await store.put("b:1", b"x")
        await store.put("a:*[?]\\%_", b"special")
        found = await _all(peer, "a:")
        assert len(found) == 451
        assert found["a:7"].value == b"7"
        assert set(await _all(peer, "a:*")) == {"a:*[?]\\%_"}
        assert set(await _all(peer, "a:44")) == {"a:44", *(f"a:44{n}" for n in range(10))}
        assert await _all(peer, "c:") == {}

    async def test_the_generation_tells_of_changes(self, store: Store, peer: Store) -> None:
        """A space's number grows with each write and delete in it, and with nothing else."""
        assert await peer.generation("a") == 0
        seen = [0]

        async def now() -> int:
            return await peer.generation("a")

        version = await store.put("a:1", b"x")
        seen.append(await now())
        await store.replace("a:1", b"y", version=version)
        seen.append(await now())
        await store.delete("a:1")
        seen.append(await now())
        assert seen == sorted(set(seen))
        assert await store.add("b:1", b"x") is not None
        assert await store.get("a:1") is None
        assert not await store.delete("a:1")
        assert await store.replace("a:1", b"z", version=version) is None
        assert await now() == seen[-1]

    @pytest.mark.parametrize(
        "key", ["", "a", "a:", ":x", "A:x", "a b:x", "a:" + "x" * MAX_KEY, "a:\ud800"]
    )
    async def test_what_is_no_key_is_refused(self, store: Store, key: str) -> None:
        """A key without a space, without a rest, or too long is the caller's mistake."""
        operations: list[Callable[[], object]] = [
            lambda: store.get(key),
            lambda: store.put(key, b"x"),
            lambda: store.add(key, b"x"),
            lambda: store.replace(key, b"x", version=1),
            lambda: store.delete(key),
        ]
        for operation in operations:
            with pytest.raises(ValueError, match=r"key|surrogates"):
                await operation()  # type: ignore[misc]

    async def test_what_is_no_value_is_refused(self, store: Store) -> None:
        """A value that is too large and a time that is over are the caller's mistakes."""
        with pytest.raises(ValueError, match="value"):
            await store.put("a:1", bytes(MAX_VALUE + 1))
        for ttl in (0, -1, float("nan")):
            with pytest.raises(ValueError, match="lives"):
                await store.put("a:1", b"x", ttl=ttl)
        assert await store.get("a:1") is None

    async def test_who_leaves_breaks_nothing(self, store: Store) -> None:
        """Operations that are cancelled while others are under way leave these alone."""
        tasks = [asyncio.create_task(store.put(f"a:{n}", b"x")) for n in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        done = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(version, int) for version in done[1::2])
        assert set(await _all(store, "a:")) >= {f"a:{n}" for n in range(1, 20, 2)}

    async def test_it_is_ready(self, store: Store) -> None:
        """A store that is there says so."""
        await store.ready()

    @given(steps=_STEPS)
    @settings(
        max_examples=25,
        deadline=None,
        # Three classes inherit it, and it empties the store itself.
        suppress_health_check=[
            HealthCheck.function_scoped_fixture,
            HealthCheck.differing_executors,
        ],
    )
    async def test_it_does_as_a_dict_does(self, store: Store, steps: list[tuple[str, ...]]) -> None:
        """Whatever is done in whatever order, it answers as a plain dict would."""
        model: dict[str, tuple[bytes, int]] = {}
        for key in ("a:1", "a:2", "a:10", "b:1"):
            await store.delete(key)
        for number, (verb, key, *wanted) in enumerate(steps):
            value, held = b"%d" % number, model.get(key)
            version = {"now": held[1] if held else 1, "before": (held[1] if held else 1) - 1}.get(
                wanted[0] if wanted else "", 0
            )
            match verb:
                case "put":
                    model[key] = (value, await store.put(key, value))
                case "add":
                    added = await store.add(key, value)
                    assert (added is None) == (held is not None)
                    if added is not None:
                        model[key] = (value, added)
                case "replace":
                    replaced = await store.replace(key, value, version=version)
                    assert (replaced is not None) == (held is not None and held[1] == version)
                    if replaced is not None:
                        model[key] = (value, replaced)
                case "delete":
                    assert await store.delete(key) == (model.pop(key, None) is not None)
                case _:
                    fits = held is not None and held[1] == version
                    assert await store.delete(key, version=version) == fits
                    if fits:
                        del model[key]
            found = {**await _all(store, "a:"), **await _all(store, "b:")}
            assert {key: (one.value, one.version) for key, one in found.items()} == model
