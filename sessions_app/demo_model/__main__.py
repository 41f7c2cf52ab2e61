"""Runs the scripted model on its own: `python -m sessions_app.demo_model --port 9000`."""

import argparse
import asyncio
import contextlib
import sys

from sessions_app.demo_model.server import DemoModel


async def serve(port: int, pace: float) -> None:
    """Serve until cancelled."""
    model = DemoModel(port=port, pace=pace)
    await model.start()
    sys.stdout.write(f"Demo model on {model.url}\n")
    sys.stdout.flush()
    try:
        await asyncio.Event().wait()
    finally:
        await model.stop()


def main() -> int:
    """Parse the command line and serve; 1 when the port cannot be opened."""
    parser = argparse.ArgumentParser(description="A Messages API on loopback that answers from scripts.")
    parser.add_argument("--port", type=int, default=0, help="0 picks a free one")
    parser.add_argument("--pace", type=float, default=1.0, help="scales the pauses; 0 is as fast as possible")
    options = parser.parse_args()
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve(options.port, options.pace))
    except OSError as error:
        sys.stderr.write(f"The demo model cannot listen on port {options.port}: {error.strerror}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
