"""Every name that is read from the environment stands in `.env.example`, and nothing else does."""

import re

from conftest import BASE_DIR

READS = re.compile(r"""(?:\benv(?:\.\w+)?\(|\bos\.environ\.get\()\s*["']([A-Z_]+)["']""")
NAMED = re.compile(r"^(?:# )?([A-Z][A-Z_]+)=", re.MULTILINE)
READERS = ["rewards_site/settings.py", "script/serve.py"]


def test_env_example_names_every_setting_once():
    read = {name for file in READERS for name in READS.findall((BASE_DIR / file).read_text())}
    assert sorted(NAMED.findall((BASE_DIR / ".env.example").read_text())) == sorted(read)
