"""Many calls made up from the OpenAPI document, new ones each time: `python -m bench.schema [--examples 300]`

The test of tests/schema with more calls an operation, on the database that `DATABASE_URL` names, or on SQLite. Needs
what requirements-sdk.txt brings.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

BASE_DIR = Path(__file__).resolve().parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--examples", type=int, default=300, help="calls an operation")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"seed {options.seed}")
    told = {"LAUREL_SCHEMA_EXAMPLES": str(options.examples), "LAUREL_SCHEMA_SEED": str(options.seed)}
    command = [sys.executable, "-m", "pytest", "tests/schema", "-n", "2", "-p", "no:logging"]
    return subprocess.run(command, cwd=BASE_DIR, env={**os.environ, **told}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main())
