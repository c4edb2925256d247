"""``shenbao update``: whether an installer on a USB stick is the next version, and a backup before it."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path

from app import paths
from app.commands.setting import put, say, tell, workplace_of
from app.messages import Messages
from app.services.updating import back_up_for, plan_update


def run_update(arguments: Namespace, messages: Messages) -> int:
    """Check an installer, back up, and say how to start it; the installer itself is started by the user."""
    with workplace_of(arguments, messages) as workplace:
        plan = plan_update(workplace, Path(arguments.installer), paths.resources(), sys.platform)
        made, line = back_up_for(workplace, plan)
    if arguments.json:
        put(
            {
                "version": plan.update.version,
                "sha256": plan.update.sha256,
                "under_way": list(plan.under_way),
                "backup": str(made),
                "start": line,
            }
        )
        return 0
    for title in plan.under_way:
        tell(messages.text("replies", "update_under_way", title=title))
    say(messages.text("replies", "update_ready", version=plan.update.version, backup=made, line=line))
    return 0
