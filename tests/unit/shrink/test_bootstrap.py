"""What the set-up decides, without installing anything."""

from pathlib import Path

import pytest

import bootstrap


@pytest.mark.parametrize(
    ("gpu", "cpu_builds", "brings_cuda", "plan", "reason"),
    [
        (True, False, None, "plain", "a GPU wants CUDA"),
        (True, True, True, "plain", "also where CPU builds could be had"),
        (False, True, None, "cpu", "the index of CPU builds answers"),
        (False, True, True, "cpu", "whatever the plain registry would bring"),
        (False, False, False, "plain-cpu", "this registry's torch is a CPU build"),
        (False, False, True, "without", "never gigabytes of CUDA on a machine without a GPU"),
        (False, False, None, "without", "when in doubt, leave it out: the product runs without"),
    ],
)
def test_torch(gpu: bool, cpu_builds: bool, brings_cuda: bool | None, plan: str, reason: str) -> None:
    assert bootstrap.torch_plan(gpu=gpu, cpu_builds=cpu_builds, plain_brings_cuda=brings_cuda) == plan, reason


def test_requirements_are_read_with_those_they_include(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# why\ndjango==5.2  # the web\n\ntorch==2.13.0\n")
    (tmp_path / "dev.txt").write_text("-r requirements.txt\npytest\n")
    assert bootstrap.requirement_lines(tmp_path / "dev.txt") == ["django==5.2", "torch==2.13.0", "pytest"]


def test_torch_and_what_needs_it_are_left_out_together() -> None:
    lines = ["django==5.2", "torch==2.13.0", "torchvision>=0.28", "ultralytics-opencv-headless==8.4.190", "av"]
    assert bootstrap.without_torch(lines) == ["django==5.2", "av"]


@pytest.mark.parametrize(
    ("line", "name"),
    [("Django==5.2", "django"), ("psycopg[binary,pool]==3.3", "psycopg"), ("httpx", "httpx"), ("a>=1 ; x", "a")],
)
def test_the_name_in_a_requirement(line: str, name: str) -> None:
    assert bootstrap.requirement_name(line) == name


def test_another_requirement_is_another_set_up() -> None:
    assert bootstrap.fingerprint(["a==1"]) != bootstrap.fingerprint(["a==2"])


def test_the_real_requirements_name_torch_once() -> None:
    names = [bootstrap.requirement_name(line) for line in bootstrap.requirement_lines(Path("requirements.txt"))]
    assert names.count("torch") == 1
    assert set(bootstrap.NEEDS_TORCH) <= set(names), "what is left out has to be there in the first place"
