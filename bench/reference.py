"""The reference server, run as a program: rdflib-endpoint's own application over the triples of one file.

python reference.py FILE memory|oxrdflib PORT
"""

import sys

import rdflib
import uvicorn
from rdflib_endpoint import SparqlEndpoint


def graph_of(file: str, kind: str) -> rdflib.Graph:
    """The triples in rdflib's own memory store, or in oxrdflib's."""
    if kind == "memory":
        return rdflib.Graph().parse(file, format="nt")
    from rdflib.graph import DATASET_DEFAULT_GRAPH_ID

    return rdflib.Graph(store="Oxigraph", identifier=DATASET_DEFAULT_GRAPH_ID).parse(file, format="ox-nt")


if __name__ == "__main__":
    _, name, store, port = sys.argv
    app = SparqlEndpoint(graph=graph_of(name, store))
    uvicorn.run(app, host="127.0.0.1", port=int(port), log_level="warning")
