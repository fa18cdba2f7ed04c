"""Short runs of torch.optim, clip_grad_norm_ and the schedules of transformers, for test/tuning/optimiser.test.ts.

    /path/to/venv/bin/python test/tuning/references/make_optimiser_references.py

Needs torch and transformers. Writes optimiser.json beside this script: seeded parameters and gradients, and the
parameters after each step. Numbers are float32, written so that reading them gives the same bits.
"""
import json
import pathlib

import torch
from transformers import get_constant_schedule_with_warmup, get_cosine_schedule_with_warmup, get_linear_schedule_with_warmup

STEPS = 12
generator = torch.Generator().manual_seed(20261121)
SIZES = {"a": 5, "b": 3}
start = {name: torch.randn(size, generator=generator) for name, size in SIZES.items()}
# Sizes from 1e-6 to 10: small moments against epsilon too.
gradients = [{name: torch.randn(size, generator=generator) * 10.0 ** torch.randint(-6, 2, (size,), generator=generator) for name, size in SIZES.items()} for _ in range(STEPS)]


def plain(tensors):
    return {name: tensor.tolist() for name, tensor in tensors.items()}


def trajectory(kind, rates, **settings):
    parameters = {name: tensor.clone().requires_grad_() for name, tensor in start.items()}
    optimiser = getattr(torch.optim, kind)(list(parameters.values()), lr=1.0, foreach=False, fused=False, **settings)
    path = []
    for rate, gradient in zip(rates, gradients):
        for name, parameter in parameters.items():
            parameter.grad = gradient[name].clone()
        optimiser.param_groups[0]["lr"] = rate
        optimiser.step()
        path.append(plain({name: parameter.detach() for name, parameter in parameters.items()}))
    return path


def schedule(make, peak, *steps):
    optimiser = torch.optim.SGD([torch.zeros(1)], lr=peak)
    rates = make(optimiser, *steps)
    found = []
    for _ in range(STEPS):
        found.append(rates.get_last_lr()[0])
        optimiser.step()
        rates.step()
    return found


def clipped(most):
    found = []
    for gradient in gradients:
        parameters = [torch.zeros_like(value) for value in gradient.values()]
        for parameter, value in zip(parameters, gradient.values()):
            parameter.grad = value.clone()
        norm = torch.nn.utils.clip_grad_norm_(parameters, most)
        found.append({"norm": norm.item(), "gradients": plain({name: parameter.grad for name, parameter in zip(gradient, parameters)})})
    return found


flat = [0.05] * STEPS
linear = schedule(get_linear_schedule_with_warmup, 0.05, 4, STEPS)
runs = [
    {"kind": "adamw", "rates": flat, "settings": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.1}, "path": trajectory("AdamW", flat, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)},
    {"kind": "adamw", "rates": linear, "settings": {"beta1": 0.8, "beta2": 0.95, "epsilon": 1e-4, "weightDecay": 0}, "path": trajectory("AdamW", linear, betas=(0.8, 0.95), eps=1e-4, weight_decay=0)},
    {"kind": "adamw", "rates": flat, "settings": {"beta1": 0.3, "beta2": 0.9, "epsilon": 1e-8, "weightDecay": 0.01}, "path": trajectory("AdamW", flat, betas=(0.3, 0.9), eps=1e-8, weight_decay=0.01)},
    {"kind": "adam", "rates": flat, "settings": {"beta1": 0.9, "beta2": 0.999, "epsilon": 1e-8, "weightDecay": 0.1}, "path": trajectory("Adam", flat, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.1)},
]  # fmt: skip
schedules = {
    "constant": schedule(get_constant_schedule_with_warmup, 0.05, 4),
    "linear": linear,
    "cosine": schedule(get_cosine_schedule_with_warmup, 0.05, 4, STEPS),
    "cosine without": schedule(get_cosine_schedule_with_warmup, 0.05, 0, STEPS),
}
reference = {"note": f"torch {torch.__version__}, from make_optimiser_references.py", "start": plain(start), "gradients": [plain(gradient) for gradient in gradients], "runs": runs, "schedules": schedules, "clipped": clipped(1.0)}
path = pathlib.Path(__file__).with_name("optimiser.json")
path.write_text(json.dumps(reference, separators=(",", ":")) + "\n")
print(path.name, path.stat().st_size, "bytes")
