"""The vocabulary: what each word of the language means, one row a word."""
