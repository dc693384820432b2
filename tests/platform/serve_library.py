"""Runs the tiny library in a process of its own: ``python -m tests.platform.serve_library SERVICES [--only ROLES]``.

Prints the port on the first line of standard output.
"""

import sys


def main(words: list[str]) -> int:
    from services.platform import green

    only = words[words.index("--only") + 1].split(",") if "--only" in words else None
    if only is None or "commands" in only:
        green.patch()
    from services.platform import roles, runner, settings, telemetry
    from tests.platform import library

    defined = {"books": library.books, "readers": library.readers}
    telemetry.configure("info")
    running = runner.Runner(
        [defined[name]() for name in words[0].split(",")],
        settings.load(),
        work=roles.parse(only) if only else roles.ALL,
        owner="--owner" in words,
    )
    sys.stdout.write(f"{running.port}\n")
    sys.stdout.flush()
    code = running.run()
    if "eventlet" in sys.modules and not green.patched():
        raise AssertionError("eventlet was imported in a process without commands")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
