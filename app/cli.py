"""The command line: what every command is called and takes; each runs in its own module."""

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from app.collector import look_rarely
from app.commands.arguments import add, add_proofs, add_reports, group

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - no public name

_INTERRUPTED = 130
_READER_LEFT = 141
_ROLES = ("reviewer", "lead", "admin", "auditor")


class Command(Protocol):
    """What every module in app/commands offers."""

    def run(self, args: argparse.Namespace) -> int:
        """Do what the command line asks and return the exit code: 0 done, 1 found wanting.

        Raises GatewayError for whatever the user must be told; `main` prints it in both languages.
        """
        ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code: 0 done, 1 refused or found wanting, 2 misused."""
    args = parse(list(sys.argv[1:] if argv is None else argv))
    look_rarely()
    # Loaded here, so that --help answers before anything heavy is imported.
    return carry_out(cast("Command", importlib.import_module(f"app.commands.{args.module}")), args)


def carry_out(command: Command, args: argparse.Namespace) -> int:
    """Run a command, tell the user of an expected refusal in both languages, return the code."""
    from app.errors import GatewayError

    try:
        return command.run(args)
    except GatewayError as error:
        print(f"{error.detail.zh}\n{error.detail.en}", file=sys.stderr)
        for problem in error.problems:
            said = f"{problem.message.zh} {problem.message.en}"
            print(f"  {problem.pointer}: {said}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return _INTERRUPTED
    except BrokenPipeError:
        # Whoever read our output, `head` for one, has enough; nothing more may be written there.
        sys.stdout = Path(os.devnull).open("w")  # noqa: SIM115 - until the process ends
        return _READER_LEFT


def parse(words: list[str]) -> argparse.Namespace:
    """Return what the words say; ends the process after --help (0) or misuse (2)."""
    parser = build_parser()
    if words[:1] == ["test"] and not {"-h", "--help"} & set(words):
        # What follows `test` is pytest's, options included; argparse would claim those.
        args = parser.parse_args(words[:1])
        args.pytest = words[1:]
        return args
    return parser.parse_args(words)


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of all commands; each sets `module`, its file in app/commands."""
    parser = argparse.ArgumentParser(
        prog="popgate",
        description="弹窗合规网关：未经法规校验和人工审核的弹窗一律不推送。 "
        "Popgate: nothing pops up that the law blocks or no person approved.",
        epilog="全部设置为 GATEWAY_* 环境变量，见 README。 "
        "All settings are GATEWAY_* variables; see README.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_processes(commands)
    _add_registers(commands)
    _add_staff(commands)
    _add_words(commands)
    _add_decisions(commands)
    _add_record(commands)
    add_proofs(commands)
    add_reports(commands)
    return parser


def _add_processes(commands: "Commands") -> None:
    serve = add(commands, "serve", "启动接口与控制台 · start API and console")
    serve.add_argument("--host", help="监听地址，覆盖 GATEWAY_HOST · address to bind")
    serve.add_argument("--port", type=int, help="监听端口，覆盖 GATEWAY_PORT · port to bind")
    serve.add_argument(
        "--migrate", action="store_true", help="先升级数据库结构 · migrate the database first"
    )
    add(commands, "dispatch", "启动下发进程 · start a dispatcher (many-machine set-up)")
    migrate = add(commands, "migrate", "升级数据库结构 · bring the database to the newest revision")
    way = migrate.add_mutually_exclusive_group()
    way.add_argument(
        "--check", action="store_true", help="仅检查是否最新 · only say whether it is up to date"
    )
    way.add_argument(
        "--down-to", metavar="REVISION", help="降级到指定版本 · step down to a revision"
    )
    demo = add(commands, "demo", "一条命令运行完整演示 · run the whole gateway with demo data")
    demo.add_argument(
        "--fresh",
        action="store_true",
        help="清空演示数据后重新开始 · begin anew without the old data",
    )
    demo.add_argument("--port", type=int, help="监听端口，覆盖 GATEWAY_PORT · port to bind")


def _add_registers(commands: "Commands") -> None:
    sources = group(commands, "sources", "稿源单位名单 · the list of approved sources")
    imported = add(sources, "import", "导入新一版名单 · import an edition", "sources_import")
    imported.add_argument("file", type=Path, help="CSV 文件 · CSV file")
    imported.add_argument("--edition", required=True, help="版本名称 · name of the edition")
    imported.add_argument(
        "--by", required=True, metavar="NAME", help="导入的管理员 · sign-in name of the admin"
    )
    imported.add_argument(
        "--confirm",
        action="append",
        default=[],
        metavar="UNIT",
        help="确认文件未证实的单位，可重复 · confirm a unit that the file does not vouch for",
    )
    imported.add_argument(
        "--confirm-all", action="store_true", help="全部确认 · confirm every such unit"
    )
    imported.add_argument(
        "--publish", action="store_true", help="随即发布，需 --second · publish it, with --second"
    )
    imported.add_argument(
        "--second", metavar="NAME", help="发布的另一位管理员 · the other admin, who publishes"
    )
    keys = group(commands, "keys", "密钥 · keys")
    issued = add(
        keys, "issue", "为服务提供者签发接口密钥 · issue an API key to a provider", "keys_issue"
    )
    issued.add_argument("provider", help="服务提供者编号 · id of the provider (prv_…)")
    issued.add_argument("--name", required=True, help="发送方名称 · name of the sender")
    issued.add_argument("--holder", required=True, help="密钥持有人 · the person who holds the key")
    rotated = add(keys, "rotate", "轮换签名密钥 · replace a signing key", "keys_rotate")
    rotated.add_argument(
        "purpose",
        choices=["envelope", "checkpoint"],
        help="信封或检查点密钥 · the key for envelopes or the one for checkpoints",
    )


def _add_staff(commands: "Commands") -> None:
    staff = group(commands, "staff", "控制台人员 · people in the console")
    added = add(
        staff,
        "add",
        "添加人员并打印一次性密码 · add a person, print the one-time password",
        "staff_add",
    )
    added.add_argument("name", help="登录名 · sign-in name")
    added.add_argument(
        "--role",
        action="append",
        required=True,
        choices=_ROLES,
        help="角色，可重复 · role, repeatable",
    )
    changed = add(
        staff,
        "password",
        "在终端修改密码，替换一次性密码 · change a password at the terminal",
        "staff_password",
    )
    changed.add_argument("name", help="登录名 · sign-in name")
    listed = add(
        staff,
        "list",
        "列出人员、角色与两步验证 · everybody with roles and second factor",
        "staff_list",
    )
    listed.add_argument("--json", action="store_true", help="输出 JSON · print JSON")
    reset = add(
        staff,
        "reset-factor",
        "重置丢失的两步验证 · take away a second factor that was lost",
        "staff_reset_factor",
    )
    reset.add_argument("name", help="登录名 · sign-in name")


def _add_words(commands: "Commands") -> None:
    words = group(commands, "words", "词库 · word lists")
    for name, said in (
        ("check", "检查词条文件及其样例 · check a file of terms and its examples"),
        ("import", "把词条文件写入规则包草稿 · put a file of terms into the draft of a rule pack"),
    ):
        terms = add(words, name, said, f"words_{name}")
        terms.add_argument("file", type=Path, help="CSV 文件 · CSV file")
        terms.add_argument(
            "--list", required=True, help="词库，如 fraud · word list, such as fraud"
        )
        if name == "import":
            terms.add_argument(
                "--by", required=True, metavar="NAME", help="编写的管理员 · the admin who writes"
            )


def _add_decisions(commands: "Commands") -> None:
    rules = group(commands, "rules", "规则 · rules")
    listed = add(
        rules, "list", "列出全部现行规则与条款 · every rule in force with its clause", "rules_list"
    )
    listed.add_argument("--json", action="store_true", help="输出 JSON · print JSON")
    push = group(commands, "push", "弹窗推送 · pushes")
    checked = add(
        push, "check", "离线检查一条推送，不留痕 · check a push without a trace", "push_check"
    )
    checked.add_argument("file", help="JSON 文件，- 表示标准输入 · JSON file, - for standard input")
    checked.add_argument("--provider", help="服务提供者编号 · decide as this provider (prv_…)")
    checked.add_argument("--json", action="store_true", help="输出 JSON · print JSON")
    replay = add(commands, "replay", "用已存事实复算判定 · decide again from stored facts")
    replay.add_argument("push", nargs="*", help="推送编号，缺省为全部 · ids of pushes, default all")


def _add_record(commands: "Commands") -> None:
    audit = group(commands, "audit", "留痕 · the audit ledger")
    verified = add(
        audit, "verify", "校验留痕未被改动 · verify that nothing was changed", "audit_verify"
    )
    verified.add_argument(
        "--checkpoints",
        type=Path,
        help="检查点文件，缺省用设置 · checkpoint file, default from settings",
    )
    verified.add_argument(
        "--every",
        action="store_true",
        help="逐个校验检查点签名 · check every checkpoint's signature, not the last only",
    )
    exported = add(
        audit,
        "export",
        "导出可离线校验的台账 · export the ledger for anybody to verify",
        "audit_export",
    )
    exported.add_argument("file", type=Path, help="写入的文件 · file to write")


if __name__ == "__main__":
    sys.exit(main())
