"""Opening one address: a network stream, or one file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import urlsplit

import av
import av.container
from av.stream import Discard

from vision.capture.faults import SourceFault, Trouble, fault_opening, source_shown

OPEN_S = 8.0
SILENT_S = 5.0
ANALYSE_US = "2000000"  # how much of a stream may be studied before its pictures are handed on
# An HLS player sees nothing between two pieces, which are up to ten seconds long.
SILENT_HLS_S = 30.0
# Raw pictures without times: they are counted or stamped as they come.
UNTIMED = frozenset({"h264", "hevc", "mjpeg", "mpjpeg", "m4v"})


class Kind(StrEnum):
    RTSP = "rtsp"
    HTTP = "http"
    FILE = "file"
    FOLDER = "folder"


@dataclass(frozen=True)
class Opened:
    """A container ready to be read. `recording`: it has a known length and comes as fast as we read.

    `resends`: whoever connects again gets the last seconds once more.
    """

    container: av.container.InputContainer
    stream: av.VideoStream
    recording: bool
    untimed: bool
    resends: bool
    width: int
    height: int
    fps: float | None


def kind_of(source: str) -> Kind:
    """Raises SourceFault where the source is none of ours, or the path is not there."""
    scheme = urlsplit(source).scheme.lower() if "://" in source else ""
    if scheme in {"rtsp", "rtsps"}:
        return Kind.RTSP
    if scheme in {"http", "https"}:
        return Kind.HTTP
    if scheme:
        raise SourceFault(
            Trouble.REFUSED, f"{scheme}:// is not supported: rtsp://, http(s):// or the path of a file or folder."
        )
    path = Path(source)
    if path.is_dir():
        return Kind.FOLDER
    if path.is_file():
        return Kind.FILE
    raise SourceFault(Trouble.REFUSED, f"There is no file or folder at {source}.")


def source_open(source: str, kind: Kind) -> Opened:
    """Raises SourceFault. Only video is asked for: sound never enters the program."""
    try:
        container = av.open(source, mode="r", options=_options(kind), timeout=(OPEN_S, _silent_s(source)))
    except Exception as error:
        raise _cut_short(error, source, kind) from error
    try:
        return _described(container, source, kind)
    except BaseException:
        container.close()
        raise


def _described(container: av.container.InputContainer, source: str, kind: Kind) -> Opened:
    if not container.streams.video:
        raise SourceFault(Trouble.NO_VIDEO, f"{source_shown(source)} carries no video.")
    stream = container.streams.video[0]
    width, height = stream.codec_context.width, stream.codec_context.height
    if not width or not height:
        raise SourceFault(Trouble.NO_VIDEO, f"{source_shown(source)} carries video that cannot be decoded.")
    for other in container.streams:
        if other is not stream and hasattr(other, "discard"):
            other.discard = Discard.all
    rate = stream.average_rate or stream.guessed_rate
    untimed = container.format.name in UNTIMED
    recording = kind is Kind.FILE or (kind is Kind.HTTP and bool(container.duration) and not untimed)
    resends = container.format.name == "hls" and not recording
    return Opened(container, stream, recording, untimed, resends, width, height, float(rate) if rate else None)


def _options(kind: Kind) -> dict[str, str]:
    """Protocols are named so that a playlist cannot make us open anything else."""
    if kind is Kind.RTSP:
        return {
            "rtsp_transport": "tcp",
            "allowed_media_types": "video",
            "protocol_whitelist": "rtsp,rtsps,rtp,srtp,tcp,tls,udp,crypto",
            "timeout": str(int(OPEN_S * 1e6)),
            "analyzeduration": ANALYSE_US,
        }
    if kind is Kind.HTTP:
        return {
            "protocol_whitelist": "http,https,httpproxy,tls,tcp,crypto,data",
            "timeout": str(int(OPEN_S * 1e6)),
            "analyzeduration": ANALYSE_US,
        }
    return {"protocol_whitelist": "file,crypto,data"}


def _silent_s(source: str) -> float:
    return SILENT_HLS_S if ".m3u8" in source.lower() else SILENT_S


def _cut_short(error: Exception, source: str, kind: Kind) -> SourceFault:
    """A file that begins as video and cannot be opened was cut short; anything else is as it is."""
    if kind is Kind.FILE and isinstance(error, av.error.InvalidDataError) and _begins_as_video(Path(source)):
        return SourceFault(Trouble.TRUNCATED, f"{source} begins as video but is cut short. Copy it again.")
    return fault_opening(error, source)


def _begins_as_video(path: Path) -> bool:
    with path.open("rb") as file:
        head = file.read(12)
    return head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3" or head[:1] == b"G"
