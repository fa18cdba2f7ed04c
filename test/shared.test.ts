import { expect } from 'vitest';
import { sharedBytes, sharedJson, testWithShared } from './shared.ts';

testWithShared('the test material beside the project can be read whole, text and binary', async () => {
  const expected = await sharedJson<{ dutch: { n: number } }>('study/expected.json');
  expect(expected.dutch.n).toBe(1572);
  expect((await sharedBytes('study/test_words.xlsx')).length).toBe(465_234);
  expect((await sharedBytes('models/random-bert/torchscript_opset14.onnx')).length).toBe(4_550_615);
  expect((await sharedBytes('study/en_correlation_comparison_results.csv')).length).toBe(2833);
});
