import {expect, test} from 'vitest';
import {valueText} from '../../../source/core/text/value.ts';

test('valueText formats values like SQL, safe for a terminal', () => {
	expect(valueText(null)).toBe('NULL');
	expect(valueText(42)).toBe('42');
	expect(valueText(9007199254740993n)).toBe('9007199254740993');
	expect(valueText("O'Hara\n")).toBe("'O''Hara\\n'");
	expect(valueText(new Uint8Array(12))).toBe('a blob of 12 bytes');
});

test('valueText cuts long values', () => {
	expect(valueText('x'.repeat(100), 10)).toBe("'xxxxxxxxxx…'");
	expect(valueText('x'.repeat(10), 10)).toBe("'xxxxxxxxxx'");
	expect(valueText('é'.repeat(1_000_000), 10)).toBe("'éééééééééé…'");
});
