"""Many RTSP cameras in one process, at hardly any cost: clips that were encoded before, looped, in RTP over TCP.

    python -m benchmarks.live.cameras PLAN.json

PLAN: `{"port": 0, "cameras": [{"path": "/c0", "clip": "busy.mp4", "began_at": 1790000000.0, "from_s": 0.0}]}`.
Prints `ready PORT`. A camera runs whether anybody looks or not: at Unix time `began_at` it captures the clip at
`from_s`, and from there on the clip over and over on one clock. Whoever connects gets it from the next key frame on. A
picture is sent when it has been captured, with those that come before it and lean on it right behind it, as an encoder
would.

Written for this benchmark because it shares the processor with what is measured: GStreamer took 1.0 % of a core for
each of twelve such cameras, this takes 0.33 %. Every packet of a clip is made once, and only its number and its time
are set when it is sent.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import struct
import sys
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import av
import numpy as np

CLOCK = 90_000
PAYLOAD_TYPE = 96
LEAST_CUT = 1400  # bytes of a packet's payload: what an Ethernet frame holds
REPORT_EVERY_S = 5.0
NTP_EPOCH = 2_208_988_800  # of RTP's wall clock, 1900, in seconds before 1970
FILL, IDR, SPS, PPS, FRAGMENT = 12, 5, 7, 8, 28
BACKLOG = 4_000_000  # bytes that a viewer may be behind; more, and it is let go


@dataclass(frozen=True)
class Picture:
    """One picture as the packets that carry it. `at_s`: of its capture, in the clip; `sent_s`: when it can be sent."""

    at_s: float
    sent_s: float
    key: bool
    data: np.ndarray
    heads: np.ndarray
    """Where in `data` each RTP header begins."""


@dataclass(frozen=True)
class Film:
    pictures: list[Picture]
    length_s: float
    sps: bytes
    pps: bytes


@cache
def film(path: str) -> Film:
    """The clip, with its pictures in decoding order and their times from zero on."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        sps, pps = parameter_sets(bytes(stream.codec_context.extradata or b""))
        packets = [packet for packet in container.demux(stream) if packet.size]
        tick = float(stream.time_base or 0)
        step = 1 / float(stream.average_rate or 25)
        first = min(packet.pts or 0 for packet in packets)
        pictures, sent_s = [], 0.0
        for packet in packets:
            at_s = ((packet.pts or 0) - first) * tick
            sent_s = max(sent_s, at_s)
            units = [unit for unit in _counted(bytes(packet)) if unit[0] & 31 not in (SPS, PPS, FILL)]
            carried = [sps, pps, *units] if packet.is_keyframe else units
            pictures.append(Picture(at_s, sent_s, packet.is_keyframe, *_packed(carried)))
    return Film(pictures, max(picture.at_s for picture in pictures) + step, sps, pps)


def parameter_sets(extra: bytes) -> tuple[bytes, bytes]:
    """From avcC (ISO/IEC 14496-15), with units counted by four bytes, as every MP4 of ours has it."""
    assert extra[0] == 1 and extra[4] & 3 == 3, "an MP4 of H.264"
    length = int.from_bytes(extra[6:8], "big")
    at = 8 + length + 1
    return extra[8 : 8 + length], extra[at + 2 : at + 2 + int.from_bytes(extra[at : at + 2], "big")]


def _counted(data: bytes) -> list[bytes]:
    units, at = [], 0
    while at + 4 < len(data):
        size = int.from_bytes(data[at : at + 4], "big")
        units.append(data[at + 4 : at + 4 + size])
        at += 4 + size
    return units


def _packed(units: list[bytes]) -> tuple[np.ndarray, np.ndarray]:
    """RTP packets (RFC 6184), each behind the four bytes that interleave it with RTSP (RFC 2326, 10.12)."""
    payloads = [payload for unit in units for payload in _fragments(unit)]
    data, heads = bytearray(), []
    for number, payload in enumerate(payloads):
        marker = 0x80 if number == len(payloads) - 1 else 0
        data += struct.pack("!cBH", b"$", 0, 12 + len(payload))
        heads.append(len(data))
        data += struct.pack("!BBHII", 0x80, marker | PAYLOAD_TYPE, 0, 0, 0) + payload
    return np.frombuffer(bytes(data), np.uint8), np.array(heads)


def _fragments(unit: bytes) -> list[bytes]:
    if len(unit) <= LEAST_CUT:
        return [unit]
    head, body = unit[0], unit[1:]
    parts = [body[n : n + LEAST_CUT - 2] for n in range(0, len(body), LEAST_CUT - 2)]
    flags = [0x80, *[0] * (len(parts) - 2), 0x40]
    return [bytes([head & 0xE0 | FRAGMENT, flag | head & 0x1F]) + part for flag, part in zip(flags, parts, strict=True)]


@dataclass
class Camera:
    film: Film
    began_at: float
    from_s: float
    ssrc: int

    def now_s(self) -> float:
        """On the camera's own endless timeline."""
        return time.time() - self.began_at + self.from_s

    def description(self) -> str:
        sets = ",".join(base64.b64encode(unit).decode() for unit in (self.film.sps, self.film.pps))
        profile = self.film.sps[1:4].hex()
        return "\r\n".join(
            [
                "v=0", f"o=- {self.ssrc} 1 IN IP4 127.0.0.1", "s=live", "c=IN IP4 0.0.0.0", "t=0 0",
                f"m=video 0 RTP/AVP {PAYLOAD_TYPE}", f"a=rtpmap:{PAYLOAD_TYPE} H264/{CLOCK}",
                f"a=fmtp:{PAYLOAD_TYPE} packetization-mode=1;profile-level-id={profile};sprop-parameter-sets={sets}",
                "a=control:track", "",
            ]
        )  # fmt: skip

    def report(self) -> bytes:
        """A sender report (RFC 3550, 6.4.1): which instant of the wall clock is which of the stream's."""
        now = time.time()
        ticks = round((now - self.began_at + self.from_s) * CLOCK) & 0xFFFFFFFF
        seconds = now + NTP_EPOCH
        wall = int(seconds) << 32 | int(seconds % 1 * 2**32)
        report = struct.pack("!BBHIQIII", 0x80, 200, 6, self.ssrc, wall, ticks, 0, 0)
        named = struct.pack("!BBHIBB", 0x81, 202, 2, self.ssrc, 1, 1) + b"c\0"
        return struct.pack("!cBH", b"$", 1, len(report) + len(named)) + report + named

    async def play(self) -> AsyncIterator[tuple[Picture, float]]:
        """Pictures as they come, from the next key frame on, each with its time on the endless timeline."""
        pictures, length = self.film.pictures, self.film.length_s
        turn, within = divmod(self.now_s(), length)
        number = next((n for n, p in enumerate(pictures) if p.key and p.sent_s > within), len(pictures))
        while True:
            if number == len(pictures):
                number, turn = 0, turn + 1
            picture = pictures[number]
            if (wait := turn * length + picture.sent_s - self.now_s()) > 0.001:
                await asyncio.sleep(wait)
            yield picture, turn * length + picture.at_s
            number += 1

    def packets(self, picture: Picture, at_s: float, sequence: int) -> bytes:
        data, heads = picture.data.copy(), picture.heads
        numbers = (sequence + np.arange(len(heads))) & 0xFFFF
        data[heads + 2], data[heads + 3] = numbers >> 8, numbers & 0xFF
        ticks = struct.pack("!II", round(at_s * CLOCK) & 0xFFFFFFFF, self.ssrc)
        for place, value in enumerate(ticks):
            data[heads + 4 + place] = value
        return data.tobytes()


class Viewer:
    """One connection: answers requests, and sends the camera once it is played."""

    def __init__(self, cameras: dict[str, Camera], reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._cameras, self._reader, self._writer = cameras, reader, writer
        self._sending: asyncio.Task[None] | None = None

    async def serve(self) -> None:
        with suppress(OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            while True:
                if (first := await self._reader.readexactly(1)) == b"$":
                    size = int.from_bytes((await self._reader.readexactly(3))[1:], "big")
                    await self._reader.readexactly(size)  # what the viewer reports; nobody asks
                    continue
                request = (first + await self._reader.readuntil(b"\r\n\r\n")).decode()
                if not self._answer(request):
                    break
        if self._sending is not None:
            self._sending.cancel()
        self._writer.close()

    def _answer(self, request: str) -> bool:
        lines = request.strip().split("\r\n")
        method, url, _ = lines[0].split(" ", 2)
        fields = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
        camera = self._cameras.get("/" + url.split("://", 1)[-1].partition("/")[2].split("/")[0])
        head, body = ["Session: 1;timeout=60"], ""
        if method == "OPTIONS":
            head = ["Public: OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, TEARDOWN"]
        elif camera is None:
            self._reply("404 Not Found", fields, [], "")
            return True
        elif method == "DESCRIBE":
            head, body = [f"Content-Base: {url}/", "Content-Type: application/sdp"], camera.description()
        elif method == "SETUP":
            if "TCP" not in fields.get("transport", ""):
                self._reply("461 Unsupported Transport", fields, [], "")
                return True
            head.append(f"Transport: RTP/AVP/TCP;unicast;interleaved=0-1;ssrc={camera.ssrc:08X}")
        self._reply("200 OK", fields, head, body)
        if method == "PLAY" and camera is not None and self._sending is None:
            self._sending = asyncio.create_task(self._send(camera))
        return method != "TEARDOWN"

    def _reply(self, status: str, fields: dict[str, str], head: list[str], body: str) -> None:
        lines = [f"RTSP/1.0 {status}", f"CSeq: {fields.get('cseq', '0')}", *head, f"Content-Length: {len(body)}"]
        self._writer.write(("\r\n".join(lines) + "\r\n\r\n" + body).encode())

    async def _send(self, camera: Camera) -> None:
        sequence, report_at = camera.ssrc & 0xFFFF, 0.0
        async for picture, at_s in camera.play():
            if time.time() >= report_at:
                report_at = time.time() + REPORT_EVERY_S
                self._writer.write(camera.report())
            self._writer.write(camera.packets(picture, at_s, sequence))
            sequence += len(picture.heads)
            if self._writer.transport.get_write_buffer_size() > BACKLOG:
                print("late a viewer does not take what it is sent", flush=True)
                self._writer.close()
                return


async def serve(plan: dict[str, object]) -> None:
    cameras = {
        str(row["path"]): Camera(film(str(row["clip"])), float(row["began_at"]), float(row["from_s"]), 0x5EED0000 + n)
        for n, row in enumerate(plan["cameras"])  # type: ignore[arg-type,var-annotated]
    }

    async def viewer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await Viewer(cameras, reader, writer).serve()

    server = await asyncio.start_server(viewer, "127.0.0.1", int(str(plan.get("port", 0))), backlog=256)
    print(f"ready {server.sockets[0].getsockname()[1]}", flush=True)
    await server.serve_forever()


def main() -> None:
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(json.loads(Path(sys.argv[1]).read_text())))


if __name__ == "__main__":
    main()
