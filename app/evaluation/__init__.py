"""How well the judgements of texts do: recall and false hits on cases kept aside."""
