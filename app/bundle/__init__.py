"""The electronic packet (数据包, ``.shenbao``): write, read, verify.

A zip without compression, every byte fixed by its content: the manifest comes first, headers carry no
times and no system, entries stand in one order.  Verifying rebuilds the file and compares each byte.
"""

from app.bundle.archive import MAX_BUNDLE_BYTES
from app.bundle.bundle import BundleInfo, open_bundle, read_bundle_content, verify_bundle, write_bundle

__all__ = [
    "MAX_BUNDLE_BYTES",
    "BundleInfo",
    "open_bundle",
    "read_bundle_content",
    "verify_bundle",
    "write_bundle",
]
