"""The routes, one module an audience."""
