"""What Python makes of exported adapters, for test/tuning/peft.node.test.ts. Reads a task as JSON, prints JSON.

states: {"task": "states", "class": name, "model": folder, "adapter": folder or null, "ids": [[...]], "mask": [[...]]}
    loads the model with transformers and the adapter with peft; prints the hidden states (layers x rows x tokens x d)
    and the names of parameters that the adapter changed.
weights: {"task": "weights", "before": file, "after": file, "name": initialiser}
    prints after - before of an initialiser, as the onnx package reads it, external data included.
save: {"task": "save", "class": name, "model": folder, "adapter": folder, "ids": [[...]], "mask": [[...]]}
    has peft itself make and save a random adapter; prints the hidden states with it.
"""

import json
import sys

import torch
import transformers


def load(task):
    """The class that the ONNX file was exported from."""
    options = {"add_pooling_layer": False} if task["class"] == "BertModel" else {}
    return getattr(transformers, task["class"]).from_pretrained(task["model"], attn_implementation="eager", **options).eval()


def states(model, task):
    with torch.no_grad():
        output = model(input_ids=torch.tensor(task["ids"]), attention_mask=torch.tensor(task["mask"]), output_hidden_states=True)
    return [state.tolist() for state in output.hidden_states]


def answer(task):
    if task["task"] == "states":
        model = load(task)
        changed = []
        if task["adapter"]:
            from peft import PeftModel

            model = PeftModel.from_pretrained(model, task["adapter"]).eval()
            changed = [name for name, value in model.named_parameters() if "lora_B" in name and value.abs().max() > 0]
        return {"states": states(model, task), "changed": changed}
    if task["task"] == "save":
        from peft import LoraConfig, get_peft_model

        torch.manual_seed(5)
        model = get_peft_model(load(task), LoraConfig(r=3, lora_alpha=7, target_modules=["query", "intermediate.dense"], rank_pattern={"layer.1.attention.self.query": 2}, alpha_pattern={"intermediate.dense": 2.5}))
        for name, value in model.named_parameters():
            if "lora_B" in name:
                torch.nn.init.normal_(value, std=0.05)
        model.eval().save_pretrained(task["adapter"])
        return {"states": states(model, task)}
    import onnx
    from onnx import numpy_helper

    arrays = []
    for path in (task["before"], task["after"]):
        (tensor,) = [tensor for tensor in onnx.load(path).graph.initializer if tensor.name == task["name"]]
        arrays.append(numpy_helper.to_array(tensor).astype("float64"))
    return {"change": (arrays[1] - arrays[0]).tolist()}


if __name__ == "__main__":
    print("\n" + json.dumps(answer(json.loads(sys.argv[1]))))
