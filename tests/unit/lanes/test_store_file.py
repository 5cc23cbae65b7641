# ruff: noqa: E501  (a row of the table is one file and the lines it is refused with)
"""Reading a store file: what is refused, where, and what to write instead. No database."""

from pathlib import Path

import pytest

from lanes import provisioning
from lanes.provisioning import ProvisioningRefused
from lanes.provisioning.document import read

EXAMPLE = Path(provisioning.__file__).with_name("example.yaml").read_text()
STORE = "store: {code: S001, name: Demo, timezone: Europe/Madrid, currency: EUR, country: ES}\n"
CAMERA = STORE + "lanes:\n- code: L1\n  kind: staffed\n  cameras:\n  - code: top\n    source: rtsp://h/x\n"


def refusals(document: str) -> list[str]:
    with pytest.raises(ProvisioningRefused) as refused:
        read(document)
    return [str(problem) for problem in refused.value.problems]


def test_the_example_is_a_good_file():
    plan = read(EXAMPLE)
    assert plan.store["timezone"] == "Europe/Madrid"
    assert [zone.kind for zone in plan.lanes[0].cameras[0].zones] == [
        "belt",
        "scanner",
        "bagging",
        "customer",
        "cashier",
    ]
    assert [key.name for key in plan.keys] == ["till", "edge", "analyst"]


def test_a_store_alone_is_enough():
    plan = read(STORE)
    assert (plan.governance, plan.lanes, plan.keys) == ({}, (), ())


def test_text_is_read_as_written_not_as_yaml_guesses():
    plan = read("store: {code: 007, name: 12, timezone: UTC, currency: NOK, country: NO}\n")
    assert plan.store == {"code": "007", "name": "12", "timezone": "UTC", "currency": "NOK", "country": "NO"}


def test_zones_absent_and_zones_empty_are_not_the_same():
    assert read(CAMERA).lanes[0].cameras[0].zones is None
    assert read(CAMERA + "    zones: []\n").lanes[0].cameras[0].zones == ()


BAD = [
    # not YAML, or not a store at all
    ("", ["line 1, column 1: the file is empty: start with `provision --example`"]),
    (
        "- S001\n",
        [
            "line 1, column 1: the file must be a mapping: "
            "write {store: ..., governance: ..., lanes: ..., keys: ...}"
        ],
    ),
    (
        "store:\n\tcode: S001\n",
        [
            "line 2, column 1: this is not YAML (while scanning for the next token found character '\\t' "
            "that cannot start any token): indent with spaces, not tabs"
        ],
    ),
    (STORE + "lanes: [\n", ["line 3, column 1: this is not YAML (while parsing a flow node expected the node content, but found '<stream end>')"]),
    (STORE + "---\n" + STORE, ["line 2, column 1: this is not YAML (expected a single document in the stream but found another document)"]),
    (STORE + "\x00", ["line 2, column 1: a character that no text has: remove it"]),
    ("[" * 600, ["line 1, column 1: nested too deeply to be a store"]),
    (STORE + "lanes: &all [*all]\n", ["line 2, column 8: a lane must be a mapping: write {code: ..., kind: ..., terminals: ..., cameras: ...}"]),
    # the store
    ("lanes: []\n", ["line 1, column 1: store is missing: write store: {code: S001, name: Demo store, timezone: Europe/Madrid, currency: EUR, country: ES}"]),
    (STORE.replace("S001", "'S 1'"), ["line 1, column 15: store code 'S 1': write letters, digits, - and _ only"]),
    (STORE.replace("Europe/Madrid", "Europe/Madird"), ["line 1, column 43: timezone 'Europe/Madird' is not known: did you mean 'Europe/Madrid'?"]),
    (STORE.replace("Europe/Madrid", "xyz"), ["line 1, column 43: timezone 'xyz' is not known: write an IANA name, for example Europe/Madrid"]),
    (STORE.replace("EUR,", "eur,"), ["line 1, column 68: currency 'eur' is not known: did you mean 'EUR'?"]),
    (STORE.replace("ES}", "Spain}"), ["line 1, column 82: country 'Spain' is not known: write an ISO 3166 code, for example ES"]),
    (STORE.replace(", country: ES", ""), ["line 1, column 8: country is missing: write country: ES"]),
    (STORE.replace("Demo", "''"), ["line 1, column 27: name is empty: write something, or leave the key out where it is optional"]),
    (STORE.replace("Demo", "[Demo]"), ["line 1, column 27: name must be one piece of text"]),
    (STORE.replace("Demo", "x" * 121), ["line 1, column 27: name is 121 characters long: write at most 120"]),
    # keys of the file
    (STORE + "governence: {}\n", ["line 2, column 1: the file has no 'governence': did you mean 'governance'?"]),
    (STORE + STORE, ["line 2, column 1: 'store' stands here a second time: keep one"]),
    (STORE + "governance: {porpose: x}\n", ["line 2, column 14: governance has no 'porpose': did you mean 'purpose'?"]),
    # lanes and terminals
    (STORE + "lanes: {code: L1}\n", ["line 2, column 8: lanes must be a list: write - code: L1"]),
    (STORE + "lanes: [{code: L1, kind: stafed}]\n", ["line 2, column 26: lane kind 'stafed' is not known: did you mean 'staffed'?"]),
    (STORE + "lanes: [{code: L1}]\n", ["line 2, column 9: kind is missing: write kind: staffed"]),
    (STORE + "lanes: [{code: ../L1, kind: staffed}]\n", ["line 2, column 16: lane code '../L1': write letters, digits, dot, - and _ only, a letter or digit first"]),
    (
        STORE + "lanes:\n- {code: L1, kind: staffed}\n- {code: L1, kind: service}\n",
        ["line 4, column 10: lane 'L1' stands already on line 3: give each its own"],
    ),
    (
        STORE + "lanes:\n- {code: L1, kind: staffed, terminals: [{code: T1, granularity: lines}]}\n",
        ["line 3, column 65: granularity 'lines' is not known: did you mean 'line'?"],
    ),
    (
        STORE + "lanes:\n- {code: L1, kind: staffed, terminals: [{code: T1}]}\n- {code: L2, kind: staffed, terminals: [{code: T1}]}\n",
        ["line 4, column 48: terminal 'T1' stands already on line 3: give each its own"],
    ),
    # cameras
    (CAMERA.replace("rtsp://", "rtps://"), ["line 7, column 13: rtps:// is no source we can read: write rtsp://"]),
    (CAMERA.replace("    source: rtsp://h/x\n", ""), ["line 6, column 5: source is missing: write source: rtsp://host:554/path"]),
    (CAMERA + "    zone: []\n", ["line 8, column 5: a camera has no 'zone': did you mean 'zones'?"]),
    # zones
    (CAMERA + "    zones: [{kind: belts, polygon: [[0,0],[1,0],[1,1]]}]\n", ["line 8, column 20: zone kind 'belts' is not known: did you mean 'belt'?"]),
    (
        CAMERA + "    zones: [{kind: belt, polygon: [[0,0],[1,0]]}]\n",
        ["line 8, column 35: a polygon needs at least 3 corners, this one has 2: write for example [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]"],
    ),
    (CAMERA + "    zones: [{kind: belt, polygon: []}]\n", ["line 8, column 35: a polygon needs at least 3 corners, this one has 0: write for example [[.4,.3],[.6,.3],[.6,.7],[.4,.7]]"]),
    (CAMERA + "    zones: [{kind: belt, polygon: all}]\n", ["line 8, column 35: polygon must be a list: write [[.4,.3],[.6,.3],[.6,.7]]"]),
    (CAMERA + "    zones: [{kind: belt, polygon: [[0,0],[1,0],[1]]}]\n", ["line 8, column 48: a corner is two numbers: write for example [.4, .3]"]),
    (
        CAMERA + "    zones: [{kind: belt, polygon: [[0,0],[640,0],[640,480]]}]\n",
        [
            "line 8, column 42: corner [640, 0] lies outside the picture, which is 0 to 1: divide pixels by the picture's width and height",
            "line 8, column 50: corner [640, 480] lies outside the picture, which is 0 to 1: divide pixels by the picture's width and height",
        ],
    ),
    (
        CAMERA + "    zones: [{kind: belt, polygon: [[0,0],[1,1],[1,0],[0,1]]}]\n",
        ["line 8, column 48: the edge from corner 3 crosses or touches the edge from corner 1: list the corners in the order of a walk around the zone"],
    ),
    (
        CAMERA + "    zones: [{kind: belt, polygon: [[0,'0'],[1,0],[1,.nan]]}]\n",
        [
            "line 8, column 39: a coordinate must be a number: write for example 0.25, with a dot and without quotes",
            "line 8, column 53: a coordinate must be a number: write for example 0.25, with a dot and without quotes",
        ],
    ),
    # API keys
    (STORE + "keys: [{name: till, scopes: [pos.wirte]}]\n", ["line 2, column 30: scope 'pos.wirte' is not known: did you mean 'pos.write'?"]),
    (STORE + "keys: [{name: till, scopes: []}]\n", ["line 2, column 29: a key needs a scope: write at least one of pos.write, vision.write, cases.read, cases.decide"]),
    (STORE + "keys: [{name: till, scopes: pos.write}]\n", ["line 2, column 29: scopes must be a list: write [pos.write]"]),
    (STORE + "keys: [{name: till}]\n", ["line 2, column 8: scopes is missing: write scopes: [pos.write]"]),
    (STORE + "keys: [{name: a, scopes: [pos.write]}, {name: a, scopes: [pos.write]}]\n", ["line 2, column 47: key 'a' stands already on line 2: give each its own"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "lines"), BAD, ids=[str(number) for number in range(len(BAD))])
def test_a_bad_file_is_refused_with_the_line_and_what_to_write(document, lines):
    assert refusals(document) == lines


def test_all_mistakes_are_told_at_once_in_the_order_of_the_file():
    told = refusals(
        "store: {code: S001, name: Demo, timezone: Madrid, currency: EURO, country: ES}\n"
        "lanes:\n"
        "- code: L1\n"
        "  kind: stafed\n"
        "  cameras:\n"
        "  - code: top\n"
        "    source: rtps://h/x\n"
        "    zones: [{kind: belts, polygon: [[0,0],[2,0],[1,1]]}]\n"
        "keys: [{name: till, scopes: [pos.wirte]}]\n"
    )
    assert [line.partition(":")[0] for line in told] == [
        "line 1, column 43",
        "line 1, column 61",
        "line 4, column 9",
        "line 7, column 13",
        "line 8, column 20",
        "line 8, column 43",
        "line 9, column 30",
    ]


def test_a_file_that_is_far_too_long_is_not_read():
    assert refusals("#" * 1_000_001) == [
        "line 1, column 1: the file is longer than 1000000 characters: is it the right one?"
    ]
