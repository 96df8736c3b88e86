"""SSH public keys: parsing, fingerprints, and whose keys a machine gets."""

import base64
import binascii
import hashlib

from cudo_sandbox.access import members_of
from cudo_sandbox.problems import Json, invalid
from cudo_sandbox.router import Call

_TYPES = (
    "ssh-ed25519", "ssh-rsa", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384", "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com", "sk-ecdsa-sha2-nistp256@openssh.com",
)  # fmt: skip


def parse_public_key(line: str) -> tuple[str, str, str]:
    """Type, fingerprint and comment of a public key line; raises INVALID_ARGUMENT."""
    kind, _, rest = line.strip().partition(" ")
    data, _, comment = rest.strip().partition(" ")
    try:
        blob = base64.b64decode(data, validate=True)
    except (binascii.Error, ValueError):
        blob = b""
    # The blob begins with the length and the name of its type, which must be the one in front.
    if kind not in _TYPES or not blob.startswith(len(kind).to_bytes(4, "big") + kind.encode()):
        raise invalid(("publicKey", "is not an SSH public key, such as 'ssh-ed25519 AAAA... name'"))
    fingerprint = base64.b64encode(hashlib.sha256(blob).digest()).decode().rstrip("=")
    return kind, f"SHA256:{fingerprint}", comment.strip()


def authorized_keys(call: Call, wanted: Json) -> str:
    """The keys of the source and the custom ones, one on each line."""
    source = wanted.get("sshKeySource", "SSH_KEY_SOURCE_PROJECT")
    users = {
        "SSH_KEY_SOURCE_USER": [call.user],
        "SSH_KEY_SOURCE_PROJECT": members(call),
    }.get(source, [])
    keys = [key.body["publicKey"] for user in users for key in call.tx.all("ssh_key", user)]
    return "\n".join([*keys, *wanted.get("customSshKeys", [])])


def members(call: Call) -> list[str]:
    """The users of the project."""
    return [each.id for each in call.tx.all("permission", members_of("project", call.project))]
