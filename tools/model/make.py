"""Makes both bundled models from the text, in order: python tools/model/make.py.

Each step is a script of its own and can be run alone; --from and --to name the steps to start and end with.
"""

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
STEPS: list[tuple[str, list[str]]] = [
    ("tokenizer", ["prepare.py"]),
    ("counts-en", ["cooccurrence.py", "--language", "en"]),
    ("counts-nl", ["cooccurrence.py", "--language", "nl", "--minimum", "3", "--words", "60000"]),
    ("teacher", ["teacher.py"]),
    # In two parts each: the second with other weights, see the README.
    ("encoder", ["train.py", "--steps", "6500", "--stop", "2000", "--name", "encoder-first"]),
    ("encoder-text", ["train.py", "--start", "encoder-first", "--seed", "1", "--text-weight", "0.6", "--mask-share", "0.2", "--steps", "5600"]),
    ("causal", ["causal.py", "--steps", "6000", "--stop", "1000", "--name", "causal-first"]),
    (
        "causal-text",
        ["causal.py", "--start", "causal-first", "--seed", "1", "--table-rate", "2e-4", "--distil-weight", "100"]
        + ["--distil-layers", "1", "2", "3", "--steps", "2400"],
    ),
    ("export", ["export.py"]),
    ("export-causal", ["export.py", "--causal"]),
    ("evaluate", ["evaluate.py"]),
    ("tune", ["tune.py"]),
    ("reference", ["reference.py"]),
]


def main() -> None:
    names = [name for name, _ in STEPS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--from", dest="first", choices=names, default=names[0])
    parser.add_argument("--to", dest="last", choices=names, default=names[-1])
    parser.add_argument("--corpora", type=Path, default=Path("../shared/corpora"))
    parser.add_argument("--study", type=Path, default=Path("../shared/study"))
    parser.add_argument("--work", type=Path, default=Path("/tmp/sensorium-model"))
    parser.add_argument("--norms", type=Path, default=Path("../shared/norms"), help="similarity judgements, for evaluate")
    parser.add_argument("--glove", type=Path, default=Path("../shared/models/glove_twitter_25d_subset"), help="vectors to compare with, for evaluate")
    options = parser.parse_args()
    chosen = STEPS[names.index(options.first) : names.index(options.last) + 1]

    # Hours may lie between the first step and the one that misses its input.
    needed = [options.corpora, options.study, *([options.norms, options.glove] if "evaluate" in dict(chosen) else [])]
    missing = [str(folder) for folder in needed if not folder.is_dir()]
    if missing:
        raise SystemExit(f"not found: {', '.join(missing)}; give their places with --corpora, --study, --norms and --glove")

    # glibc gives large blocks back to the system at once; keeping them saves a seventh of the training time.
    keep = {"MALLOC_MMAP_THRESHOLD_": str(2**33), "MALLOC_TRIM_THRESHOLD_": str(2**34), "MALLOC_TOP_PAD_": str(2**28)}
    environment = {"OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", **keep, **os.environ}
    shared = ["--corpora", str(options.corpora), "--study", str(options.study), "--work", str(options.work)]
    for name, command in chosen:
        more = ["--norms", str(options.norms), "--glove", str(options.glove)] if name == "evaluate" else []
        started = time.time()
        print(f"== {name}: {' '.join(command)}", flush=True)
        subprocess.run([sys.executable, str(HERE / command[0]), *command[1:], *shared, *more], check=True, env=environment)
        print(f"== {name}: {time.time() - started:.0f} s", flush=True)


if __name__ == "__main__":
    main()
