import pytest

from lanes.domain.sources import source_is_address, source_problem, source_redacted


@pytest.mark.parametrize(
    ("shown", "redacted"),
    [
        ("rtsp://user:pass@host:554/x", "rtsp://user:***@host:554/x"),
        ("rtsp://user:p@ss/w:rd@host/x", "rtsp://user:***@host/x"),  # nobody escapes passwords
        ("rtsp://:pass@host/x", "rtsp://:***@host/x"),
        ("rtsp://user:1234@host/x", "rtsp://user:***@host/x"),
        ("rtsp://user@host/x", "rtsp://user@host/x"),
        ("rtsp://host:554/mail@home", "rtsp://host:554/mail@home"),  # a port is no password
        ("http://host/live?user=a&pwd=b&channel=1", "http://host/live?user=a&pwd=***&channel=1"),
        ("http://host/live?Token=b", "http://host/live?Token=***"),
        ("Could not open rtsp://u:p@h/x: timed out", "Could not open rtsp://u:***@h/x: timed out"),
        ("/srv/video/belt.mp4", "/srv/video/belt.mp4"),
    ],
)
def test_passwords_are_hidden(shown, redacted):
    assert source_redacted(shown) == redacted
    assert source_redacted(redacted) == redacted


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("rtsp://host/x", ""),
        ("RTSP://host/x", ""),
        ("https://host/live.m3u8", ""),
        ("/srv/video", ""),
        ("clips/belt.mp4", ""),
        ("rtps://host/x", "rtps:// is no source we can read: write rtsp://"),
        ("ftp://host/x", "ftp:// is no source we can read: write rtsp://, http://, https:// or a path"),
        ("webrtc+x://host", "webrtc+x:// is no source we can read: write rtsp://, http://, https:// or a path"),
        ("rtsp:/host/x", "an address needs two slashes: write rtsp://host/path"),
        ("rtsp://", "the address names no host: write rtsp://host/path"),
        ("rtsp://host:99999/x", "not a readable address: write rtsp://user:password@host:port/path"),
        ("file:///srv/x.mp4", "write the path itself, without file://"),
    ],
)
def test_what_is_wrong_with_a_source(source, problem):
    assert source_problem(source) == problem


def test_address_or_path():
    assert source_is_address("rtsp://host/x")
    assert not source_is_address("/srv/rtsp://x"[:5])
