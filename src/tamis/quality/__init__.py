"""The quality model: an additive one of a dozen features, with its weights in `weights.json`; see docs/quality.md."""
