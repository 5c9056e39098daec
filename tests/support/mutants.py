"""Change the code bit by bit and list what no test notices: `python -m tests.support.mutants [MODULE …]`.

mutmut makes the changes. It would begin pytest anew for each of them, which costs more than the tests do. Here pytest
collects the tests once. Then each change gets a process of its own, forked from one that has run no test: so no cache
of an earlier test hides it. There only the tests run that reach the changed function, the fastest of each file first,
until one fails. What was tried is kept in mutants/tried.tsv, so that a run that was stopped goes on where it was.
"""

import os
import resource
import signal
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from _pytest.runner import runtestprotocol
from mutmut.__main__ import create_mutants
from mutmut.configuration import config
from mutmut.mutation.data import SourceFileMutationData
from mutmut.mutation.trampoline import set_mutant_under_test
from mutmut.state import state
from mutmut.utils.file_utils import copy_also_copy_files, copy_src_dir, walk_mutatable_files
from mutmut.utils.format_utils import mangled_name_from_mutant_name

UNCHANGED = "nothing"
"""The name of no change: with it every test must pass, or a change that is noticed says nothing."""
TRIED = Path("tried.tsv")
"""A change a line: its name, and what became of it."""
CHANGES = Path("changes.txt")
"""The names of the changes."""
_SECONDS = 60
"""Of the processor, beside ten times what its tests usually take: a change that needs more does not end."""
_WAITING = 600
"""By the clock: a change that waits for ever, as for a lock."""
_MOST = float(os.environ.get("MUTANT_SECONDS", "inf"))
"""Of tests that one change may take: core code is reached by a thousand tests."""
_NOTICED, _SURVIVED, _ENDLESS, _UNREACHED = "noticed", "survived", "endless", "no test"


class Reached:
    """Which tests reach which function, and how long each test takes."""

    def __init__(self, seconds: dict[str, float], tests: dict[str, list[str]]) -> None:
        self.seconds, self.tests = seconds, tests

    @classmethod
    def measured(cls, items: list[pytest.Item]) -> "Reached":
        """Run every test once, in a process of its own."""
        kept = Path("reached.json")
        if _in_child(lambda: _measure(items, kept), 0) != 0:
            raise SystemExit("a test fails on the code as it is: mend that first")
        return cls(**orjson.loads(kept.read_bytes()))

    def of(self, mutant: str, items: dict[str, pytest.Item]) -> list[pytest.Item]:
        """Return the tests that reach a change, the fastest of each file first, MUTANT_SECONDS of them at most."""
        ranked, in_file = list[tuple[int, float, str]](), Counter[str]()
        names = self.tests.get(mangled_name_from_mutant_name(mutant), [])
        for name in sorted(names, key=lambda name: self.seconds[name]):
            in_file[name.partition("::")[0]] += 1
            ranked.append((in_file[name.partition("::")[0]], self.seconds[name], name))
        left, chosen = _MOST, list[pytest.Item]()
        for _, seconds, name in sorted(ranked):
            if name in items and (seconds <= left or not chosen):
                chosen.append(items[name])
                left -= seconds
        return chosen


def _measure(items: list[pytest.Item], into: Path) -> int:
    set_mutant_under_test("stats")
    seconds: dict[str, float] = {}
    tests: defaultdict[str, list[str]] = defaultdict(list)
    failed = False
    for item, following in zip(items, [*items[1:], None], strict=True):
        began = time.process_time()
        failed |= not _passes(item, following)
        seconds[item.nodeid] = time.process_time() - began
        for function in state()._stats:
            tests[function].append(item.nodeid)
        state()._stats.clear()
        if failed:
            sys.stderr.write(f"fails unchanged: {item.nodeid}\n")
            return 1
    into.write_bytes(orjson.dumps({"seconds": seconds, "tests": tests}))
    return 0


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    reports = runtestprotocol(item, nextitem=following, log=False)
    return all(report.outcome != "failed" for report in reports)


def _in_child(work: Callable[[], int], cpu_seconds: int) -> int:
    """Run work in a forked process, and return its exit code; below 0: the signal that ended it."""
    child = os.fork()
    if child == 0:
        try:
            if cpu_seconds:
                # no hard limit: the reader of workbooks sets its own
                resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, resource.RLIM_INFINITY))
                signal.signal(signal.SIGALRM, signal.SIG_DFL)
                signal.alarm(_WAITING)
            quiet = os.open(os.devnull, os.O_WRONLY)
            os.dup2(quiet, 1)
            if cpu_seconds:
                os.dup2(quiet, 2)
            os._exit(work())
        except BaseException:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Trial:
    """A plugin of pytest: in place of running the tests once, runs them on each change."""

    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Try every change that was not tried yet."""
        items = {item.nodeid: item for item in session.items}
        reached = Reached.measured(session.items)
        if _try(UNCHANGED, session.items, reached) != _SURVIVED:
            raise SystemExit("the tests fail without a change: nothing can be told from them")
        tried = dict(line.split("\t") for line in TRIED.read_text().splitlines()) if TRIED.exists() else {}
        with TRIED.open("a") as file:
            for mutant in CHANGES.read_text().split():
                if mutant not in tried:
                    outcome = _try(mutant, reached.of(mutant, items), reached)
                    file.write(f"{mutant}\t{outcome}\n")
                    file.flush()
        return True


def _try(mutant: str, items: list[pytest.Item], reached: Reached) -> str:
    if not items:
        return _UNREACHED

    def run() -> int:
        set_mutant_under_test(mutant)
        pairs = zip(items, [*items[1:], None], strict=True)
        return int(not all(_passes(item, following) for item, following in pairs))

    usual = sum(reached.seconds.get(item.nodeid, 0) for item in items)
    code = _in_child(run, _SECONDS + int(10 * usual))
    return _SURVIVED if code == 0 else _ENDLESS if code in (-signal.SIGXCPU, -signal.SIGALRM, -9) else _NOTICED


def table() -> None:
    """Print what became of the changes, module by module."""
    counted: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for line in TRIED.read_text().splitlines() if TRIED.exists() else ():
        name, outcome = line.split("\t")
        counted[name.rpartition(".")[0].removeprefix("service.")][outcome] += 1
    for module, outcomes in sorted(counted.items()):
        noticed = outcomes[_NOTICED] + outcomes[_ENDLESS]
        row = outcomes.total(), noticed, outcomes[_SURVIVED], outcomes[_UNREACHED]
        sys.stdout.write(f"| `{module}` | {' | '.join(map(str, row))} |\n")


def make(modules: list[str]) -> None:
    """Write the changed code of these modules or rooms (all without a name) and its tests into mutants/."""
    os.environ["MUTANT_UNDER_TEST"] = "mutant_generation"
    Path("mutants").mkdir(exist_ok=True)
    if modules:
        paths = [name.replace(".", "/") for name in modules]
        config().only_mutate = [pattern for path in paths for pattern in (f"{path}.py", f"{path}/*")]
    copy_src_dir()
    copy_also_copy_files()
    create_mutants(1)
    with ("mutants" / CHANGES).open("w") as file:
        for path in sorted(walk_mutatable_files()):
            data = SourceFileMutationData(path=path)
            data.load()
            file.writelines(f"{name}\n" for name in data.exit_code_by_key)


def main(modules: list[str]) -> None:
    """Make the changes; then try them, in mutants/ and in a process that has imported nothing of the code."""
    if modules != ["--try"]:
        make(modules)
        os.chdir("mutants")
        os.execv(sys.executable, [sys.executable, "-m", "tests.support.mutants", "--try"])
    settings = config()
    selection = os.environ.get("MUTANT_TESTS", "").split() or settings.pytest_add_cli_args_test_selection
    pytest.main(["-n", "0", "--rootdir=.", *settings.pytest_add_cli_args, *selection], plugins=[Trial()])
    table()


if __name__ == "__main__":
    main(sys.argv[1:])
