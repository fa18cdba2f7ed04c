"""From the shipped ONNX file back to PyTorch: the same weights in transformers' own classes, for PEFT and for checks.

    python tools/model/weights.py --model public/models/sensorium-mini --out /tmp/sensorium-mini

writes a folder that AutoModel.from_pretrained, AutoModelForMaskedLM (or AutoModelForCausalLM) and PEFT load.
"""

import argparse
import json
import shutil
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from transformers import AutoConfig, BertForMaskedLM, LlamaForCausalLM

ENDING = ".transposed"


def state(path: Path) -> dict[str, torch.Tensor]:
    """The parameters by their PyTorch names."""
    found = {}
    for tensor in onnx.load(path).graph.initializer:
        value = numpy_helper.to_array(tensor)
        name = tensor.name.removesuffix(".half")
        if value.dtype in (np.float16, np.float32):
            value = value.astype(np.float32)
            found[name.removesuffix(ENDING)] = torch.from_numpy(value.T.copy() if name.endswith(ENDING) else value.copy())
    return found


def from_onnx(folder: Path):
    """The model of a shipped folder. Fails where a parameter is missing."""
    config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
    kind = LlamaForCausalLM if config.model_type == "llama" else BertForMaskedLM
    model = kind(config).eval()
    given = state(folder / "onnx" / "model.onnx")
    names = dict(model.named_parameters())
    missing = sorted(set(names) - set(given))
    if missing:
        raise SystemExit(f"{folder}: the ONNX file lacks {', '.join(missing)}")
    with torch.no_grad():
        for name, parameter in names.items():
            parameter.copy_(given[name])
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    from_onnx(options.model).save_pretrained(options.out)
    for path in options.model.glob("*token*.json"):
        shutil.copy(path, options.out)
    print(json.dumps({"written": str(options.out)}))


if __name__ == "__main__":
    main()
