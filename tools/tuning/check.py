"""What PyTorch, peft and onnxruntime make of models, adapters and training runs of Sensorium. A task in, an answer out.

    echo '{"task": "states", ...}' | python tools/tuning/check.py

Reads one task as JSON, prints one answer as JSON on the last line. The tests of test/tuning and test/app ask it where
Python has torch, transformers, peft, onnx and onnxruntime, and skip where it has not. Texts are given as
{"ids": [[...]], "mask": [[...]]}, padded on the right, or as {"words": [...], "tokenizer": folder or zip}: then states
are means over the tokens of each word without the special ones, one row a word.

states: {"class": name, "model": folder, "adapter": folder, zip or null, **texts}
    the hidden states with the adapter (layers x texts x tokens x d), and the parameters that it changed.
onnx: {"model": folder or zip, "file": path in it, "outputs": names or null for all, **texts}
    the outputs of an ONNX file by name, as onnxruntime gives them; for words pooled too.
train: {"class", "model", "modules": [...], "rank", "scale", "first": {name: numbers}, "batches": [...], "settings": {...}}
    trains a LoraConfig adapter (and for ratings a linear head) from the first values given, on the batches in their
    order; the loss and the gradients' norm of every step. See `train`.
weights: {"before": file, "after": file, "name": initialiser}
    after - before of an initialiser, as the onnx package reads it, external data included.
save: {"class", "model", "adapter": folder or null, **texts}
    has peft itself make and save a random adapter, for null as a zip of its folder in base64; the hidden states with it.
"""

import base64
import contextlib
import json
import pathlib
import shutil
import sys
import tempfile
import zipfile

import torch
import transformers

BIAS = "rating.bias"
WEIGHT = "rating.weight"


@contextlib.contextmanager
def unpacked(path):
    """A folder as it is, a zip as the folder of its files."""
    if path is None or pathlib.Path(path).is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        with zipfile.ZipFile(path) as archive:
            assert archive.testzip() is None, "a file of the zip is damaged"
            archive.extractall(folder)
        yield folder


def load(task):
    """The class that the ONNX file was exported from. Dropout is off: evaluation, in training too."""
    options = {"add_pooling_layer": False} if task["class"] == "BertModel" else {}
    return getattr(transformers, task["class"]).from_pretrained(task["model"], attn_implementation="eager", **options).eval()


def with_tokens(task):
    """The task with its words as ids and mask, and what each token counts in the mean."""
    if "words" not in task:
        return task
    with unpacked(task["tokenizer"]) as folder:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    fed = tokenizer(task["words"], padding=True, padding_side="right", return_special_tokens_mask=True)
    own = [[float(used and not special) for used, special in zip(*row, strict=True)] for row in zip(fed["attention_mask"], fed["special_tokens_mask"], strict=True)]
    return {**task, "ids": fed["input_ids"], "mask": fed["attention_mask"], "own": own}


def pooled(state, task):
    """texts x tokens x d, or texts x d where there are words."""
    if "own" not in task:
        return state
    own = torch.tensor(task["own"])[:, :, None]
    return (state * own).sum(1) / own.sum(1)


def run(model, texts):
    return model(input_ids=torch.tensor(texts["ids"]), attention_mask=torch.tensor(texts["mask"]), output_hidden_states=True)


def states(model, task):
    with torch.no_grad():
        return [pooled(state, task).tolist() for state in run(model, task).hidden_states]


def with_adapter(task):
    model = load(task)
    if task["adapter"] is None:
        return {"states": states(model, task), "changed": []}
    from peft import PeftModel

    with unpacked(task["adapter"]) as folder:
        model = PeftModel.from_pretrained(model, folder).eval()
    changed = [name for name, value in model.named_parameters() if "lora_B" in name and value.abs().max() > 0]
    return {"states": states(model, task), "changed": changed}


def saved(task):
    from peft import LoraConfig, get_peft_model

    torch.manual_seed(5)
    settings = {"rank_pattern": {"layer.1.attention.self.query": 2}, "alpha_pattern": {"intermediate.dense": 2.5}}
    model = get_peft_model(load(task), LoraConfig(r=3, lora_alpha=7, target_modules=["query", "intermediate.dense"], **settings))
    for name, value in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(value, std=0.05)
    model.eval()
    if task["adapter"]:
        model.save_pretrained(task["adapter"])
        return {"states": states(model, task)}
    with tempfile.TemporaryDirectory() as folder:
        model.save_pretrained(f"{folder}/saved/adapter")
        zipped = shutil.make_archive(f"{folder}/packed", "zip", f"{folder}/saved")
        return {"states": states(model, task), "zip": base64.b64encode(pathlib.Path(zipped).read_bytes()).decode()}


def in_onnxruntime(task):
    import numpy
    import onnxruntime

    with unpacked(task["model"]) as folder:
        session = onnxruntime.InferenceSession(pathlib.Path(folder) / task["file"], providers=["CPUExecutionProvider"])
    ids = numpy.array(task["ids"], dtype="int64")
    given = {"input_ids": ids, "attention_mask": numpy.array(task["mask"], dtype="int64"), "token_type_ids": numpy.zeros_like(ids)}
    names = task.get("outputs") or [output.name for output in session.get_outputs()]
    outputs = session.run(names, {entry.name: given[entry.name] for entry in session.get_inputs()})
    return {name: pooled(torch.tensor(value), task).tolist() for name, value in zip(names, outputs, strict=True)}


def changes(task):
    import onnx
    from onnx import numpy_helper

    arrays = []
    for path in (task["before"], task["after"]):
        (tensor,) = [tensor for tensor in onnx.load(path).graph.initializer if tensor.name == task["name"]]
        arrays.append(numpy_helper.to_array(tensor).astype("float64"))
    return {"change": (arrays[1] - arrays[0]).tolist()}


def loss_of(model, head, batch):
    """Ratings: mean squared error over the known targets (null: unknown) of a linear head on the weighted mean of the
    last hidden state. Language: mean -ln p of the targets [text, token, id]; what a causal model gives at a token speaks
    of the next one."""
    output = run(model, batch)
    if "weights" in batch:
        weights = torch.tensor(batch["weights"], dtype=torch.float32).reshape(len(batch["ids"]), -1, 1)
        pooled = (output.hidden_states[-1] * weights).sum(1) / weights.sum(1)
        known = torch.tensor([target is not None for target in batch["targets"]])
        targets = torch.tensor([target or 0.0 for target in batch["targets"]])
        return ((head(pooled).flatten() - targets)[known] ** 2).mean()
    shift = int(batch["causal"])
    rows = torch.log_softmax(output.logits, dim=-1)
    return -torch.stack([rows[text, token - shift, token_id] for text, token, token_id in batch["targets"]]).mean()


def train(task):
    """The run of src/tuning/trainer.ts in PyTorch: peft's layers, clip_grad_norm_, torch.optim, transformers' schedules.

    first: "<module>.a" (inputs x rank, row-major; peft's lora_A is its transpose), "rating.weight" (d x dimensions) and
    "rating.bias"; B starts at zero, as in peft. settings: optimiser (see OptimiserSettings), clip (null for none),
    schedule {decay, peak, warmUp, steps}.
    """
    from peft import LoraConfig, get_peft_model

    rank, settings, first = task["rank"], task["settings"], task["first"]
    model = get_peft_model(load(task), LoraConfig(r=rank, lora_alpha=task["scale"] * rank, target_modules=task["modules"], lora_dropout=0.0)).eval()
    parameters = dict(model.named_parameters())
    trained = []
    for module in task["modules"]:
        a, b = (parameters[f"base_model.model.{module}.lora_{part}.default.weight"] for part in "AB")
        with torch.no_grad():
            a.copy_(torch.tensor(first[f"{module}.a"]).reshape(-1, rank).T)
        assert b.abs().max() == 0
        trained += [a, b]
    assert len(trained) == sum(value.requires_grad for value in parameters.values())
    head = None
    if WEIGHT in first:
        bias = torch.tensor(first[BIAS])
        weight = torch.tensor(first[WEIGHT]).reshape(-1, len(bias)).T
        head = torch.nn.Linear(weight.shape[1], weight.shape[0])
        head.load_state_dict({"weight": weight, "bias": bias})
        trained += head.parameters()
    own, plan = settings["optimiser"], settings["schedule"]
    kind = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW}[own["kind"]]
    optimiser = kind(trained, lr=plan["peak"], betas=(own["beta1"], own["beta2"]), eps=own["epsilon"], weight_decay=own["weightDecay"])
    decays = {
        "constant": lambda: transformers.get_constant_schedule_with_warmup(optimiser, plan["warmUp"]),
        "linear": lambda: transformers.get_linear_schedule_with_warmup(optimiser, plan["warmUp"], plan["steps"]),
        "cosine": lambda: transformers.get_cosine_schedule_with_warmup(optimiser, plan["warmUp"], plan["steps"]),
    }
    schedule = decays[plan["decay"]]()
    losses, norms = [], []
    for batch in task["batches"]:
        optimiser.zero_grad()
        loss = loss_of(model, head, batch)
        loss.backward()
        most = settings["clip"]
        norm = torch.nn.utils.clip_grad_norm_(trained, float("inf") if most is None else most)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        norms.append(norm.item())
    return {"losses": losses, "norms": norms}


TASKS = {"states": with_adapter, "onnx": in_onnxruntime, "train": train, "weights": changes, "save": saved}

if __name__ == "__main__":
    task = json.load(sys.stdin)
    print("\n" + json.dumps(TASKS[task["task"]](with_tokens(task))))
