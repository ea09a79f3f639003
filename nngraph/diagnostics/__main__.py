"""`python -m nngraph.diagnostics > docs/errors.md` writes the reference of errors anew."""

from __future__ import annotations

import sys

from nngraph.diagnostics.reference import reference_page

if __name__ == "__main__":
    sys.stdout.write(reference_page())
