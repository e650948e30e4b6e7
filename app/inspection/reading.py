"""Reading the words in a picture, in a process of its own that may hang, swell or die."""

import asyncio
import contextlib
import importlib
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from typing import Any, Final

from PIL import Image

from app.domain.pictures import TextLine

_SECONDS: Final = 60.0
_LONGEST_SIDE: Final = 2048
_MOST_LINES: Final = 200
_LONGEST_LINE: Final = 500
_LEAST_SCORE: Final = 0.5
_NICE: Final = 10
_ENGINE: Final = {
    "EngineConfig.onnxruntime.intra_op_num_threads": 1,
    "EngineConfig.onnxruntime.inter_op_num_threads": 1,
    "Global.log_level": "error",
}


def missing_packages() -> tuple[str, ...]:
    """Return the packages of the extra `ocr` that are not installed."""
    return tuple(name for name in ("rapidocr", "onnxruntime") if find_spec(name) is None)


class PictureReader:
    """Reads pictures one after another, with one thread, at low priority."""

    def __init__(self, seconds: float = _SECONDS) -> None:
        """Give a picture that many seconds; the process starts with the first."""
        self._seconds = seconds
        self._pool: ProcessPoolExecutor | None = None

    async def read(self, data: bytes) -> tuple[TextLine, ...] | None:
        """Return the lines of a picture from top to bottom; None if it cannot be read in time."""
        loop = asyncio.get_running_loop()
        if self._pool is None:
            spawn = multiprocessing.get_context("spawn")
            self._pool = ProcessPoolExecutor(1, spawn, initializer=os.nice, initargs=(_NICE,))
        try:
            async with asyncio.timeout(self._seconds):
                return await loop.run_in_executor(self._pool, read_lines, data)
        except (TimeoutError, BrokenProcessPool):
            await self.aclose()
        except Exception:  # noqa: BLE001 - on a hostile picture an engine may raise anything
            return None
        return None

    async def aclose(self) -> None:
        """End the process, even one that is busy."""
        pool, self._pool = self._pool, None
        if pool is None:
            return
        for process in list((pool._processes or {}).values()):  # noqa: SLF001 - no public way
            with contextlib.suppress(ProcessLookupError):
                process.kill()
        await asyncio.to_thread(pool.shutdown, cancel_futures=True)


def read_lines(data: bytes) -> tuple[TextLine, ...]:
    """Read a picture here and now; raises whatever the engine raises."""
    with Image.open(BytesIO(data)) as opened:
        picture = opened.convert("RGBA")
    ground = Image.new("RGBA", picture.size, "white")
    plain = Image.alpha_composite(ground, picture).convert("RGB")
    scale = min(1.0, _LONGEST_SIDE / max(plain.size))
    if scale < 1:
        plain = plain.resize((round(plain.width * scale), round(plain.height * scale)))
    found = _engine()(plain)
    if found.txts is None:
        return ()
    lines = [
        TextLine(text[:_LONGEST_LINE], _box(corners, scale))
        for text, score, corners in zip(found.txts, found.scores, found.boxes, strict=True)
        if score >= _LEAST_SCORE and text.strip()
    ]
    return tuple(sorted(lines, key=lambda line: (line.box[1], line.box[0]))[:_MOST_LINES])


@cache
def _engine() -> Any:  # noqa: ANN401 - the package has no types
    return importlib.import_module("rapidocr").RapidOCR(params=_ENGINE)


def _box(corners: Any, scale: float) -> tuple[int, int, int, int]:  # noqa: ANN401 - an array
    across = [round(float(x) / scale) for x, _ in corners]
    down = [round(float(y) / scale) for _, y in corners]
    return min(across), min(down), max(across), max(down)
