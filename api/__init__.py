"""The faces of Vinculum: HTTP, the SPARQL protocol and the command line. They hold no logic of their own."""
