#!/usr/bin/env python3
"""Checks the few rules of this repository that a machine can check (CONTRIBUTING.md lists them).

usage: tools/tidy.py [--root DIR] [--compile-commands FILE]

Prints FILE:LINE: message for each breach and exits 1 when there is one.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field

CODE = (".cpp", ".h")
TEXT = CODE + (".py", ".sh", ".cmake", ".txt", ".md", ".yaml", ".yml", ".json", ".js", ".mjs", ".css", ".html", ".go",
               ".mod", ".want", "")
UNLAYERED = ("bench", "cmake", "tests")  # folders with C++ that are no part of the program
EXEMPT_SUFFIXES = ("_test.cpp", "_bench.cpp", "_fuzz.cpp")


@dataclass(frozen=True)
class Ban:
    """A pattern that only the paths matching `allowed` may contain. Tests, benches, fuzzers and testing/ are exempt."""
    what: str
    pattern: re.Pattern
    allowed: re.Pattern


def ban(what, pattern, allowed):
    return Ban(what, re.compile(pattern), re.compile(allowed))


# A pod's keeper runs between fork and exec, where only raw system calls are safe.
BANS = [
    ban("only base/clock reads clocks",
        r"::now\(\)|\bclock_gettime\b|\bgettimeofday\b|\bstd::time\(|\btime\((?:NULL|nullptr|0)\)",
        r"base/clock\.cpp$|cluster/process/keeper"),
    ban("only base/random draws random numbers",
        r"\bs?rand\(\)|\brandom_device\b|\bmt19937|\bgetrandom\b|\bRAND_bytes\b", r"base/random\.cpp$"),
    ban("only main reads the environment", r"\b(?:secure_)?getenv\b|\b(?:set|unset|put)env\b", r"main/"),
    ban("only net opens sockets",
        r"::socket\(|\b(?:tcp|udp|local::stream_protocol)::(?:socket|acceptor|resolver)\b|\bsocketpair\(", r"net/"),
    ban("only main and cli print", r"\bstd::(?:cout|cerr|clog|puts|printf|putchar)\b|(?<![\w:.])v?printf\(|\bfputs\(|"
        r"\bfmt::print|\bstd::print|\b(?:stdout|stderr)\b", r"(?:main|cli)/|base/(?:check|log)\.cpp$|cluster/process/keeper"),
    ban("only main ends the process", r"(?<![\w.>])(?:std::|::)?(?:_exit|quick_exit|exit)\(",
        r"main/|cluster/process/"),
    ban("no thread sleeps: wait on a timer", r"this_thread::sleep|(?<![\w:])(?:u|nano)?sleep\(", r"cluster/process/keeper"),
    ban("a task belongs to a TaskGroup", r"\basio::detached\b", r"base/task"),
    ban("Beast, TLS and the whole of Asio belong into few .cpp files of net",
        r"#\s*include\s*[<\"]boost/(?:beast(?:/|\.hpp)|asio/ssl|asio\.hpp)", r"net/(?:.*/)?\w+\.cpp$"),
]

UNFINISHED = re.compile(r"\b(?:" + "TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
MACHINE_PATH = re.compile(r"(?<![\w.])/(?:wo" + r"rk|ro" + r"ot|ho" + r"me)/\w")
OUR_INCLUDE = re.compile(r'^\s*#\s*include\s*"([^"]+)"')
ANY_INCLUDE = re.compile(r'^\s*#\s*include\s*([<"][^>"]+[>"])')
TOKENS = re.compile(r'R"([^\s()\\]{0,16})\(.*?\)\1"|"(?:[^"\\\n]|\\.)*"|(?<!\w)\'(?:[^\'\\\n]|\\.)+\'|//[^\n]*|/\*.*?\*/',
                    re.DOTALL)


@dataclass
class Report:
    lines: list = field(default_factory=list)

    def add(self, path, line, message):
        self.lines.append(f"{path}:{line}: {message}")


def code_only(text):
    """The text with comments and the insides of strings blanked, line for line. Includes keep their names."""
    def blank(match):
        token = match.group(0)
        start = text.rfind("\n", 0, match.start()) + 1
        if token.startswith('"') and re.match(r"\s*#\s*include", text[start:match.start()]):
            return token
        return re.sub(r"[^\n]", " ", token)
    return TOKENS.sub(blank, text)


def tracked_files(root):
    try:
        listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                                capture_output=True, check=True).stdout.decode().split("\0")
        names = [name for name in listed if name and (root / name).is_file()]
    except (OSError, subprocess.CalledProcessError):
        names = [str(p.relative_to(root)) for p in root.rglob("*") if p.is_file()]
        names = [n for n in names if not n.startswith(("build/", ".git/"))]
    return sorted(set(names))


def read_layers(root, report):
    """Folder -> what it may include. Reports unknown names and cycles."""
    layers, lines = {}, {}
    for number, line in enumerate((root / "LAYERS").read_text().splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        folder, _, below = line.partition(":")
        layers[folder] = below.split()
        lines[folder] = number
    for folder, below in layers.items():
        for name in below:
            if name not in layers:
                report.add("LAYERS", lines[folder], f"{folder} names {name}, which has no line of its own")
    for folder in layers:
        path = find_cycle(layers, folder)
        if path:
            report.add("LAYERS", lines[folder], f"cycle: {' -> '.join(path)}")
    return layers


def find_cycle(layers, start):
    """The way from `start` back to itself, or None."""
    waiting, seen = [[start]], set()
    while waiting:
        path = waiting.pop()
        for below in layers.get(path[-1], []):
            if below == start:
                return path + [below]
            if below not in seen:
                seen.add(below)
                waiting.append(path + [below])
    return None


def is_exempt(name):
    return name.endswith(EXEMPT_SUFFIXES) or "/testing/" in name or name.startswith(("bench/", "tests/"))


def check_layers(root, names, layers, report):
    for folder in layers:
        if f"{folder}/README.md" not in names:
            report.add(f"{folder}/README.md", 1, "is missing: every folder in LAYERS has one")
    for name in names:
        folder = name.split("/")[0]
        if name.endswith(CODE) and "/" in name and folder not in layers and folder not in UNLAYERED:
            report.add(name, 1, f"{folder} has no line in LAYERS")


def check_includes(root, name, lines, layers, report):
    folder = name.split("/")[0]
    allowed = {folder, *layers.get(folder, [])}
    for number, line in enumerate(lines, 1):
        match = OUR_INCLUDE.match(line)
        if not match:
            continue
        target = match.group(1)
        if not (root / target).is_file():
            report.add(name, number, f'"{target}" is not a path from the root')
            continue
        if folder in layers and target.split("/")[0] not in allowed:
            report.add(name, number, f"{folder} may not include {target.split('/')[0]} (LAYERS)")
        if "/testing/" in target and not is_exempt(name):
            report.add(name, number, f'"{target}" is for tests')


def check_header(name, text, lines, report):
    code = [line for line in code_only(text).splitlines() if line.strip()]
    if not code or code[0].strip() != "#pragma once":
        report.add(name, 1, "a header begins with #pragma once")
    for number, line in enumerate(lines, 1):
        if re.search(r"\busing namespace\b", line):
            report.add(name, number, "no using namespace in a header")


def check_own_header_first(root, name, lines, report):
    """With its own header first, compiling x.cpp proves that x.h compiles alone."""
    own = name[:-len(".cpp")] + ".h"
    if is_exempt(name) or not (root / own).is_file():
        return
    first = next(((n, m.group(1)) for n, m in ((n, ANY_INCLUDE.match(line)) for n, line in enumerate(lines, 1)) if m),
                 (1, ""))
    if first[1] != f'"{own}"':
        report.add(name, first[0], f'the first include is not its own header "{own}"')


def check_bans(name, text, lines, report):
    if is_exempt(name):
        return
    for number, (shown, line) in enumerate(zip(text.splitlines(), lines), 1):
        for rule in BANS:
            if rule.pattern.search(line) and not rule.allowed.match(name):
                report.add(name, number, f"{rule.what}: {shown.strip()[:80]}")


def check_text(name, text, report):
    for number, line in enumerate(text.splitlines(), 1):
        if MACHINE_PATH.search(line):
            report.add(name, number, "a path of somebody's machine")
        if not name.endswith(".md") and UNFINISHED.search(line):
            report.add(name, number, "unfinished: do it or drop it")


def check_headers_compile(root, names, database, report):
    """Compiles alone each header that no x.cpp begins with. ccache makes the second time cheap."""
    headers = [n for n in names if n.endswith(".h") and not n.startswith("cmake/") and n[:-2] + ".cpp" not in names]
    entries = json.loads(pathlib.Path(database).read_text())
    with tempfile.TemporaryDirectory() as folder, concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        jobs = [pool.submit(compile_header, root, header, compiler_command(root, header, entries), pathlib.Path(folder))
                for header in headers]
        for header, job in zip(headers, jobs):
            if job.result():
                report.add(header, 1, f"does not compile alone:\n{job.result()}")


def compiler_command(root, header, entries):
    """The flags of the header's folder: of its tests, which have the most. Without input and output."""
    folder = str(root / header.split("/")[0]) + "/"
    beside = [entry for entry in entries if entry["file"].startswith(folder)] or entries
    best = max((shlex.split(entry["command"]) for entry in beside), key=len)
    command, skip = [], False
    for word in best:
        if skip or word in ("-o", "-c"):
            skip = word in ("-o", "-c")
        else:
            command.append(word)
    start = next(i for i, word in enumerate(command) if not word.endswith("ccache"))
    return command[start:]


def compile_header(root, header, command, folder):
    stem = header.replace("/", "__")
    source = folder / f"{stem}.cpp"
    source.write_text(f'#include "{header}"\n')
    launcher = [found] if (found := shutil.which("ccache")) else []
    # A fixed working directory and no debug information let the cache recognise the file in another folder.
    done = subprocess.run([*launcher, *command, "-O0", "-g0", "-I", str(root), "-c", source.name, "-o", f"{stem}.o"],
                          cwd=folder, capture_output=True, text=True,
                          env={**os.environ, "CCACHE_NOHASHDIR": "1", "CCACHE_BASEDIR": str(folder)})
    return done.stderr[:2000] if done.returncode else ""


def check(root, database=None):
    report = Report()
    names = tracked_files(root)
    layers = read_layers(root, report)
    check_layers(root, set(names), layers, report)
    for name in names:
        path = root / name
        if path.suffix not in TEXT:
            continue
        try:
            text = path.read_text()
        except UnicodeDecodeError:
            continue  # a seed or a picture without a suffix that says so
        if "/testdata/" not in name:
            check_text(name, text, report)
        if not name.endswith(CODE):
            continue
        lines = code_only(text).splitlines()
        check_includes(root, name, lines, layers, report)
        check_bans(name, text, lines, report)
        if name.startswith("cmake/"):
            continue
        if name.endswith(".h"):
            check_header(name, text, lines, report)
        else:
            check_own_header_first(root, name, lines, report)
    if database:
        check_headers_compile(root, names, database, report)
    return report.lines


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent.parent)
    parser.add_argument("--compile-commands", type=pathlib.Path, help="also compile each header alone, with these flags")
    arguments = parser.parse_args()
    breaches = check(arguments.root.resolve(), arguments.compile_commands)
    print("\n".join(breaches) if breaches else "tidy")
    sys.exit(1 if breaches else 0)


if __name__ == "__main__":
    main()
