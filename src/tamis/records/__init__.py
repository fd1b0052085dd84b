"""Data in and out: formats, schemas, and writing that keeps every byte."""
