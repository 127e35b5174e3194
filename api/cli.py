"""The command line: `vinculum`."""

import asyncio
import signal
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer
from pydantic import ValidationError

from api.settings import Settings
from api.terminal import console, counted, counting, errors, plain, put, say, show_table, watched
from graph import KnowledgeGraph, open_graph
from graph.derive.rules import with_prefixes
from graph.errors import BadRequest, VinculumError
from graph.terms import parse_date

app = typer.Typer(
    help="A knowledge graph of legal bonds: who must, must not or may do what, towards whom, by when and why.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
Store = Annotated[
    str | None, typer.Option(help="A folder, `memory`, or the URL of a SPARQL endpoint. [env: VINCULUM_STORE]")
]
AsOf = Annotated[
    str | None, typer.Option("--as-of", help="The day the answer is about (YYYY-MM-DD); today unless given.")
]


def main() -> None:
    """Run the command line; an error of ours is one message, not a stack trace."""
    try:
        app()
    except VinculumError as error:
        _fail(error.detail)
    except ValidationError as error:
        _fail("; ".join(f"VINCULUM_{str(e['loc'][0]).upper()}: {e['msg']}" for e in error.errors()))
    except UnicodeDecodeError as error:
        _fail(f"The file is no UTF-8 text: {error.reason} at byte {error.start}.")
    except OSError as error:
        _fail(f"{error.filename or 'The operating system'}: {error.strerror or error}.")


@app.callback()
def _root(
    _: Annotated[
        bool, typer.Option("--version", callback=lambda given: _version(given), is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Options of the command itself."""


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on. [env: VINCULUM_HOST]")] = None,
    port: Annotated[
        int | None, typer.Option(help="The port to listen on. [env: VINCULUM_PORT]", min=0, max=65535)
    ] = None,
    store: Store = None,
    read_only: Annotated[bool, typer.Option("--read-only", help="Refuse all writes over HTTP.")] = False,
) -> None:
    """Serve the graph over HTTP. An empty store is filled with the ontology and the shipped data first."""
    import uvicorn

    from api import logs
    from api.app import create_app

    given = {"host": host, "port": port, "store": store, "read_only": read_only or None}
    settings = Settings().model_copy(update={name: value for name, value in given.items() if value is not None})
    logs.configure()
    with _opened(settings.store) as graph:
        config = uvicorn.Config(create_app(graph, settings), settings.host, settings.port, log_level="warning")
        listener = config.bind_socket()  # so that port 0 gives a free port whose number can be shown
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # inherited; else small answers wait 40 ms
        listener.listen()
        address = f"http://{settings.host}:{listener.getsockname()[1]}"
        say(f"{graph.store.size()} quads in {graph.store.location}.", to=errors)
        say(f"Explore {address}/docs, ask {address}/sparql", to=errors)
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))  # uvicorn raises it again when it is done; then close
        uvicorn.Server(config).run([listener])


@app.command()
def load(
    paths: Annotated[list[Path], typer.Argument(help="RDF files, or folders of them.")],
    graph: Annotated[
        str | None, typer.Option(help="Add the triples to this graph; else each file is a graph of its own.")
    ] = None,
    store: Store = None,
) -> None:
    """Load RDF: Turtle, TriG, N-Triples, N-Quads, N3, RDF/XML, JSON-LD, TriX, HexTuples."""
    from graph.load import load_files

    with _opened(store) as knowledge, watched() as watch:
        touched = load_files(knowledge, paths, datetime.now(UTC), graph, watch)
    for name in touched:
        say(f"loaded into <{name}>")


@app.command()
def query(
    file: Annotated[str, typer.Argument(help="A file with a SPARQL query, or - for standard input.")],
    format: Annotated[
        str, typer.Option(help="table, json, xml, csv, tsv; ttl, nt, jsonld, rdf, trig for CONSTRUCT.")
    ] = "table",
    store: Store = None,
) -> None:
    """Ask a SPARQL query over the default world. The prefixes of the ontology need no declaration."""
    text = with_prefixes(sys.stdin.read() if file == "-" else _read(Path(file)))
    with _opened(store) as graph:
        asyncio.run(_query(graph, text, format))


@app.command()
def path(
    start: Annotated[str, typer.Argument(metavar="FROM", help="The id of the first thing.")],
    end: Annotated[str, typer.Argument(metavar="TO", help="The id of the last thing.")],
    k: Annotated[int, typer.Option("-k", help="How many paths.")] = 3,
    max_length: Annotated[int | None, typer.Option(help="The most steps of a path.")] = None,
    via: Annotated[list[str] | None, typer.Option(help="A thing to pass.")] = None,
    avoid: Annotated[list[str] | None, typer.Option(help="A thing or kind of edge to avoid.")] = None,
    directed: Annotated[bool, typer.Option("--directed", help="Follow relations only in their own direction.")] = False,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Only what can be seen on this day.")] = None,
    store: Store = None,
) -> None:
    """Show how two things are connected."""
    from graph.paths import paths

    with _opened(store) as graph:
        day = parse_date(as_of, "--as-of") if as_of else None
        found = paths(
            graph,
            start,
            end,
            k=k,
            max_length=max_length,
            via=via or (),
            avoid=avoid or (),
            directed=directed,
            as_of=day,
        )
    if not found:
        say(f"{start} and {end} are not connected.")
    for number, one in enumerate(found, 1):
        say(f"{number}. {one.text}")
        for step in one.steps:
            for edge in step.edges:
                sources = f" [{', '.join(edge.sources)}]" if edge.sources else ""
                say(f"     {edge.source} —{edge.label}→ {edge.target}{sources}", dim=True)


@app.command()
def obligations(
    bearer: Annotated[str | None, typer.Option(help="Who is bound.")] = None,
    counterparty: Annotated[str | None, typer.Option(help="Towards whom.")] = None,
    market: Annotated[str | None, typer.Option(help="Whose law: US, CA, AU, NZ, CN.")] = None,
    modality: Annotated[str | None, typer.Option(help="obligation, prohibition, permission or power.")] = None,
    state: Annotated[str | None, typer.Option(help="active, pending, fulfilled, violated, …")] = None,
    instrument: Annotated[str | None, typer.Option(help="Under which instrument.")] = None,
    as_of: AsOf = None,
    store: Store = None,
) -> None:
    """List legal positions with their state on a day."""
    from graph.read.obligations import obligations as read

    with _opened(store) as graph:
        found = read(
            graph, _day(as_of), bearer=bearer, counterparty=counterparty, market=market, modality=modality, state=state,
            instrument=instrument,
        )  # fmt: skip
    for o in found:
        say(o.sentence)
        due = f"due {o.due}, " if o.due else ""
        say(f"    {due}{o.state} ({o.because}); {o.provision.label}")
        say(f"    {o.id}", dim=True)
    say(f"{counted(len(found), 'legal position')} on {_day(as_of)}. Information, not legal advice.")


@app.command()
def explain(
    id: Annotated[str, typer.Argument(help="The id of a legal position, as `obligations` lists it.")],
    as_of: AsOf = None,
    store: Store = None,
) -> None:
    """Say why a legal position exists and how it stands."""
    from graph.read.explanations import Premise
    from graph.read.explanations import explain as read

    def show(premise: Premise, depth: int) -> None:
        sources = ", ".join(ref.label for ref in premise.source.sources) or "no source named"
        weight = premise.source.confidence or "confidence not stated"
        name = premise.rule.label if premise.rule else premise.fact.label
        say(f"{'  ' * depth}- {name} [{sources}; {weight}]")
        for ground in premise.grounds:
            show(ground, depth + 1)

    with _opened(store) as graph:
        found = read(graph, id, _day(as_of))
    say(found.paragraph)
    for premise in (found.rule, *found.premises, *found.acts):
        show(premise, 0)


@app.command("why-not")
def why_not(
    norm: Annotated[str, typer.Argument(help="The id of a norm.")],
    party: Annotated[str, typer.Argument(help="The id of a party.")],
    as_of: AsOf = None,
    store: Store = None,
) -> None:
    """Say whether a norm binds a party, and if not, which part of its condition fails."""
    from graph.read.whynot import why_not as read

    with _opened(store) as graph:
        found = read(graph, norm, party, _day(as_of))
    say(f"{found.norm.label}: {found.because}.")
    for part in found.met:
        say(f"  met:   {part}", dim=True)
    if found.fails:
        say(f"  fails: {found.fails}")


@app.command()
def conflicts(
    about: Annotated[str | None, typer.Option(help="Only conflicts that concern this thing.")] = None,
    as_of: AsOf = None,
    store: Store = None,
) -> None:
    """List legal positions that cannot all be met, with who can lift them and the ways out."""
    from graph.conflicts import conflicts as read

    with _opened(store) as graph:
        found = read(graph, _day(as_of), about=about)
    for conflict in found:
        say(f"{conflict.severity}, {conflict.pattern}: {conflict.because}")
        for side in conflict.sides:
            lifters = ", ".join(ref.label for ref in side.lifted_by)
            lifted = f"; can be lifted by {lifters}" if lifters else ""
            say(f"  - {side.obligation.sentence} ({side.obligation.provision.label}{lifted})")
        for out in conflict.ways_out:
            when = f", expected by {out.earliest}" if out.earliest else ""
            say(f"  way out: {out.label}{when}")
    say(f"{counted(len(found), 'conflict')} on {_day(as_of)}. Information, not legal advice.")


@app.command("test")
def try_cases(
    paths: Annotated[list[Path], typer.Argument(help="Trial cases (TOML), and RDF files with law in draft.")],
) -> None:
    """Try trial cases against the shipped law and drafts; exit 1 where one comes out otherwise than it expects."""
    from graph.trials import run_trials

    outcomes = run_trials(paths)
    for outcome in outcomes:
        if outcome.fault:
            say(f"{outcome.file}: {outcome.case}: expected {outcome.expected}, but {outcome.fault}", to=errors)
    failed = sum(1 for outcome in outcomes if outcome.fault)
    say(f"{len(outcomes) - failed} as expected, {failed} otherwise")
    if failed:
        raise typer.Exit(1)


@app.command()
def deal(
    files: Annotated[
        list[str],
        typer.Argument(
            metavar="FILE...",
            help="A deal (JSON, JSON-LD .jsonld, Turtle .ttl; - for standard input). Others are compared with it.",
        ),
    ],
    format: Annotated[
        str, typer.Option(help="text or json; for one deal also turtle, jsonld, or html: a memorandum to print.")
    ] = "text",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; standard output without it.")
    ] = None,
    as_of: Annotated[
        str | None, typer.Option("--as-of", help="Ask of this day (YYYY-MM-DD) instead of the deal's own.")
    ] = None,
    search: Annotated[bool, typer.Option("--search", help="Look for single changes that save the deal.")] = False,
    store: Store = None,
) -> None:
    """Assess a deal: what binds its parties, who can lift it, and whether it can close in time."""
    from api.dealings import dealings

    if search and len(files) > 1:
        raise BadRequest("--search takes one deal. Leave out the others.")
    paper = console if console.is_terminal and output is None else None
    told = [_described(file, as_of) for file in files]
    with _opened(store) as graph, counting("changes tried") as watch:
        content = dealings(graph, told, format, paper, watch if search else None)
    put(content, output)


def _described(file: str, as_of: str | None) -> dict[str, Any]:
    """The deal of a file, asked of another day where one is given."""
    from graph.deals.documents import described, media_of

    text = sys.stdin.buffer.read() if file == "-" else _read(Path(file)).encode()
    told = described(text, media_of(file, text))
    return told | {"date": str(parse_date(as_of, "--as-of"))} if as_of else told


@app.command()
def export(
    format: Annotated[
        str, typer.Argument(help="graphml, gexf, cytoscape, dot, csv, svg, html, ttl, trig, nq or jsonld.")
    ],
    focus: Annotated[str | None, typer.Option(help="The id of a thing; the whole graph without one.")] = None,
    radius: Annotated[int, typer.Option(help="How many steps around the focus.")] = 1,
    as_of: Annotated[str | None, typer.Option("--as-of", help="Only what can be seen on this day.")] = None,
    include: Annotated[list[str] | None, typer.Option(help="A kind of edge to add, such as spoke-of.")] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="The file to write; standard output without it.")
    ] = None,
    store: Store = None,
) -> None:
    """Write the graph or a neighbourhood to a file."""
    from graph.output import write

    with _opened(store) as graph:
        day = parse_date(as_of, "--as-of") if as_of else None
        content, _ = write(graph, format, focus=focus, radius=radius, as_of=day, include=include or ())
    put(content, output)


@app.command()
def check(
    paths: Annotated[list[Path] | None, typer.Argument(help="Files to check; the whole store without any.")] = None,
    store: Store = None,
) -> None:
    """Validate files together, or what the store holds, against the shapes and the rules for norms; exit 1 for faults.

    Files may refer to what the store describes; to what is shipped, where there is no store yet.
    """
    from graph.check import check_files, check_store
    from graph.load import stage

    place = _place(store)
    unfilled = isinstance(place, Path) and not place.exists()
    with stage(KnowledgeGraph, datetime.now(UTC)) if paths and unfilled else _opened(store) as graph:
        found = check_files(graph, paths) if paths else check_store(graph)
    for finding in found:
        say(str(finding))
    faults = sum(not finding.warning for finding in found)
    say(f"{counted(faults, 'fault')}, {counted(len(found) - faults, 'warning')}")
    if faults:
        raise typer.Exit(1)


@app.command()
def backup(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder that does not exist yet.")],
    store: Store = None,
) -> None:
    """Write a copy of the store that `--store DIR` opens."""
    if folder.exists() or not folder.absolute().parent.is_dir():
        raise BadRequest(f"{folder}: it exists already, or the folder it would be in does not. Name a new folder.")
    with _opened(store) as graph:
        graph.store.snapshot(folder)
    say(f"backed up to {folder}")


async def _query(graph: KnowledgeGraph, text: str, format: str) -> None:
    from graph.sparql.service import SHORT, QueryService, offers
    from graph.sparql.text import inspect

    form = inspect(text).form
    kinds = {**SHORT, "table": "text/tab-separated-values" if form == "SELECT" else offers(form)[0]}
    service = QueryService(graph)
    try:
        blocks = service.stream(text, kinds.get(format, format), seconds=Settings().query_timeout)
        if format == "table" and form == "SELECT":
            show_table(b"".join([block async for block in blocks]))
            return
        async for block in blocks:
            sys.stdout.buffer.write(block)
            sys.stdout.buffer.flush()
    finally:
        await service.close()


def _fail(detail: str) -> NoReturn:
    errors.print(f"[red]Error:[/red] {plain(detail)}", highlight=False, soft_wrap=not errors.is_terminal)
    sys.exit(1)


def _place(store: str | None) -> str | Path:
    return (Settings(store=store) if store else Settings()).store_path


@contextmanager
def _opened(store: str | None) -> Iterator[KnowledgeGraph]:
    """The graph, filled with a progress bar where it is empty."""
    with watched() as watch:
        graph = open_graph(_place(store), watch=watch)
    with graph:
        yield graph


def _read(file: Path) -> str:
    from graph.errors import NotFound

    if not file.is_file():
        raise NotFound(f"{file}: there is no such file.")
    return file.read_text(encoding="utf-8")


def _day(given: str | None) -> date:
    return parse_date(given, "--as-of") if given else date.today()


def _version(given: bool) -> None:
    if given:
        say(f"vinculum {version('vinculum')}")
        raise typer.Exit
