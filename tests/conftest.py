"""What all tests share: random examples take the time they take, on any machine."""

from hypothesis import settings

settings.register_profile("nngraph", deadline=None)
settings.load_profile("nngraph")
