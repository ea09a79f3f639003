"""What each augmentation does, listed in `effects`; its words are its row in `words`."""
