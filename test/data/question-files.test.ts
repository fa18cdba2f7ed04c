/** Multiple-choice questions from files: PIQA, the study's, other lists and tables, and what is wrong with them. */
import { expect, test } from 'vitest';
import { demoQuestions, readQuestions, type Question } from '../../src/data/question-files.ts';
import { importTable } from '../../src/data/import/import.ts';
import { textsOf } from '../../src/data/table.ts';
import { mcnemarExact } from '../../src/rsa/inference/accuracy.ts';
import { sharedBytes, testWithShared } from '../shared.ts';

const file = (name: string, content: BlobPart): { name: string; content: Blob } => ({ name, content: new Blob([content]) });
const shared = async (path: string): Promise<{ name: string; content: Blob }> => file(path.split('/').at(-1)!, await sharedBytes(path));

async function read(name: string, content: string, labels: string | null = null): Promise<{ questions: readonly Question[]; warnings: string[] }> {
  const warnings: string[] = [];
  const questions = await readQuestions(file(name, content), labels === null ? null : file('labels.lst', labels), (message) => { warnings.push(message); });
  return { questions, warnings };
}
const failure = async (name: string, content: string, labels: string | null = null): Promise<string> => read(name, content, labels).then(() => 'nothing', (error: unknown) => String((error as Error).message));

testWithShared('PIQA has 1,838 questions with two solutions, and their answers in a file of their own', async () => {
  const questions = await readQuestions(await shared('tasks/piqa_valid.jsonl'), await shared('tasks/piqa_valid_labels.lst'), () => undefined);
  expect(questions).toHaveLength(1838);
  expect(new Set(questions.map(({ options }) => options.length))).toEqual(new Set([2]));
  expect(questions.filter(({ answer }) => answer === 0)).toHaveLength(910);
  expect(questions.slice(0, 8).map(({ answer }) => answer)).toEqual([0, 1, 1, 1, 0, 1, 1, 0]);
  // The file has spaces around some solutions.
  expect(questions[1]).toEqual({ id: '2', question: 'dresser', options: ['replace drawer with bobby pin', 'finish, woodgrain with  bobby pin'], answer: 1, category: '' });
  const unanswered = await readQuestions(await shared('tasks/piqa_valid.jsonl'), null, () => undefined);
  expect(unanswered.every(({ answer }) => answer === null)).toBe(true);
});

testWithShared('the study’s questions and its models’ answers give the published accuracies', async () => {
  const warnings: string[] = [];
  const questions = await readQuestions(await shared('study/qa_test.json'), null, (message) => { warnings.push(message); });
  expect(questions).toHaveLength(560);
  expect(questions[1]).toEqual({ id: '1107', question: 'Compared to green, what is the color tone of mint green?', options: ['More reddish', 'More orangish', 'More bluish', 'More yellowish'], answer: 2, category: '' });
  expect(warnings).toEqual([expect.stringMatching(/^qa_test\.json question \d+: two of its options are the same: they tie$/)]);
  expect(await readQuestions(await shared('study/qa_train.json'), null, () => undefined)).toHaveLength(840);
  const rightOf = async (name: string): Promise<boolean[]> => {
    const answers = await shared(`study/qa_answers_${name}.xlsx`);
    const table = await importTable(answers.name, answers.content);
    const [ids, choices] = [textsOf(table, 'index', 'test'), textsOf(table, table.columns.at(-1)!.name, 'test')];
    const byId = new Map(ids.map((id, row) => [id, choices[row]]));
    return questions.map(({ id, answer }) => byId.get(id) === 'ABCD'[answer!]);
  };
  const [base, tuned, rated] = [await rightOf('base'), await rightOf('qa_ft'), await rightOf('rating_ft')];
  const share = (right: readonly boolean[]): string => ((100 * right.filter(Boolean).length) / right.length).toFixed(1);
  expect([share(base), share(tuned), share(rated)]).toEqual(['58.4', '76.8', '58.9']);
  const only = (a: readonly boolean[], b: readonly boolean[]): number => a.filter((right, at) => right && !b[at]).length;
  expect(mcnemarExact(only(tuned, base), only(base, tuned))).toBeLessThan(1e-9);
  expect(mcnemarExact(only(rated, base), only(base, rated))).toBeGreaterThan(0.5);
});

test('the demo questions come in both languages, with their dimensions as categories', async () => {
  const base = new URL('/', location.href).href;
  const [en, nl] = [await demoQuestions(base, 'en'), await demoQuestions(base, 'nl')];
  expect(en).toHaveLength(120);
  expect(en[0]).toEqual({ id: 'auditory-01', question: 'Which of these sounds very loud?', options: ['whisper', 'thunder', 'sigh', 'footstep'], answer: 1, category: 'auditory' });
  expect(nl[0]!.options[1]).toBe('donder');
});

test('options are read by number, by letter, from lists, and with labels; answers by letter, name, number or text', async () => {
  const records = [
    { goal: 'open it', sol1: 'push', sol2: 'pull', sol3: 'wait', label: 2 },
    { question: 'which?', options: { A: 'one', B: 'two' }, correct_option: 'b', category: 'numbers' },
    { question: 'which?', choices: ['red', 'green', 'blue'], answer: 0, subject: 'colours' },
    { id: 'arc-7', question: 'which?', choices: { text: ['ice', 'steam'], label: ['1', '2'] }, answerKey: '2' },
    { question: 'which?', options: [7, 8], answer: '8' },
    { question: 'which?', options: ['yes', 'no'], answer: -1 },
  ];
  const { questions, warnings } = await read('mixed.jsonl', `\uFEFF${records.map((record) => JSON.stringify(record)).join('\r\n')}\r\n\r\n`);
  expect(questions.map(({ answer }) => answer)).toEqual([2, 1, 0, 1, 1, null]);
  expect(questions.map(({ id }) => id)).toEqual(['1', '2', '3', 'arc-7', '5', '6']);
  expect(questions.map(({ category }) => category)).toEqual(['', 'numbers', 'colours', '', '', '']);
  expect(questions[4]!.options).toEqual(['7', '8']);
  expect(warnings).toEqual(['mixed.jsonl: right answers are written in several ways (2 as an option’s name, 2 as a number from 0, 1 as an option’s text); each is read by itself']);
  // The same as a list, and as a list inside an object, spread over lines.
  for (const whole of [records, { data: records }]) expect((await read('mixed.json', JSON.stringify(whole, null, 2))).questions).toEqual(questions);
});

test('what right answers mean is decided once for a file, and where the file leaves it open they are refused', async () => {
  const file = (rows: readonly (readonly [readonly (string | number)[], string | number])[]): string => JSON.stringify(rows.map(([options, answer]) => ({ question: 'which?', options, answer })));
  const answers = async (rows: Parameters<typeof file>[0]): Promise<{ answers: (number | null)[]; warnings: string[] }> => {
    const { questions, warnings } = await read('own.json', file(rows));
    return { answers: questions.map(({ answer }) => answer), warnings };
  };
  // Every answer is an option's text, not every one a number from 0, or a letter of the question's.
  expect(await answers([[['3', '4', '5', '6'], '3'], [[10, 20, 30], 30]])).toEqual({ answers: [0, 2], warnings: [] });
  expect(await answers([[['b', 'a'], 'a'], [['the', 'an'], 'an']])).toEqual({ answers: [1, 1], warnings: [] });
  // Every answer is a number, not every one a text.
  expect(await answers([[['1', '2', '0'], 0], [['x', 'y'], 1]])).toEqual({ answers: [0, 1], warnings: [] });
  // Both fit, and they agree.
  expect(await answers([[['0', '1'], '1'], [['0', '1'], '0']])).toEqual({ answers: [1, 0], warnings: [] });
  expect(await answers([[['-1', '1'], '-1'], [['2', '-3'], -1]])).toEqual({ answers: [0, null], warnings: [] });
  expect(await failure('own.json', file([[['3', '4', '5', '6'], '3']]))).toBe('own.json question 1: answer is "3": as a number from 0 it means "6", as an option’s text it means "3", and no other answer of the file decides between them. Write all right answers as letters (A, B, …).');
  expect(await failure('own.json', file([[['no', 'yes'], 'yes'], [['b', 'a'], 'a'], [['1', '2'], 0]]))).toMatch(/^own\.json question 2: answer is "a": as a letter it means "b", as an option’s text it means "a", .* Write all right answers as numbers from 0\.$/);
  expect(await failure('own.json', '[{"question": "q", "options": {"A": "B", "B": "A"}, "answer": "A"}]')).toMatch(/as an option’s name it means "B", as an option’s text it means "A"/);
  // From 1, or by chance without a 0: told, since nothing else would show it.
  expect(await answers([[['x', 'y', 'z'], 1], [['x', 'y', 'z'], 2]])).toEqual({ answers: [1, 2], warnings: [expect.stringMatching(/^own\.json: numbers of right answers are read from 0, and none is 0\. If the file counts from 1, /)] });
  const { questions, warnings } = await read('own.jsonl', '{"goal": "a", "sol1": "1", "sol2": "0"}\n{"goal": "b", "sol1": "x", "sol2": "y"}\n', '1\n0\n');
  expect([questions.map(({ answer }) => answer), warnings]).toEqual([[1, 0], []]);
});

test('a table has a question a row, as many options as are filled in, and keeps them as written', async () => {
  const table = 'id;Category;Question;A;B;C;Answer\nq1;tools;What cuts?;saw;sponge;;A\nq2;sums;Half of one?;0.50;2.0;1e3;a\n';
  const { questions } = await read('own.csv', table);
  expect(questions).toEqual([
    { id: 'q1', question: 'What cuts?', options: ['saw', 'sponge'], answer: 0, category: 'tools' },
    { id: 'q2', question: 'Half of one?', options: ['0.50', '2.0', '1e3'], answer: 0, category: 'sums' },
  ]);
});

test('answers of their own file go before those in the questions; ids that come twice give way to numbers', async () => {
  const lines = '{"goal": "a", "sol1": "x", "sol2": "y", "id": 7, "label": 0}\n{"goal": "b", "sol1": "x", "sol2": "y", "id": 7, "label": 1}\n';
  const { questions, warnings } = await read('few.jsonl', lines, 'B\nb\n\n');
  expect(questions.map(({ id, answer }) => [id, answer])).toEqual([['1', 1], ['2', 1]]);
  expect(warnings).toEqual([
    'labels.lst is read, though few.jsonl has answers of its own, and 1 of them are others',
    'the id 7 comes twice (few.jsonl line 1 and few.jsonl line 2): questions are numbered instead',
  ]);
});

test('what is wrong is told with its file, line, field and value', async () => {
  const good = '{"goal": "a", "sol1": "x", "sol2": "y"}\n';
  expect(await failure('piqa.jsonl', `${good}\n{"goal": "b", "sol1": "x", "sol2": " "}\n`)).toMatch(/^piqa\.jsonl line 3: sol2 is empty\. /);
  expect(await failure('piqa.jsonl', `${good}{"goal": "b", "sol1": "x"}\n`)).toMatch(/^piqa\.jsonl line 2: it has one option, sol1, and a choice needs two\. /);
  expect(await failure('piqa.jsonl', `${good}{"goal": "b", "sol1": "x", "sol2": "y", "label": 2}\n`)).toMatch(/^piqa\.jsonl line 2: label is 2, and the question has 2 options\. /);
  expect(await failure('piqa.jsonl', `${good}{"goal": "", "sol1": "x", "sol2": "y"}\n`)).toMatch(/^piqa\.jsonl line 2: goal is empty\. /);
  expect(await failure('piqa.jsonl', `${good}{"goal": "b", "sol1": ["x"], "sol2": "y"}\n`)).toMatch(/^piqa\.jsonl line 2: sol1 is \["x"\], not a text\. /);
  expect(await failure('piqa.jsonl', `${good}{"goal": "b",\n`)).toMatch(/^piqa\.jsonl line 2: it is not JSON: /);
  expect(await failure('piqa.jsonl', `${good}[1]\n`)).toMatch(/^piqa\.jsonl line 2: it is \[1\], not a record of a question\. /);
  expect(await failure('piqa.jsonl', good, '0\n1\n')).toMatch(/^labels\.lst: it has 2 answers, and piqa\.jsonl has 1 questions\. /);
  expect(await failure('piqa.jsonl', good, 'maybe\n')).toMatch(/^labels\.lst line 1: the answer is "maybe", and the question has 2 options\. /);
  expect(await failure('study.json', '[{"index": 3, "question": "q", "options": {"A": "x", "B": "y"}, "correct_option": "E"}]')).toMatch(/^study\.json question 1: correct_option is "E", and the question has 2 options\. /);
  expect(await failure('study.json', '[{"question": "q", "options": "x"}]')).toMatch(/^study\.json question 1: options is "x", neither a list of options nor options by letter\. /);
  expect(await failure('study.json', '[]')).toMatch(/^study\.json: there is no question in it\. /);
  expect(await failure('own.csv', 'question,a,b,answer\nwhich?,,y,B\n')).toMatch(/^own\.csv line 2: a is empty\. /);
  expect(await failure('words.csv', 'word,rating\nball,3\n')).toMatch(/^words\.csv: no column is called question; there are word, rating\. /);
  expect(await failure('nothing.jsonl', '')).toMatch(/^nothing\.jsonl: the file is empty\. /);
});
