"""A backup's file: a tar archive that begins with its manifest, compressed, or sealed where its folder is encrypted.

A sealed one begins with the header of its folder, which says where the key is; all the rest is authenticated, and one
that was cut short does not open to its end. It is not compressed: what it holds is encrypted already.
"""

import hashlib
import io
import struct
import tarfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

import msgspec

from cryptex.store.data_key import DataKey
from cryptex.store.files import FILE_MODE, create_private, sync_path
from cryptex.store.key_places import KeyRefused
from cryptex.store.snapshots import SEQUENCE_DIGITS
from cryptex.store.vault import HEADER_BYTES_MAX, Header, decode_header, encode_header
from cryptex.store.witness import Mark

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
MANIFEST_BYTES_MAX: Final = 64 * 1024
FILES_MAX: Final = 8
"""Files in a backup, at most."""
_COMPRESSION: Final = 1
_CHUNK_BYTES: Final = 1024 * 1024
_SEALED_MAGIC: Final = b"CRYPTEXSEALEDBACKUP1"
_LENGTH: Final = struct.Struct(">H")
_PURPOSE: Final = "backup"


class BackupDamaged(Exception):
    """The file is no backup, or not a whole one."""


class Content(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file in a backup."""

    name: str
    size_bytes: int
    sha256: str


class Manifest(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a backup holds. `sequence` and `hash` are of the journal's last batch; `users` counts people."""

    format: int
    version: str
    created_at: str
    sequence: int
    hash: str
    users: int
    files: tuple[Content, ...]

    @property
    def mark(self) -> Mark:
        """The end of its journal."""
        return Mark(self.sequence, bytes.fromhex(self.hash))


def pack(to: Path, manifest: Manifest, root: Path, header: Header | None, key: DataKey | None) -> None:
    """Write the files that a manifest names into one, sealed where there is a key. Raises OSError."""
    create_private(to)
    if header is None or key is None:
        with tarfile.open(to, "w:gz", compresslevel=_COMPRESSION) as archive:
            _fill(archive, manifest, root)
        return
    from cryptex.store.sealed import SealingWriter  # plain folders need no cryptography

    told = encode_header(header)
    prefix = _SEALED_MAGIC + _LENGTH.pack(len(told)) + told
    with to.open("r+b") as file:
        file.write(prefix)
        writer = SealingWriter(file, key, _PURPOSE, prefix)
        with tarfile.open(fileobj=writer, mode="w|") as archive:
            _fill(archive, manifest, root)
        writer.end()


def _fill(archive: tarfile.TarFile, manifest: Manifest, root: Path) -> None:
    told = msgspec.json.encode(manifest)
    archive.addfile(_member(MANIFEST, len(told)), io.BytesIO(told))
    for content in manifest.files:
        with (root / content.name).open("rb") as file:
            archive.addfile(_member(content.name, content.size_bytes), file)


def _member(name: str, size_bytes: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size, member.mode = size_bytes, FILE_MODE
    return member


def archive_header(file: Path) -> Header | None:
    """Return the header of the folder that a backup is of, None for a plain one.

    Raises FileNotFoundError and BackupDamaged.
    """
    with file.open("rb") as stream:
        return _read_prefix(stream, file)[1]


def unpack(file: Path, root: Path, key: DataKey | None) -> Manifest:
    """Unpack the files that the manifest names, each as it must be. Raises BackupDamaged and OSError."""
    from cryptex.store.sealed import SealBroken

    try:
        with _opened(file, key) as archive:
            manifest = _manifest(archive)
            for content in manifest.files:
                data = _data(archive, archive.next(), content.name, content.size_bytes)
                _write(data, content, root / content.name)
    except (tarfile.TarError, SealBroken, zlib.error, EOFError, KeyError, ValueError, OSError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise BackupDamaged(f"{file} is no backup, or not a whole one ({error})") from error
    return manifest


@contextmanager
def _opened(file: Path, key: DataKey | None) -> Iterator[tarfile.TarFile]:
    """Open the archive in a backup; a sealed one is read to its end, as only that says that nothing was cut off."""
    if key is None:
        with tarfile.open(file, "r:gz") as archive:
            yield archive
        return
    from cryptex.store.sealed import UnsealingReader

    with file.open("rb") as stream:
        prefix, _ = _read_prefix(stream, file)
        reader = UnsealingReader(stream, key, _PURPOSE, prefix)
        with tarfile.open(fileobj=reader, mode="r|") as archive:
            yield archive
        while reader.read(_CHUNK_BYTES):
            pass


def _read_prefix(stream: IO[bytes], file: Path) -> tuple[bytes, Header | None]:
    """Return what stands before the sealed part, and the header in it; neither is there in a plain backup."""
    start = stream.read(len(_SEALED_MAGIC) + _LENGTH.size)
    if not start.startswith(_SEALED_MAGIC) or len(start) != len(_SEALED_MAGIC) + _LENGTH.size:
        return b"", None
    (length,) = _LENGTH.unpack(start[len(_SEALED_MAGIC) :])
    told = stream.read(min(length, HEADER_BYTES_MAX))
    try:
        return start + told, decode_header(told, str(file))
    except KeyRefused as error:
        raise BackupDamaged(f"{file} is no backup, or not a whole one ({error})") from error


def _manifest(archive: tarfile.TarFile) -> Manifest:
    member = archive.next()
    if member is None or member.size > MANIFEST_BYTES_MAX:
        raise tarfile.ReadError("it does not begin with a manifest")
    data = _data(archive, member, MANIFEST, member.size)
    try:
        manifest = msgspec.json.decode(data.read(MANIFEST_BYTES_MAX), type=Manifest)
        bytes.fromhex(manifest.hash)
    except (msgspec.DecodeError, ValueError) as error:
        raise tarfile.ReadError(f"its manifest cannot be read: {error}") from error
    if manifest.format != FORMAT:
        raise BackupDamaged(f"the backup has format {manifest.format}, this cryptex knows {FORMAT}")
    names = [content.name for content in manifest.files]
    if len(set(names)) != len(names) or len(names) > FILES_MAX or not all(map(_is_known, names)):
        raise BackupDamaged("the backup holds files that a backup does not have")
    if not {"journal.db", "users.db"} <= set(names):
        raise BackupDamaged("the backup holds no journal, or no users")
    return manifest


def _data(archive: tarfile.TarFile, member: tarfile.TarInfo | None, name: str, size_bytes: int) -> IO[bytes]:
    """Return what a plain file in an archive holds, if it is this one. Raises ReadError."""
    if member is None or member.name != name or not member.isreg() or member.issparse() or member.size != size_bytes:
        raise tarfile.ReadError(f"it lacks {name}")
    data = archive.extractfile(member)
    if data is None:
        raise tarfile.ReadError(f"it lacks {name}")
    return data


def _is_known(name: str) -> bool:
    folder, _, rest = name.rpartition("/")
    stem = rest.removesuffix(".snapshot")
    snapshot = folder == "snapshots" and rest != stem and stem.isdecimal() and len(stem) == SEQUENCE_DIGITS
    return snapshot or name in ("journal.db", "users.db")


def _write(data: IO[bytes], content: Content, path: Path) -> None:
    create_private(path)
    digest, size_bytes = hashlib.sha256(), 0
    with path.open("r+b") as file:
        while chunk := data.read(_CHUNK_BYTES):
            digest.update(chunk)
            size_bytes += file.write(chunk)
        file.flush()
    sync_path(path)
    if (size_bytes, digest.hexdigest()) != (content.size_bytes, content.sha256):
        raise BackupDamaged(f"{content.name} in the backup is damaged")


def content_of(path: Path, name: str) -> Content:
    """Return what a manifest says of a file."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Content(name, path.stat().st_size, digest)
