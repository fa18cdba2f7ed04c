"""Files as NumPy, safetensors, pyarrow and gensim-like writers make them, small enough to be kept: made.json holds them in base64.

python test/data/arrays/make.py     (needs numpy, torch, safetensors, pyarrow)
"""
import base64, gzip, io, json, pathlib, struct
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.lib import format as npy
from safetensors.torch import save as save_tensors

words = ["apple", "Brot", "naïve", "ice cream"]
# Exact in half precision and in bfloat16, and no two alike.
table = np.arange(12, dtype=np.float64).reshape(4, 3) - 5.5
deep = np.stack([table, table * 2, table + 16])  # layers x words x d
files = {}


def array(name, values, version=None):
    out = io.BytesIO()
    npy.write_array(out, values, version=version, allow_pickle=True)
    files[name] = out.getvalue()


array("plain.npy", table.astype("<f4"))
array("double.npy", table)
array("fortran.npy", np.asfortranarray(table))
array("big.npy", table.astype(">f4"))
array("half.npy", table.astype("<f2"))
array("ints.npy", (table * 2).astype("<i2"))
array("long-big.npy", (table * 2).astype(">i8"))
array("version2.npy", table.astype("<f4"), (2, 0))
array("version3.npy", table.astype("<f4"), (3, 0))
array("deep.npy", deep.astype("<f4"))
array("deep-fortran.npy", np.asfortranarray(deep.astype("<f2")))
array("deep-words-first.npy", deep.transpose(1, 0, 2).copy().astype("<f4"))
array("deep-words-first-fortran.npy", np.asfortranarray(deep.transpose(1, 0, 2)))
array("empty.npy", np.zeros((0, 3), "<f4"))
hole = table.astype("<f4").copy()
hole[1, 2] = np.nan
array("hole.npy", hole)
with np.errstate(over="ignore"):
    array("overflow.npy", np.where(table == 2.5, 1e6, table).astype("<f2"))
array("complex.npy", table.astype("<c8"))
array("objects.npy", np.array(words, dtype=object))
array("fields.npy", np.zeros(4, dtype=[("a", "<f4"), ("b", "<f4")]))
array("flat.npy", table.ravel())
array("words.npy", np.array(words))
array("words-bytes.npy", np.array([w.encode() for w in words]))


def archive(name, save, **arrays):
    out = io.BytesIO()
    save(out, **arrays)
    files[name] = out.getvalue()


layers = {f"layer_{k}": deep[k].astype("<f2") for k in (2, 0, 1)}
archive("layers.npz", np.savez, **layers, words=np.array(words))
archive("packed.npz", np.savez_compressed, states=deep.astype("<f4"), words=np.array(words))
archive("several.npz", np.savez, mean=table, last=table * 2, words=np.array(words))

tensors = {f"hidden_states.{k}": torch.tensor(deep[k]).to(torch.bfloat16).contiguous() for k in range(3)}
files["layers.safetensors"] = save_tensors(tensors, metadata={"words": json.dumps(words)})
files["single.safetensors"] = save_tensors({"x": torch.tensor(table, dtype=torch.float64)}, metadata={"words": "\n".join(words)})
files["eight.safetensors"] = save_tensors({"x": torch.tensor(table).to(torch.float8_e4m3fn)})


def parquet(name, columns, **options):
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out, **options)
    files[name] = out.getvalue()


lists = {f"layer_{k}": pa.array([list(row) for row in deep[k]], pa.list_(pa.float32())) for k in range(2)}
parquet("columns.parquet", {"word": words, **{f"d{k}": table[:, k] for k in range(3)}, "rank": pa.array(range(4), pa.int64())}, compression="snappy")
parquet("lists.parquet", {"word": words, **lists}, compression="zstd", row_group_size=3)
parquet("gap.parquet", {"v": pa.array([[1.0, 2.0], None, [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float64())), "__index_level_0__": words}, compression="gzip")
parquet("uneven.parquet", {"word": words, "v": pa.array([[1.0, 2.0], [1.0], [3.0, 4.0], [5.0, 6.0]], pa.list_(pa.float64()))}, compression="none")

files["words.vec.gz"] = gzip.compress("".join(f"{w.replace(' ', '_')} {' '.join(map(str, row))} \n" for w, row in zip(words, table)).encode(), mtime=0)
files["words.bin"] = b"4 3\n" + b"".join(w.replace(" ", "_").encode() + b" " + struct.pack("<3f", *row) + b"\n" for w, row in zip(words, table))

path = pathlib.Path(__file__).with_name("made.json")
path.write_text(json.dumps({"words": words, "table": table.ravel().tolist(), "files": {name: base64.b64encode(data).decode() for name, data in files.items()}}, ensure_ascii=False, indent=0) + "\n")
print(path.stat().st_size, "bytes")
