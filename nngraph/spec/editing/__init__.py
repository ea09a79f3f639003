"""The user's text, changed at a place: comments, order, quotes and layout stay as they are."""
