import {describe, expect, test} from 'vitest';
import {formats, modelsAndDatabase} from './models-and-database.ts';

describe.each(formats)('pitfall 10: values that JavaScript cannot represent, in a .%s migration', (format) => {
	test('survive a copy, a fill and a downgrade: integers over 2^53, including keys, and numbers, texts and blobs of every kind', async () => {
		const project = modelsAndDatabase(
			`CREATE TABLE t (id INTEGER PRIMARY KEY, big INTEGER, r REAL, any, n TEXT);
			INSERT INTO t VALUES (9007199254740993, 9223372036854775807, 1e308, x'00ff', '1'), (-9223372036854775808, -9007199254740993, -0.0, 'a' || char(0) || 'b', '2'),
				(3, NULL, 9e999, 12345678901234567, '3'), (4, 4611686018427387905, 0.1, 1.0, '4');`,
			'CREATE TABLE t (id INTEGER PRIMARY KEY, big INTEGER NOT NULL, r REAL, any, n INTEGER);',
			format,
		);
		const kept = 'id, r, any, hex(any)';
		const before = project.rows('t', kept);
		await project.migrate({fills: [{table: 't', column: 'big', expression: '9007199254740995'}]}, true);
		expect(project.rows('t', kept)).toEqual(before);
		expect(project.rows('t', 'id, big')).toEqual([
			'integer -9223372036854775808 | integer -9007199254740993',
			'integer 3 | integer 9007199254740995',
			'integer 4 | integer 4611686018427387905',
			'integer 9007199254740993 | integer 9223372036854775807',
		]);
		await project.downgrade(true);
		expect(project.rows('t', kept)).toEqual(before);
	});
});
