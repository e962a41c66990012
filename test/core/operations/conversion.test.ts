import {describe, expect, test} from 'vitest';
import {conversion} from '../../../source/core/operations/conversion.ts';
import {openInMemory} from '../../../source/core/sqlite/open.ts';

const literals = [
	"NULL, '', ' ', '0', '-0', '00001', '1', '+1', ' 1', '1 ', '1.0', '1.50', '1.5', '1e3', '1E+3', '0x10', 'abc', '12abc', 'Infinity', 'nan'",
	"'9007199254740993', '9223372036854775807', '9223372036854775808', '-9223372036854775808', '0.1', '.1', '5.', x'', x'31', x'00ff'",
	'0, 1, -1, 9007199254740993, 9223372036854775807, -9223372036854775807 - 1, 0.0, 1.0, 1.5, 1e300, 9e999, -9.2233720368547758e18',
]
	.join(', ')
	.split(', ');

describe('the prefilter of a conversion finds every value that it changes or cannot store', () => {
	for (const affinity of ['INTEGER', 'NUMERIC', 'REAL', 'TEXT', 'BLOB'] as const) {
		test.each([
			[false, false],
			[true, false],
			[true, true],
		])(`to ${affinity}, STRICT %s, the rowid %s`, (isStrict, isRowid) => {
			const db = openInMemory();
			db.exec(`CREATE TABLE t (v); INSERT INTO t VALUES ${literals.map((literal) => `(${literal})`).join(', ')}`);
			const {changes = '0', incompatible = '0', prefilter} = conversion('v', {affinity, isStrict, isInteger: affinity === 'INTEGER', isRowid});
			const concerned = Number(db.value(`SELECT count(*) FROM t WHERE (${changes}) OR (${incompatible})`));
			const suspected = Number(
				db.value(`SELECT count(*) FROM t WHERE ((${changes}) OR (${incompatible})) AND (${prefilter ?? `(${changes}) OR (${incompatible})`})`),
			);
			db.close();
			expect(suspected).toBe(concerned);
		});
	}
});
