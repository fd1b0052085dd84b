"""How row signals run over batches."""
