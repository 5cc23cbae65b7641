"""A real RTSP camera for the tests: one file over RTSP/RTP with RTCP sender reports.

    /usr/bin/python3 tests/servers/rtsp_server.py FILE --port 8554 --path /l1 [--loop] [--user cam --password secret]

Runs with the system's Python, where Debian's `python3-gi` and `gir1.2-gst-rtsp-server-1.0` live. Prints `ready URL`
when it listens and, as a client begins to play, `playing UNIX_TIME`: the instant of the first frame (pts 0) on the
system clock. With --loop the picture starts over while the RTP time goes on, as a camera's does. Without, the stream
ends with the file and the next client starts from its beginning.
"""

import argparse
import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtspServer  # noqa: E402, F401

PARSE = {"h264": "h264parse config-interval=-1", "h265": "h265parse config-interval=-1"}
PAY = {"h264": "rtph264pay", "h265": "rtph265pay", "jpeg": "rtpjpegpay"}


def frames_read(path: str) -> tuple[str, list[tuple[int, int, bytes, bool]], str]:
    """(codec, [(pts ns, duration ns, bytes, delta)], caps) of the file's video in decoding order."""
    for codec, parse in PARSE.items():
        caps = f"video/x-{codec},stream-format=byte-stream,alignment=au"
        pipeline = Gst.parse_launch(
            f'filesrc location="{path}" ! parsebin ! queue ! {parse} ! {caps} ! appsink name=out sync=false'
        )
        pipeline.set_state(Gst.State.PLAYING)
        sink, frames, found = pipeline.get_by_name("out"), [], caps
        while (sample := _sample_next(sink, pipeline)) is not None:
            buffer = sample.get_buffer()
            delta = bool(buffer.get_flags() & Gst.BufferFlags.DELTA_UNIT)
            frames.append((buffer.pts, buffer.duration, buffer.extract_dup(0, buffer.get_size()), delta))
            found = sample.get_caps().to_string()
        pipeline.set_state(Gst.State.NULL)
        if frames:
            first = min(frame[0] for frame in frames)
            return codec, [(pts - first, duration, data, delta) for pts, duration, data, delta in frames], found
    raise SystemExit(f"No H.264 or H.265 video in {path}")


def _sample_next(sink: Gst.Element, pipeline: Gst.Element) -> Gst.Sample | None:
    """None at the end, or where this parser cannot read the file."""
    bus = pipeline.get_bus()
    while not sink.get_property("eos"):
        if (sample := sink.try_pull_sample(Gst.SECOND // 10)) is not None:
            return sample
        if bus.pop_filtered(Gst.MessageType.ERROR) is not None:
            return None
    return None


class LoopFactory(GstRtspServer.RTSPMediaFactory):
    """Plays the frames again and again on one clock (or once)."""

    def __init__(self, codec: str, frames: list, caps: str, loop: bool) -> None:
        super().__init__()
        self.codec, self.frames, self.caps, self.loop = codec, frames, caps, loop
        step = max(frame[1] for frame in frames) if frames[0][1] != Gst.CLOCK_TIME_NONE else 0
        self.length = max(frame[0] for frame in frames) + (step or Gst.SECOND // 25)

    def do_create_element(self, url: object) -> Gst.Element:
        del url
        bin_ = Gst.parse_launch(
            "( appsrc name=src is-live=true format=time max-bytes=400000 block=false "
            f"! {PARSE[self.codec]} ! {PAY[self.codec]} name=pay0 pt=96 )"
        )
        source = bin_.get_by_name("src")
        source.set_property("caps", Gst.Caps.from_string(self.caps))
        state = {"n": 0}
        source.connect("need-data", self._feed, state)
        return bin_

    def _feed(self, source: Gst.Element, _wanted: int, state: dict) -> None:
        turn, index = divmod(state["n"], len(self.frames))
        if turn and not self.loop:
            source.emit("end-of-stream")
            return
        pts, duration, data, delta = self.frames[index]
        buffer = Gst.Buffer.new_wrapped(data)
        buffer.pts = pts + turn * self.length
        buffer.duration = duration
        if delta:
            buffer.set_flags(Gst.BufferFlags.DELTA_UNIT)
        state["n"] += 1
        source.emit("push-buffer", buffer)


def playing_announce(_factory: object, media: GstRtspServer.RTSPMedia) -> None:
    def changed(media: GstRtspServer.RTSPMedia, state: int) -> None:
        if state != Gst.State.PLAYING:
            return
        pipeline = media.get_element().get_parent()
        ahead = pipeline.get_base_time() - pipeline.get_clock().get_time()
        print(f"playing {time.time() + ahead / Gst.SECOND:.6f}", flush=True)

    media.connect("new-state", changed)


def authentication(user: str, password: str) -> GstRtspServer.RTSPAuth:
    auth, token = GstRtspServer.RTSPAuth(), GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", user)
    auth.add_basic(GstRtspServer.RTSPAuth.make_basic(user, password), token)
    return auth


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file")
    parser.add_argument("--port", default="8554")
    parser.add_argument("--path", default="/l1")
    parser.add_argument("--loop", action="store_true")
    parser.add_argument("--user", default="")
    parser.add_argument("--password", default="")
    arguments = parser.parse_args()
    Gst.init(None)
    codec, frames, caps = frames_read(arguments.file)
    factory = LoopFactory(codec, frames, caps, arguments.loop)
    factory.set_shared(arguments.loop)  # a looping camera is one for all; a file starts anew for each client
    factory.connect("media-configure", playing_announce)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service(arguments.port)
    if arguments.user:
        server.set_auth(authentication(arguments.user, arguments.password))
        factory.get_permissions() or factory.add_role_from_structure(
            Gst.Structure.new_from_string(
                f"{arguments.user}, media.factory.access=(boolean)true, media.factory.construct=(boolean)true"
            )
        )
    server.get_mount_points().add_factory(arguments.path, factory)
    if not server.attach(None):
        raise SystemExit(f"Port {arguments.port} is taken")
    print(f"ready rtsp://127.0.0.1:{server.get_bound_port()}{arguments.path}", flush=True)
    try:
        GLib.MainLoop().run()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
