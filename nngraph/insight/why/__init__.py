"""Why a run does not learn: what it has recorded, and rules that read it."""

from nngraph.insight.why.causes import causes_of
from nngraph.insight.why.record import Record, read_record

__all__ = ["Record", "causes_of", "read_record"]
