"""Reading the words of the command line, with Chinese help and messages throughout."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from typing import NoReturn
from unicodedata import east_asian_width

from app.errors import UsageError
from app.messages import Messages
from app.model.submission import BY_PROGRAM, EventKind

_PATTERNS = (
    ("arguments_missing", re.compile(r"the following arguments are required: (.*)")),
    ("arguments_unknown", re.compile(r"unrecognized arguments: (.*)")),
    ("choice_unknown", re.compile(r"argument \S+: invalid choice: '(.*?)'.*")),
    ("choice_unknown", re.compile(r"invalid choice: '(.*?)'.*")),
    ("argument_without_value", re.compile(r"argument (\S+): expected .*")),
    ("argument_bad_value", re.compile(r"argument (\S+): .*")),
    ("arguments_missing", re.compile(r"one of the arguments (.*) is required")),
)


class WordParser(argparse.ArgumentParser):
    """An argument parser that speaks Chinese and raises instead of leaving the program."""

    def error(self, message: str) -> NoReturn:
        """Raise ``UsageError`` with what is wrong with the words given."""
        for code, pattern in _PATTERNS:
            match = pattern.fullmatch(message)
            if match:
                raise UsageError(code, words=match[1].replace(", ", "、"))
        raise UsageError("arguments_wrong")


class _HelpFormatter(argparse.HelpFormatter):
    """Help whose columns stand in line: a Chinese character takes two columns of a terminal."""

    def add_usage(self, usage, actions, groups, prefix=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN202
        super().add_usage(usage, actions, groups, "用法：" if prefix is None else prefix)

    def add_argument(self, action: argparse.Action) -> None:
        super().add_argument(action)
        inner = [action, *self._iter_indented_subactions(action)]
        widths = [columns(self._format_action_invocation(one)) + self._current_indent + 2 for one in inner]
        self._action_max_length = max(self._action_max_length, *widths)

    def _format_action(self, action: argparse.Action) -> str:
        if isinstance(action, argparse._SubParsersAction):
            return "".join(map(self._format_action, self._iter_indented_subactions(action)))
        at = min(self._action_max_length + 2, self._max_help_position)
        head = " " * self._current_indent + self._format_action_invocation(action)
        lines = self._split_lines(self._expand_help(action), max(self._width - at, 11)) if action.help else []
        first = head + " " * (at - columns(head)) if columns(head) + 2 <= at else f"{head}\n{' ' * at}"
        return f"{first}{f'{chr(10)}{chr(32) * at}'.join(lines)}".rstrip() + "\n"

    def _split_lines(self, text: str, width: int) -> list[str]:
        lines = [""]
        for word in _BREAKS.findall(" ".join(text.split())):
            if columns(lines[-1]) + columns(word.rstrip()) > width and lines[-1].strip():
                lines.append("")
            lines[-1] += word if lines[-1] else word.lstrip()
        return [line.rstrip() for line in lines]

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return "\n".join(indent + line for line in self._split_lines(text, width))

    def format_help(self) -> str:
        return _HEADING.sub(r"\1：", super().format_help())


_BREAKS = re.compile(
    r"[^\u2e80-\uffef\s]+\s*[，。；：、」）！？]*|[（「“]*[\u2e80-\uffef][，。；：、」”）！？]*\s*|\S\s*|\s+"
)
_HEADING = re.compile(r"^(\w+):$", re.MULTILINE)


def columns(text: str) -> int:
    """Give how many columns of a terminal a text takes: two for a Chinese character."""
    return sum(2 if east_asian_width(one) in "WF" else 1 for one in text)


Option = tuple[Sequence[str], dict[str, object]]


def build_parser(messages: Messages) -> WordParser:
    """Give the parser of all commands; help texts come from ``resources/messages/commands.toml``."""
    parser = WordParser(
        prog="shenbao",
        description=messages.text("commands", "description"),
        formatter_class=_HelpFormatter,
        add_help=False,
    )
    _name_groups(parser)
    parser.add_argument("-h", "--help", action="help", help=messages.text("commands", "option.help"))
    parser.add_argument("--data-dir", metavar="文件夹", help=messages.text("commands", "option.data_dir"))
    by_hand = [kind.value for kind in EventKind if kind not in BY_PROGRAM]
    kinds = "、".join(f"{kind} {messages.text('words', f'event.{kind}')}" for kind in by_hand)
    commands = parser.add_subparsers(dest="command", metavar="命令", title="命令", parser_class=WordParser)
    for name, options in COMMANDS.items():
        text = messages.text("commands", f"command.{name}")
        sub = commands.add_parser(
            name,
            help=text,
            description=text,
            add_help=False,
            formatter_class=_HelpFormatter,
            prog=f"shenbao {name}",
        )
        _name_groups(sub)
        sub.add_argument("-h", "--help", action="help", help=messages.text("commands", "option.help"))
        sub.add_argument(
            "--data-dir",
            metavar="文件夹",
            default=argparse.SUPPRESS,
            help=messages.text("commands", "option.data_dir"),
        )
        for flags, settings in options:
            key = flags[-1].lstrip("-").replace("-", "_")
            wording = messages.text("commands", f"option.{key}", kinds=kinds)
            sub.add_argument(*flags, help=wording, **settings)  # type: ignore[arg-type]
    return parser


def _name_groups(parser: argparse.ArgumentParser) -> None:
    parser._positionals.title = "参数"
    parser._optionals.title = "选项"


_JSON: Option = (("--json",), {"action": "store_true"})
_NOW: Option = (("--now",), {"metavar": "时刻"})
_DRAFT: Option = (("draft",), {"metavar": "草稿"})
_OUT: Option = (("--out",), {"metavar": "文件夹", "required": True})
_ANSWERS: Option = (("--answers",), {"metavar": "文件"})
_PREVIOUS: Option = (("--previous",), {"metavar": "文件"})
_PROGRAMME: Option = (("--programme",), {"metavar": "事项"})
_TARGET: Option = (("target",), {"metavar": "草稿或文件", "nargs": "?"})
_FILE: Option = (("--file",), {"metavar": "文件"})
_TEXT: Option = (("--text",), {"metavar": "文件"})
_REASON: Option = (("--reason",), {"metavar": "理由"})
_ACCOUNT: Option = (("--account",), {"metavar": "账号"})
_FOLDER: Option = (("--folder",), {"metavar": "文件夹"})
_PASSWORD: Option = (("--password-stdin",), {"action": "store_true"})

COMMANDS: dict[str, list[Option]] = {
    "demo": [(("--out",), {"metavar": "文件夹"}), _JSON],
    "programmes": [_JSON],
    "programme": [
        (("words",), {"metavar": "事项", "nargs": "+"}),
        (("--shift-years",), {"type": int, "metavar": "年数"}),
        _JSON,
    ],
    "new": [(("programme",), {"metavar": "事项"}), _ANSWERS, _PREVIOUS, _NOW, _JSON],
    "drafts": [_JSON],
    "set": [_DRAFT, (("path",), {"metavar": "位置"}), (("value",), {"metavar": "值"}), _NOW],
    "reason": [_DRAFT, (("finding",), {"metavar": "检查结果"}), (("answer",), {"metavar": "理由"}), _NOW],
    "check": [_TARGET, _PROGRAMME, _ANSWERS, _PREVIOUS, _TEXT, _NOW, _JSON],
    "stages": [_TARGET, _PROGRAMME, _NOW, _JSON],
    "score": [_TARGET, _PROGRAMME, _ANSWERS, _PREVIOUS, _NOW, _JSON],
    "event": [
        _DRAFT,
        (("kind",), {"metavar": "种类"}),
        (("--note",), {"metavar": "说明"}),
        _FILE,
        (("--at",), {"metavar": "时刻"}),
        (("--stage",), {"metavar": "环节"}),
        (("--closes",), {"metavar": "时刻"}),
        (("--grade",), {"metavar": "等级"}),
        (("--number",), {"metavar": "编号"}),
        (("--who",), {"metavar": "姓名"}),
        (("--part",), {"metavar": "组成件"}),
        (("--copy",), {"type": int, "metavar": "份号"}),
        (("--mark",), {"metavar": "位置=批注", "action": "append", "default": []}),
        _NOW,
        _JSON,
    ],
    "attach": [
        _DRAFT,
        (("file",), {"metavar": "文件"}),
        (("--item",), {"metavar": "位置", "action": "append", "default": []}),
        _NOW,
    ],
    "status": [_DRAFT, _NOW, _JSON],
    "seal": [_DRAFT, _REASON, _NOW, _JSON],
    "print": [
        _DRAFT,
        _OUT,
        (("--proof",), {"action": "store_true"}),
        (("--whole",), {"action": "store_true"}),
        (("--stale",), {"action": "store_true"}),
        (("--old-codes",), {"action": "store_true"}),
        _REASON,
        _NOW,
        _JSON,
    ],
    "book": [
        _DRAFT,
        (("--order",), {"metavar": "组成件"}),
        (("--loose",), {"metavar": "组成件"}),
        (("--official",), {"metavar": "组成件=文件", "action": "append", "default": []}),
        (("--own",), {"metavar": "组成件", "action": "append", "default": []}),
        (("--volume",), {"metavar": "组成件=册号", "action": "append", "default": []}),
        (("--numbered",), {"choices": ("是", "否")}),
        (("--without",), {"metavar": "标记", "action": "append", "default": []}),
        (("--reset",), {"action": "store_true"}),
        _JSON,
    ],
    "pages": [
        _DRAFT,
        (("scans",), {"metavar": "扫描件", "nargs": "*"}),
        (("--code",), {"metavar": "短码", "action": "append", "default": []}),
        (("--copy",), {"type": int, "metavar": "份号"}),
        _NOW,
        _JSON,
    ],
    "bundle": [_DRAFT, (("--out",), {"metavar": "文件", "required": True}), _NOW, _JSON],
    "deliver": [_DRAFT, _OUT, _REASON, _NOW, _JSON],
    "verify": [(("file",), {"metavar": "文件"}), (("--key",), {"metavar": "指纹"}), _JSON],
    "submit": [
        _DRAFT,
        (("--platform",), {"metavar": "地址"}),
        _ACCOUNT,
        _PASSWORD,
        (("--key",), {"metavar": "指纹"}),
        (("--limit",), {"type": int, "metavar": "速度"}),
        _FOLDER,
        _NOW,
        _JSON,
    ],
    "fetch": [
        _DRAFT,
        (("--platform",), {"metavar": "地址"}),
        _ACCOUNT,
        _PASSWORD,
        (("--key",), {"metavar": "指纹"}),
        _FOLDER,
        _NOW,
        _JSON,
    ],
    "receipts": [_DRAFT, (("--out",), {"metavar": "文件夹"}), _JSON],
    "account-for": [
        _DRAFT,
        (("--out",), {"metavar": "文件", "required": True}),
        (("--hours",), {"type": int, "metavar": "小时"}),
        _JSON,
    ],
    "practice": [
        (("--port",), {"type": int, "default": 0, "metavar": "端口"}),
        (("--data",), {"metavar": "文件夹"}),
        (("--seeded",), {"action": "store_true"}),
        (("--scripted",), {"action": "store_true"}),
        _FOLDER,
        (("--once",), {"action": "store_true"}),
        _NOW,
        _JSON,
    ],
    "carry": [_DRAFT, (("--form-version",), {"type": int, "metavar": "版本"}), _JSON],
    "gather": [
        _DRAFT,
        (("files",), {"metavar": "数据包", "nargs": "+"}),
        (("--compare",), {"action": "store_true"}),
        _NOW,
        _JSON,
    ],
    "backup": [(("--out",), {"metavar": "文件夹"}), _JSON],
    "update": [(("installer",), {"metavar": "安装文件"}), _JSON],
    "self-test": [_JSON],
}
