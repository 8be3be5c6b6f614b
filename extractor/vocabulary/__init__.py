"""The words of the trade: samplers, AIRs, names and hashes of models."""
