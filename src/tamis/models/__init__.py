"""What weights are needed for: the only importer of torch, sentence-transformers, faiss and tokenizers."""
