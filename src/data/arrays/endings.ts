/** How the names of files end that hold vectors, and of those that hold a list of words. */

export const vectorFiles = '.npy,.npz,.safetensors,.parquet,.vec,.bin,.gz,.txt,.csv,.tsv,.xlsx';
export const wordListFiles = '.txt,.json,.csv,.tsv,.xlsx,.npy';
/** Those of vectors that no other cell reads. */
export const arrayFiles = '.npy,.npz,.safetensors,.parquet,.vec,.bin,.gz';
