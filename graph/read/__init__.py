"""Reading: typed answers to the questions people ask, one module a kind of thing."""
