"""Which recording to play, and from when."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from vision.capture.playing import Playback, file_next, folder_next, playback_read

NOON = 1_700_000_000.0


def put(folder: Path, name: str, age_s: float = 60.0) -> Path:
    path = folder / name
    path.write_bytes(b"video")
    os.utime(path, (NOON - age_s, NOON - age_s))
    return path


def test_a_file_is_played_from_now_and_taken_over_where_it_was(tmp_path: Path) -> None:
    path = put(tmp_path, "a.mp4")
    begun = file_next(path, None, NOON)
    assert begun is not None and begun.began_at == NOON
    assert file_next(path, playback_read(begun.kept()), NOON + 9) == begun
    assert file_next(path, replace(begun, ended=True), NOON + 9) is None


def test_a_replaced_file_is_another(tmp_path: Path) -> None:
    path = put(tmp_path, "a.mp4")
    begun = file_next(path, None, NOON)
    assert begun is not None
    path.write_bytes(b"another video")
    again = file_next(path, replace(begun, ended=True), NOON + 9)
    assert again is not None and again.began_at == NOON + 9


@pytest.mark.parametrize(
    ("now", "began_at", "why"),
    [
        (NOON + 10.0, NOON + 10.0, "right behind"),
        (NOON + 12.0, NOON + 10.0, "a recorder is a little late: the video goes on where it ended"),
        (NOON + 30.0, NOON + 30.0, "there was a pause"),
    ],
)
def test_when_the_next_file_of_a_folder_begins(tmp_path: Path, now: float, began_at: float, why: str) -> None:
    first, second = put(tmp_path, "a.mp4"), put(tmp_path, "b.mp4")
    done = Playback(str(first), 5, 0, NOON, ended=True)
    play = folder_next(tmp_path, done, NOON + 10.0, now)
    assert play is not None
    assert (play.path, play.began_at) == (str(second), began_at), why


@pytest.mark.parametrize(
    ("names", "age_s", "expected", "why"),
    [
        (["a.mp4"], 60, None, "played already"),
        (["a.mp4", "c.mp4", "b.mp4"], 60, "b.mp4", "in the order of the names"),
        (["a.mp4", "b.mp4"], 0.2, None, "still being written"),
        (["a.mp4", ".b.mp4"], 60, None, "hidden: not for us"),
        (["A.mp4", "a.mp4"], 60, None, "earlier in name than what was played"),
    ],
)
def test_which_file_of_a_folder_is_next(
    tmp_path: Path, names: list[str], age_s: float, expected: str | None, why: str
) -> None:
    for name in names:
        put(tmp_path, name, age_s)
    done = Playback(str(tmp_path / "a.mp4"), 5, 0, NOON, ended=True)
    play = folder_next(tmp_path, done, NOON, NOON)
    assert (Path(play.path).name if play else None) == expected, why


def test_a_file_in_the_middle_of_which_a_worker_died_is_played_on(tmp_path: Path) -> None:
    begun = Playback(str(put(tmp_path, "a.mp4")), 5, 0, NOON)
    assert folder_next(tmp_path, begun, NOON + 2, NOON + 9) == begun


@pytest.mark.parametrize("kept", [{}, {"path": "x"}, {"other": 1}])
def test_what_was_kept_by_another_version_is_ignored(kept: dict[str, object]) -> None:
    assert playback_read(kept) is None
