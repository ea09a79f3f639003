"""How each data source opens: one file a source, listed in `opening`; its words are its row in
`words`."""
