import {parse} from 'smol-toml';
import {describe, expect, test} from 'vitest';
import {addIgnore} from '../../../source/core/config/ignore.ts';

function ignored(text: string): unknown {
	return (parse(text) as {migrate: {ignore: unknown}}).migrate.ignore;
}

describe('addIgnore', () => {
	test('adds the key after the other keys of its table', () => {
		const text = '# ours\n[migrate]\ndb_path = "./app.db" # here\n\n# the end\n';
		expect(addIgnore(text, 'legacy_log')).toBe('# ours\n[migrate]\ndb_path = "./app.db" # here\nignore = ["legacy_log"]\n\n# the end\n');
	});

	test('adds to a list on one line', () => {
		expect(addIgnore('[migrate]\nignore = ["a"] # why\nwait = 3\n', 'b')).toBe('[migrate]\nignore = ["a", "b"] # why\nwait = 3\n');
		expect(addIgnore('[migrate]\nignore = ["a", ]\n', 'b')).toBe('[migrate]\nignore = ["a", "b", ]\n');
		expect(addIgnore('[migrate]\nignore = [ ]\n', 'b')).toBe('[migrate]\nignore = ["b"]\n');
	});

	test('keeps one element per line, with its comment', () => {
		expect(addIgnore('[migrate]\nignore = [\n\t"a", # one\n\t"b", # two\n]\n', 'c')).toBe(
			'[migrate]\nignore = [\n\t"a", # one\n\t"b", # two\n\t"c",\n]\n',
		);
		expect(addIgnore('[migrate]\nignore = [\n\t"a", # one\n\t"b" # two\n]\n', 'c')).toBe(
			'[migrate]\nignore = [\n\t"a", # one\n\t"b", # two\n\t"c"\n]\n',
		);
		expect(addIgnore('[migrate]\nignore = [\n\t"a",\n\t"b"]\n', 'c')).toBe('[migrate]\nignore = [\n\t"a",\n\t"b",\n\t"c"]\n');
		expect(addIgnore('[migrate]\nignore = [\n\t"a",\n\t"b",]\n', 'c')).toBe('[migrate]\nignore = [\n\t"a",\n\t"b",\n\t"c",]\n');
		expect(addIgnore('[migrate]\nignore = [\n\t# none so far\n]\n', 'c')).toBe('[migrate]\nignore = ["c"\n\t# none so far\n]\n');
	});

	test('keeps CRLF and a missing final line break', () => {
		expect(addIgnore('[migrate]\r\nwait = 3\r\n', 'b')).toBe('[migrate]\r\nwait = 3\r\nignore = ["b"]\r\n');
		expect(addIgnore('[migrate]', 'b')).toBe('[migrate]\nignore = ["b"]\n');
		expect(addIgnore('migrate.wait = 3', 'b')).toBe('migrate.wait = 3\nmigrate.ignore = ["b"]\n');
	});

	test('leaves a text unchanged if it already has the name', () => {
		const text = '[migrate]\nignore = ["a"]\n';
		expect(addIgnore(text, 'a')).toBe(text);
	});

	test('writes any name so that it can be read back', () => {
		for (const name of ['my "table"', 'a\\b', 'line\nbreak', 'emoji 🎉', 'del\u007f', "it's"]) {
			expect(ignored(addIgnore('[migrate]\n', name))).toEqual([name]);
			expect(ignored(addIgnore('[migrate]\nignore = ["x"]\n', name))).toEqual(['x', name]);
		}
	});

	test('says what to do if the layout has no place for the name', () => {
		expect(() => addIgnore('migrate = {wait = 3}\n', 'b')).toThrow(
			expect.objectContaining({code: 'config', hint: 'add "b" to the ignore list in [migrate] by hand'}),
		);
	});
});
