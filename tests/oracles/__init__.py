"""Independent oracles: programs that answer the same questions as the product from the documentation alone."""
