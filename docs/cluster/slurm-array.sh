#!/bin/bash
# A sweep as a Slurm job array: task K of the array solves part K of N.
#
#   sbatch --array=1-16 slurm-array.sh 16 OUT MODEL --vary PATH=FROM..TO:COUNT ...
#   sbatch --dependency=afterok:JOB --wrap "loopwatt merge OUT"
#
# The first argument is N, the number of parts; OUT is a folder that all nodes see. A task that was
# killed, preempted or ran into its time limit is started again with the same arguments and goes on
# where it was: --array=3,7 and again 16. LOOPWATT names the program where it is not on the PATH.
#SBATCH --job-name=loopwatt-sweep
#SBATCH --cpus-per-task=1
#SBATCH --requeue
#SBATCH --open-mode=append

set -euo pipefail

if [ $# -lt 3 ]; then
    echo "usage: sbatch --array=1-N slurm-array.sh N OUT MODEL --vary PATH=VALUES ..." >&2
    exit 2
fi
parts=$1 out=$2
shift 2
if [ -z "${SLURM_ARRAY_TASK_ID:-}" ]; then
    echo "slurm-array.sh: no array task; submit with sbatch --array=1-$parts" >&2
    exit 2
fi

exec "${LOOPWATT:-loopwatt}" sweep "$@" --out "$out" --shard "$SLURM_ARRAY_TASK_ID/$parts" \
    --threads "${SLURM_CPUS_PER_TASK:-1}"
