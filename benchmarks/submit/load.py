"""A load generator that costs little: prepared bytes over plain sockets, one request each in turn.

    python -m benchmarks.submit.load PORT KEY SURFACE CONNECTIONS SECONDS PREFIX

Prints one line of JSON: answers, failures, seconds, and latencies in milliseconds.
"""

import asyncio
import itertools
import json
import sys
import time

from benchmarks.submit.pushes import body

_WARM_UP = 2.0
_MOST_FAILURES = 5


async def _worker(
    port: int, requests: "itertools.count[int]", make: object, until: float, times: list[float]
) -> tuple[int, str]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    failures, example = 0, ""
    while time.perf_counter() < until and failures < _MOST_FAILURES:
        data = make(next(requests))  # type: ignore[operator]
        began = time.perf_counter()
        writer.write(data)
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        answer = await reader.readexactly(length)
        times.append(time.perf_counter() - began)
        if not head.startswith(b"HTTP/1.1 201") or b'"state":"blocked"' in answer:
            failures += 1
            example = answer[:300].decode(errors="replace")
    writer.close()
    return failures, example


async def run(
    port: int, key: str, surface: str, connections: int, seconds: float, prefix: str
) -> dict[str, object]:
    """Load one server for `seconds` after a warm-up and return what was measured."""

    def make(number: int) -> bytes:
        content = body(number, surface)
        head = (
            f"POST /v1/pushes HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
            f"Authorization: Bearer {key}\r\nIdempotency-Key: {prefix}-{number}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        return head.encode() + content

    requests = itertools.count()
    result: dict[str, object] = {}
    answered = 0
    for span in (_WARM_UP, seconds):
        times: list[float] = []
        began = time.perf_counter()
        ended = await asyncio.gather(
            *(_worker(port, requests, make, began + span, times) for _ in range(connections))
        )
        took = time.perf_counter() - began
        times.sort()
        answered += len(times)
        result = {
            "answers": len(times),
            "all_answers": answered,
            "failures": sum(failures for failures, _ in ended),
            "example": next((example for _, example in ended if example), ""),
            "seconds": round(took, 3),
            "per_second": round(len(times) / took, 1),
            "p50_ms": round(times[len(times) // 2] * 1000, 2),
            "p99_ms": round(times[int(len(times) * 0.99)] * 1000, 2),
        }
    return result


if __name__ == "__main__":
    _, a_port, a_key, a_surface, a_connections, a_seconds, a_prefix = sys.argv
    print(
        json.dumps(
            asyncio.run(
                run(int(a_port), a_key, a_surface, int(a_connections), float(a_seconds), a_prefix)
            )
        )
    )
