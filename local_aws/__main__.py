"""Command line of the local AWS: python -m local_aws start|stop|status|leftovers|serve."""

from pathlib import Path
from typing import Annotated

import typer

from local_aws.server import LocalAws, LocalAwsError
from local_aws.serving import serve as serve_until_stopped

Directory = Annotated[Path, typer.Option(help="Where it keeps its address and its log.")]
DIRECTORY = Path(".build/local_aws")

app = typer.Typer(help="An AWS on this computer.", no_args_is_help=True, add_completion=False)


def _running(directory: Path) -> LocalAws:
    running = LocalAws.running(directory)
    if running is None:
        typer.echo(f"No local AWS runs for {directory}. Start it with: python -m local_aws start", err=True)
        raise typer.Exit(1)
    return running


@app.command()
def start(directory: Directory = DIRECTORY) -> None:
    """Starts it in the background and prints the lines that point a shell to it."""
    try:
        running = LocalAws.start(directory)
    except LocalAwsError as error:
        typer.echo(str(error), err=True)
        raise typer.Exit(1) from None
    for name, value in running.environment().items():
        typer.echo(f"export {name}={value}")
    typer.echo("unset AWS_CA_BUNDLE AWS_PROFILE AWS_SESSION_TOKEN")


@app.command()
def stop(directory: Directory = DIRECTORY) -> None:
    """Stops the one that runs in the background."""
    running = LocalAws.running(directory)
    if running:
        running.stop()


@app.command()
def status(directory: Directory = DIRECTORY) -> None:
    """Says where it runs."""
    running = _running(directory)
    typer.echo(f"{running.endpoint_url} (pid {running.pid})")


@app.command()
def leftovers(directory: Directory = DIRECTORY) -> None:
    """Lists what exists on it, one line each; exit code 1 if there is anything."""
    found = _running(directory).leftovers()
    for collection, names in found.items():
        for name in names:
            typer.echo(f"{collection} {name}")
    raise typer.Exit(1 if found else 0)


@app.command()
def serve(
    directory: Directory = DIRECTORY,
    with_parent: Annotated[bool, typer.Option(help="End when standard input closes.")] = False,
) -> None:
    """Serves in the foreground."""
    directory.mkdir(parents=True, exist_ok=True)
    serve_until_stopped(directory, with_parent)


if __name__ == "__main__":
    app()
