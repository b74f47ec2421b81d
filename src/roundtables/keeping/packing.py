"""One file that holds a whole instance: a manifest with digests first, then what it names. Knows no database."""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from roundtables.errors import Unreadable

MANIFEST = "manifest.json"
FORMAT = 1
LARGEST_MANIFEST = 16 * 1024 * 1024
BLOCK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup says of itself. `members`: by name, how long each is and its SHA-256."""

    made_at: str
    database: str
    revision: str
    counts: Mapping[str, int]
    members: Mapping[str, Mapping[str, Any]]
    format: int = FORMAT


def pack(target: Path, manifest: Manifest, members: Mapping[str, Path]) -> None:
    """Writes the file whole or not at all, for its owner alone (mode 0600)."""
    fresh = target.with_name(f".{target.name}.{os.getpid()}")
    try:
        with (
            open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file,
            tarfile.open(fileobj=file, mode="w:gz", compresslevel=3) as archive,
        ):
            _add_bytes(archive, MANIFEST, json.dumps(asdict(manifest)).encode())
            for name, path in members.items():
                with path.open("rb") as content:
                    archive.addfile(_entry(name, manifest.members[name]["bytes"]), content)
        _sync(fresh)
        fresh.replace(target)
        _sync(target.parent)
    finally:
        fresh.unlink(missing_ok=True)


def describe(members: Mapping[str, Path]) -> dict[str, dict[str, Any]]:
    return {name: {"bytes": path.stat().st_size, "sha256": digest(path)} for name, path in members.items()}


def digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(source: Path, folder: Path) -> Manifest:
    """
    Everything the manifest names into `folder`, and nothing else; each as long as it says, and of that digest.
    Raises Unreadable, and says which is not.
    """
    try:
        with tarfile.open(source, mode="r:gz") as archive:
            manifest = _manifest(archive)
            found = {entry.name for entry in archive if _take(archive, entry, manifest, folder)}
    except (tarfile.TarError, OSError, EOFError) as error:
        raise Unreadable(f"{source} is no whole backup ({type(error).__name__}).") from error
    if missing := sorted(set(manifest.members) - found):
        raise Unreadable(f"{source}: {missing[0]} is missing.")
    return manifest


def _manifest(archive: tarfile.TarFile) -> Manifest:
    first = archive.next()
    content = archive.extractfile(first) if first and first.name == MANIFEST and first.isfile() else None
    if first is None or content is None or first.size > LARGEST_MANIFEST:
        raise Unreadable("It is no backup of Roundtables: it does not begin with a manifest.")
    try:
        manifest = Manifest(**json.loads(content.read()))
    except (ValueError, TypeError) as error:
        raise Unreadable("Its manifest cannot be read.") from error
    if manifest.format != FORMAT or not all(map(_is_plain, manifest.members)):
        raise Unreadable("It was made by another version of Roundtables.")
    return manifest


def _is_plain(name: str) -> bool:
    """No way out of a folder: neither absolute nor with a step upwards."""
    path = PurePosixPath(name)
    return not path.is_absolute() and ".." not in path.parts and "\\" not in name and "\0" not in name and name != "."


def _take(archive: tarfile.TarFile, entry: tarfile.TarInfo, manifest: Manifest, folder: Path) -> bool:
    """Writes one member to its place. What the manifest does not name is left; what it names must be as it says."""
    wanted = manifest.members.get(entry.name)
    if wanted is None:
        return False
    content = archive.extractfile(entry) if entry.isfile() and entry.size == wanted["bytes"] else None
    if content is None:
        raise Unreadable(f"{entry.name} is not as long as the manifest says.")
    path = folder / entry.name
    path.parent.mkdir(parents=True, exist_ok=True)
    with content, open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        shutil.copyfileobj(content, file, BLOCK)
    if digest(path) != wanted["sha256"]:
        raise Unreadable(f"{entry.name} is not what was backed up: its digest is another.")
    return True


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def _add_bytes(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(_entry(name, len(content)), io.BytesIO(content))


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
