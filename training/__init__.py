"""From data to weights: corpora, pre-training, tagger, encoder, export, and the scores of each."""
