"""A sweep on a Dask cluster: every task solves one part, the last step merges them.

    python dask_sweep.py PARTS OUT MODEL --vary PATH=FROM..TO:COUNT ...
    DASK_SCHEDULER=tcp://host:8786 python dask_sweep.py ...     # a cluster that runs already

OUT is a folder that all workers see. A part whose worker dies is started again by Dask and goes on
where it was. LOOPWATT names the program where it is not on the PATH.
"""

import os
import subprocess
import sys

from dask.distributed import Client, as_completed

PROGRAM = os.environ.get("LOOPWATT", "loopwatt")


def solve(part: int, parts: int, out: str, arguments: list[str]) -> int:
    """Solves one part on one thread."""
    command = [PROGRAM, "sweep", *arguments, "--out", out, "--shard", f"{part}/{parts}", "--threads", "1"]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"part {part}/{parts}: {done.stderr.strip()}")
    return part


def main() -> int:
    if len(sys.argv) < 4:
        print(__doc__, file=sys.stderr)
        return 2
    parts, out, arguments = int(sys.argv[1]), os.path.abspath(sys.argv[2]), sys.argv[3:]
    with Client(os.environ.get("DASK_SCHEDULER")) as client:
        work = [client.submit(solve, part, parts, out, arguments, retries=3, pure=False) for part in range(1, parts + 1)]
        for done in as_completed(work):
            done.result()
    return subprocess.run([PROGRAM, "merge", out]).returncode


if __name__ == "__main__":
    sys.exit(main())
