"""What the commands that prove, measure and report take on the command line."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    Commands = argparse._SubParsersAction[argparse.ArgumentParser]  # noqa: SLF001 - no public name


def add(
    commands: "Commands", name: str, words: str, module: str | None = None
) -> argparse.ArgumentParser:
    """Return the parser of a command; its module in app/commands has its name unless given."""
    parser = commands.add_parser(name, help=words, description=words)
    parser.set_defaults(module=module or name)
    return parser


def group(commands: "Commands", name: str, words: str) -> "Commands":
    """Return a group of commands."""
    parser = commands.add_parser(name, help=words, description=words)
    return parser.add_subparsers(title="commands", metavar="COMMAND", required=True)


def add_proofs(commands: "Commands") -> None:
    """Add what proves and measures the gateway."""
    prove = group(commands, "prove", "用真实数据端到端验证 · prove promises on real input")
    gate = add(
        prove,
        "gate",
        "提交新闻标题、审核、下发并核对计数 · submit, rule on, deliver and reconcile headlines",
        "prove_gate",
    )
    gate.add_argument("--headlines", type=Path, help="标题文件（TSV） · headlines (TSV)")
    gate.add_argument("--sources", type=Path, help="稿源单位文件（CSV） · approved sources (CSV)")
    gate.add_argument(
        "--required", action="store_true", help="缺少文件视为失败 · a missing file is a failure"
    )
    gate.add_argument(
        "--small", action="store_true", help="用自带数据小规模运行 · a small run on data of ours"
    )
    gate.add_argument("--write", type=Path, help="结果另存为文件 · also write the report to a file")
    _add_proof_of_caps(prove)
    evaluate = add(
        commands,
        "evaluate",
        "测量文本判定的召回率和误命中率 · measure recall and false hits of the judgements",
    )
    evaluate.add_argument(
        "--corpora", type=Path, help="语料目录，如 tests/corpora · folder of corpora (TSV)"
    )
    evaluate.add_argument("--only", help="只测一份语料，如 evasion · only one corpus")
    evaluate.add_argument("--headlines", type=Path, help="标题文件（TSV） · headlines (TSV)")
    evaluate.add_argument(
        "--show", action="store_true", help="列出调优部分的错漏 · list the tuning half's misses"
    )
    evaluate.add_argument("--write", type=Path, help="结果写成页面 · write docs/quality.md")
    learn = add(
        commands,
        "learn",
        "由训练文本重新学习整体措辞的权重 · learn the weights of wording as a whole again",
    )
    learn.add_argument(
        "--corpora", type=Path, required=True, help="语料目录，如 tests/corpora · folder of corpora"
    )
    learn.add_argument("--headlines", type=Path, help="标题文件（TSV） · headlines (TSV)")
    learn.add_argument(
        "--check", action="store_true", help="交叉验证而不写入 · cross-validate, write nothing"
    )
    learn.add_argument(
        "--write", type=Path, help="写入的目录，如 app/screening/tables/manner · folder to write to"
    )
    learn.add_argument("--titles", type=Path, help="只写标题权重表 · write the weights of titles")
    learn.add_argument(
        "--stories",
        type=Path,
        help="只写重述报道的权重表 · write the weights of stories told again",
    )
    test = add(commands, "test", "运行全部检查和测试 · run every check and test")
    test.add_argument(
        "pytest", nargs="*", help="传给 pytest 的参数，给出时只运行 pytest · for pytest"
    )


def add_reports(commands: "Commands") -> None:
    """Add what compares and adds up what went out."""
    parity = add(
        commands, "parity", "比对各组用户收到的弹窗 · compare what groups of recipients got"
    )
    parity.add_argument(
        "file", type=Path, help="每行“令牌,分组”，不留存 · token,group a line; kept nowhere"
    )
    parity.add_argument("--surface", required=True, help="展示端编号 · id of the surface (srf_…)")
    parity.add_argument(
        "--from", dest="first", required=True, metavar="DAY", help="起始日 · first day, 2026-11-01"
    )
    parity.add_argument(
        "--to", dest="last", required=True, metavar="DAY", help="结束日 · last day, included"
    )
    parity.add_argument(
        "--by", required=True, metavar="NAME", help="管理员或审计员 · the admin or auditor who asks"
    )


def _add_proof_of_caps(prove: "Commands") -> None:
    caps = add(
        prove,
        "caps",
        "随机中断下发进程与计数服务器，核对没有超出上限 · kill and lose at random, exceed no cap",
        "prove_caps",
    )
    caps.add_argument(
        "--postgres", help="可清空的数据库 postgresql://… · a database that may be filled"
    )
    caps.add_argument("--cluster", action="store_true", help="三主三从集群 · on a cluster")
    caps.add_argument("--seed", type=int, default=1, help="随机种子 · seed of what is killed when")
    caps.add_argument(
        "--required", action="store_true", help="缺少数据库视为失败 · no database is a failure"
    )
    caps.add_argument(
        "--pushes", type=int, help="推送数，缺省 136 · how many pushes instead of 136"
    )
    caps.add_argument(
        "--recipients", type=int, help="用户数，缺省 10000 · how many recipients instead of 10000"
    )
    caps.add_argument("--small", action="store_true", help="小规模运行 · a small run")
    caps.add_argument("--write", type=Path, help="结果另存为文件 · also write the report to a file")
