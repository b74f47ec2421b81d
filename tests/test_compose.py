"""compose.yaml, Caddyfile and Containerfile agree with one another, with the schema and with what the service reads."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from roundtables.settings import Settings

TOP = Path(__file__).parents[1]
COMPOSE = YAML(typ="safe").load(TOP / "compose.yaml")
SERVICES = COMPOSE["services"]
LONG_RUNNING = {name: service for name, service in SERVICES.items() if service.get("restart") != "no"}
CADDYFILE = (TOP / "deploy" / "Caddyfile").read_text(encoding="utf-8")
CONTAINERFILE = (TOP / "Containerfile").read_text(encoding="utf-8")
every_service = pytest.mark.parametrize("name", SERVICES)


def documented_settings() -> set[str]:
    """The names in the table of docs/operating.md, without their prefix."""
    text = (TOP / "docs" / "operating.md").read_text(encoding="utf-8")
    _, _, after = text.partition("## Settings")
    return set(re.findall(r"^\| `([A-Z_]+)` \|", after.split("\n## ")[0], re.MULTILINE))


def named_volumes(service: dict) -> set[str]:
    sources = {mount.split(":")[0] for mount in service.get("volumes", ())}
    return {source for source in sources if not source.startswith((".", "/"))}


def literals(value: object) -> str:
    """What is left of an environment value once everything read from outside is taken away."""
    return re.sub(r"\$\{[^}]*\}", "", str(value or ""))


def test_it_follows_the_compose_specification() -> None:
    command = [
        sys.executable,
        "-m",
        "check_jsonschema",
        "--builtin-schema",
        "vendor.compose-spec",
        TOP / "compose.yaml",
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout


@every_service
def test_what_a_service_waits_for_is_there_and_can_come_true(name: str) -> None:
    for other, wait in SERVICES[name].get("depends_on", {}).items():
        condition = wait["condition"]
        assert other in SERVICES
        assert condition != "service_healthy" or "healthcheck" in SERVICES[other]
        assert condition != "service_completed_successfully" or SERVICES[other]["restart"] == "no"


@every_service
def test_volumes_and_networks_are_declared(name: str) -> None:
    assert named_volumes(SERVICES[name]) <= set(COMPOSE["volumes"])
    assert set(SERVICES[name]["networks"]) <= set(COMPOSE["networks"])


def test_every_declared_volume_is_used() -> None:
    assert set(COMPOSE["volumes"]) == set().union(*map(named_volumes, SERVICES.values()))


def test_files_mounted_from_here_exist() -> None:
    mounts = [mount for service in SERVICES.values() for mount in service.get("volumes", ()) if mount.startswith("./")]
    assert mounts
    for mount in mounts:
        source, _, mode = mount.split(":")
        assert (TOP / source).exists()
        assert mode == "ro"


@every_service
def test_images_are_pinned_by_tag(name: str) -> None:
    assert re.fullmatch(r"[\w./-]+:v?\d[\w.-]*", SERVICES[name]["image"])


def test_base_images_are_pinned_by_tag() -> None:
    bases = re.findall(r"^FROM (\S+)", CONTAINERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"[\w./-]+:\d[\w.-]*", base) for base in bases)


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_what_keeps_running_is_restarted_and_watched(name: str) -> None:
    service = LONG_RUNNING[name]
    assert service["restart"] == "unless-stopped"
    assert {"test", "interval", "timeout", "retries"} <= set(service["healthcheck"])


@every_service
def test_nothing_runs_with_more_power_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service.get("cap_drop") == ["ALL"] or name == "db"  # PostgreSQL's image starts as root and steps down


@every_service
def test_no_secret_is_written_down(name: str) -> None:
    for key, value in SERVICES[name].get("environment", {}).items():
        if re.search(r"PASSWORD|SECRET|TOKEN", key):
            assert re.fullmatch(r"\$\{\w+:\?[^}]+\}", value), f"{key} must be required from outside"
        assert not re.search(r"://[^/\s]*:[^@\s]+@", literals(value)), f"{key} carries a password"


@every_service
def test_every_setting_is_one_we_know(name: str) -> None:
    ours = {key for key in SERVICES[name].get("environment", {}) if key.startswith("ROUNDTABLES_")}
    assert {key.removeprefix("ROUNDTABLES_") for key in ours} <= documented_settings()


def test_the_table_of_settings_is_complete() -> None:
    assert documented_settings() == {name.upper() for name in Settings.model_fields}


def test_only_the_front_is_reached_from_outside() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert published.pop("front") == ["80:80", "443:443", "443:443/udp"]
    assert all(port.startswith("127.0.0.1:") for ports in published.values() for port in ports)
    assert COMPOSE["networks"]["back"]["internal"] is True
    assert SERVICES["db"]["networks"] == ["back"]


def test_the_front_hands_on_to_a_service_it_can_reach() -> None:
    (name,) = re.findall(r"dynamic a \{\s+name (\S+)", CADDYFILE)
    (port,) = re.findall(r"dynamic a \{[^}]*\sport (\d+)", CADDYFILE)
    command = SERVICES[name]["command"]
    assert command[command.index("--port") + 1] == port
    assert f"127.0.0.1:{port}/readyz" in SERVICES[name]["healthcheck"]["test"][-1]
    assert set(SERVICES["front"]["networks"]) & set(SERVICES[name]["networks"])


def test_the_front_serves_the_static_files_it_is_given() -> None:
    (root,) = re.findall(r"root \* (\S+)", CADDYFILE)
    assert f"./static:{root}:ro" in SERVICES["front"]["volumes"]


def test_two_of_each_that_can_be_two() -> None:
    assert {name: service["deploy"]["replicas"] for name, service in SERVICES.items() if "deploy" in service} == {
        "web": 2,
        "work": 2,
    }


def test_postgres_keeps_its_data_where_version_18_puts_it() -> None:
    assert SERVICES["db"]["image"] == "postgres:18"
    assert SERVICES["db"]["volumes"] == ["database:/var/lib/postgresql"]


def test_the_image_installs_only_what_is_locked_and_does_not_run_as_root() -> None:
    installs = re.findall(r"pip (?:install|sync) (.*)", CONTAINERFILE)
    assert len(installs) == 3
    assert all("--require-hashes" in line or "--no-deps" in line for line in installs)
    assert CONTAINERFILE.rindex("USER roundtables") < CONTAINERFILE.rindex("ENTRYPOINT")


def test_what_the_image_copies_reaches_the_builder() -> None:
    copied = {
        word.rstrip("/")
        for line in re.findall(r"^COPY (?!--)(.*)", CONTAINERFILE, re.MULTILINE)
        for word in line.split()[:-1]
    }
    allowed = {line[1:] for line in (TOP / ".dockerignore").read_text("utf-8").splitlines() if line.startswith("!")}
    assert copied == allowed
