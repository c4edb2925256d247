"""The rehearsal platform (演练平台): its own program, for practice and tests, never for real sending."""

from app.practice.server import create_app, serve
from app.practice.site import Account, BundleInfo, Role, Site, make_accounts
from app.practice.words import Words, load_words

__all__ = [
    "Account",
    "BundleInfo",
    "Role",
    "Site",
    "Words",
    "create_app",
    "load_words",
    "make_accounts",
    "serve",
]
