"""Codes of stores, lanes and cameras: they become folder names and parts of addresses."""

import re

STORE_CODE = re.compile(r"[A-Za-z0-9_-]+")
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
CODE_RULE = "write letters, digits, dot, - and _ only, a letter or digit first"
