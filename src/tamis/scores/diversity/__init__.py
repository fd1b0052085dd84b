"""How varied a dataset is: measures of texts, of vectors and of shares, each with an interval at a stated size."""
