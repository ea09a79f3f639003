"""What a user may write: the vocabulary as models, and YAML text to a `Document` with places.

Codes of its errors: E101 syntax, E102 not plain text, E103 given twice, E104 unknown key, E105
missing key, E106 wrong type, E107 wrong value, E108 unknown word, E109 no value, E110 forms of
YAML that are refused, E111 budgets, E112 ids, E113 overlong numbers, E114 files outside the
folder, E120 to E128 the text of edges, E130 and E131 overrides, E140 and E141 CSV files, E190
words of the language that this version cannot follow yet.
"""

from nngraph.spec.arrows import End
from nngraph.spec.document import Document, EdgeEntry, NodeEntry
from nngraph.spec.model import Spec
from nngraph.spec.read import TEXT, open_spec, parse_spec, read_spec

__all__ = [
    "TEXT",
    "Document",
    "EdgeEntry",
    "End",
    "NodeEntry",
    "Spec",
    "open_spec",
    "parse_spec",
    "read_spec",
]
