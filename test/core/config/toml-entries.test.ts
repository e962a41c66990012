import {parse} from 'smol-toml';
import {expect, test} from 'vitest';
import {tomlElements, tomlEntries} from '../../../source/core/config/toml-entries.ts';

const text = `# a # comment
title = "a = [b]" # note
[migrate] # header
  db_path = './x.db'
"quoted \\u0061 key".inner = """
[not] = a table
"""
list = [ # first
  "a", # "b",
  [1, 2], {x = "]"},
]

[[other . "more names"]]
when = 1979-05-27 07:32:00
last = true`;

test('tomlEntries lists headers and keys with their lines and values', () => {
	parse(text);
	expect(
		tomlEntries(text).map((entry) => [
			entry.path.join('/'),
			entry.kind,
			entry.line,
			entry.kind === 'value' ? text.slice(entry.valueStart, entry.end) : '',
		]),
	).toEqual([
		['title', 'value', 2, '"a = [b]"'],
		['migrate', 'table', 3, ''],
		['migrate/db_path', 'value', 4, "'./x.db'"],
		['migrate/quoted a key/inner', 'value', 5, '"""\n[not] = a table\n"""'],
		['migrate/list', 'value', 8, '[ # first\n  "a", # "b",\n  [1, 2], {x = "]"},\n]'],
		['other/more names', 'table', 13, ''],
		['other/more names/when', 'value', 14, '1979-05-27 07:32:00'],
		['other/more names/last', 'value', 15, 'true'],
	]);
});

test('tomlElements finds the elements of an array after comments', () => {
	const list = text.indexOf('[ # first');
	expect(tomlElements(text, list).map(({start, end}) => text.slice(start, end))).toEqual(['"a"', '[1, 2]', '{x = "]"}']);
	expect(tomlElements('[]', 0)).toEqual([]);
});

test('tomlEntries gives the same result with CRLF', () => {
	const windows = text.replaceAll('\n', '\r\n');
	expect(tomlEntries(windows).map(({path, line}) => [path, line])).toEqual(tomlEntries(text).map(({path, line}) => [path, line]));
});
