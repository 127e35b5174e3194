"""SPARQL: the text and its limits, the named queries, and the pool of workers that runs users' queries."""
