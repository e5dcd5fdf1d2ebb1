"""Tests of tidy.py: small trees, each with one breach, and the message it must give."""

import json
import pathlib
import subprocess
import tempfile
import unittest

import tidy

GOOD = {
    "LAYERS": "# comment\nbase:\nnet: base\nmain: base net\n",
    "base/README.md": "base\n",
    "net/README.md": "net\n",
    "main/README.md": "main\n",
    "base/clock.h": "#pragma once\n\nint now();\n",
    "base/clock.cpp": '#include "base/clock.h"\n\nint now() { return std::chrono::system_clock::now().count(); }\n',
    "base/testing/fake.h": "#pragma once\n",
    "net/server.h": '#pragma once\n\n// Words about ::now(), printf() and using namespaces are only words.\n#include "base/clock.h"\n',
    "net/server.cpp": '#include "net/server.h"\n\n#include <boost/beast/http.hpp>\n\nconst char* s = "std::cout";\n'
                      "const int n = 10'000;  // rand() is not called\n",
    "net/server_test.cpp": '#include <gtest/gtest.h>\n\n#include "base/testing/fake.h"\n\nint x = rand();\n',
    "main/main.cpp": '#include "net/server.h"\n\nint main() { printf("%s", getenv("PATH")); }\n',
}

# Name, files that differ from GOOD (None: removed), the messages wanted.
CASES = [
    ("a good tree is tidy", {}, []),
    ("an upward include", {"base/clock.cpp": '#include "base/clock.h"\n#include "net/server.h"\n'},
     ["base/clock.cpp:2: base may not include net (LAYERS)"]),
    ("a cycle", {"LAYERS": "base: net\nnet: base\nmain: base net\n"},
     ["LAYERS:1: cycle: base -> net -> base", "LAYERS:2: cycle: net -> base -> net"]),
    ("an unknown folder in LAYERS", {"LAYERS": "base:\nnet: base sky\nmain: base net\n"},
     ["LAYERS:2: net names sky, which has no line of its own"]),
    ("a folder without a line", {"sky/blue.cpp": "int blue;\n"}, ["sky/blue.cpp:1: sky has no line in LAYERS"]),
    ("a folder without a README", {"net/README.md": None},
     ["net/README.md:1: is missing: every folder in LAYERS has one"]),
    ("an include relative to its folder", {"net/tls.cpp": '#include "server.h"\n'},
     ['net/tls.cpp:1: "server.h" is not a path from the root']),
    ("a fake outside tests", {"net/tls.cpp": '#include "base/testing/fake.h"\n'},
     ['net/tls.cpp:1: "base/testing/fake.h" is for tests']),
    ("a clock", {"net/tls.cpp": "auto t = std::chrono::steady_clock::now();\n"},
     ["net/tls.cpp:1: only base/clock reads clocks: auto t = std::chrono::steady_clock::now();"]),
    ("chance", {"net/tls.cpp": "std::mt19937_64 r;\n"},
     ["net/tls.cpp:1: only base/random draws random numbers: std::mt19937_64 r;"]),
    ("the environment", {"net/tls.cpp": 'auto p = std::getenv("P");\n'},
     ['net/tls.cpp:1: only main reads the environment: auto p = std::getenv("P");']),
    ("a socket", {"base/tcp.cpp": "boost::asio::ip::tcp::socket s;\n"},
     ["base/tcp.cpp:1: only net opens sockets: boost::asio::ip::tcp::socket s;"]),
    ("printing", {"net/tls.cpp": "int f() { return std::printf(x); }\n"},
     ["net/tls.cpp:1: only main and cli print: int f() { return std::printf(x); }"]),
    ("exit", {"net/tls.cpp": "int f() { std::exit(1); }\nint g() { return app.exit(1); }\n"},
     ["net/tls.cpp:1: only main ends the process: int f() { std::exit(1); }"]),
    ("a sleeping thread", {"net/tls.cpp": "int f() { std::this_thread::sleep_for(t); }\nTask t = base::sleep_for(t);\n"},
     ["net/tls.cpp:1: no thread sleeps: wait on a timer: int f() { std::this_thread::sleep_for(t); }"]),
    ("all of Asio", {"base/all.cpp": "#include <boost/asio.hpp>\n"},
     ["base/all.cpp:1: Beast, TLS and the whole of Asio belong into few .cpp files of net: #include <boost/asio.hpp>"]),
    ("Beast in a header", {"net/b.h": "#pragma once\n#include <boost/beast/core.hpp>\n"},
     ["net/b.h:2: Beast, TLS and the whole of Asio belong into few .cpp files of net: "
      "#include <boost/beast/core.hpp>"]),
    ("a header without its guard", {"net/b.h": "// words\nint b;\n"}, ["net/b.h:1: a header begins with #pragma once"]),
    ("using namespace in a header", {"net/b.h": "#pragma once\nusing namespace std;\n"},
     ["net/b.h:2: no using namespace in a header"]),
    ("its own header comes later", {"net/server.cpp": '#include <vector>\n#include "net/server.h"\n'},
     ['net/server.cpp:1: the first include is not its own header "net/server.h"']),
    ("something unfinished", {"net/tls.cpp": "// TO" "DO: later\n"}, ["net/tls.cpp:1: unfinished: do it or drop it"]),
    ("a machine's path", {"net/README.md": "see /ho" "me/me/net\n"}, ["net/README.md:1: a path of somebody's machine"]),
    ("test data may hold anything", {"net/testdata/a.txt": "/ro" "ot/x TO" "DO\n"}, []),
]


def plant(folder, files):
    for name, text in files.items():
        if text is not None:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)


class Tidy(unittest.TestCase):
    def test_names_each_breach(self):
        for name, changes, want in CASES:
            with self.subTest(name), tempfile.TemporaryDirectory() as folder:
                root = pathlib.Path(folder)
                plant(root, {**GOOD, **changes})
                self.assertEqual(tidy.check(root), want)

    def test_looks_at_new_files_but_not_at_ignored_ones(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            plant(root, {**GOOD, ".gitignore": "/out/\n", "out/a.cpp": "rand()\n", "net/new.cpp": "int x = rand();\n"})
            subprocess.run(["git", "init", "-q", root], check=True)
            self.assertEqual(tidy.check(root), ["net/new.cpp:1: only base/random draws random numbers: int x = rand();"])

    def test_compiles_headers_without_a_source_alone(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            plant(root, {**GOOD, "net/name.h": "#pragma once\n\nstruct Name { std::string text; };\n"})
            database = root / "compile_commands.json"
            database.write_text(json.dumps([{"command": "clang++-19 -std=c++23 -o x.o -c x.cpp", "file": "x.cpp"}]))
            breaches = tidy.check(root, database)
            self.assertEqual([line.split("\n")[0] for line in breaches], ["net/name.h:1: does not compile alone:"])


if __name__ == "__main__":
    unittest.main()
