import {describe, expect, test} from 'vitest';
import {spansWidth} from '../../../source/ui/page/fit.ts';
import {helpPage} from '../../../source/ui/page/help.ts';
import {layout} from '../../../source/ui/page/page.ts';
import {wide} from '../keys/typed.ts';
import {pageText, screenText} from '../page/text.ts';
import {everyScreen} from './every-screen.ts';

const sizes = [40, 59, 60, 80, 120, 200].flatMap((columns) => [10, 12, 15, 16, 24, 60].map((rows) => ({columns, rows, isAscii: false})));

describe.each(Object.entries(everyScreen()))('%s', (_name, screen) => {
	test('fits into every size from 40 × 10 to 200 × 60', () => {
		for (const look of sizes) {
			const {rows} = layout(screen.view(screen.initial(0), look), look);
			expect(rows.length).toBeLessThan(look.rows);
			for (const row of rows) expect(spansWidth(row.spans)).toBeLessThanOrEqual(look.columns);
		}
	});

	test('has a title, and keys on its last rows, however small', () => {
		for (const look of sizes) {
			const {title, hints} = screen.view(screen.initial(0), look);
			expect(title.spans.length).toBeGreaterThan(0);
			expect(screenText(screen, look).split('\n').slice(-2).join('\n')).toContain(hints.find((hint) => !hint.isExtra)!.label);
		}
	});

	test('is plain ASCII if the locale is not UTF-8', () => {
		expect(screenText(screen, {...wide, isAscii: true})).toMatch(/^[ -~\n]*$/);
	});

	test('shows all of its keys in help', () => {
		const page = screen.view(screen.initial(0), wide);
		const help = pageText(helpPage(page, wide), wide);
		for (const hint of page.hints) expect(help).toContain(hint.label);
	});

	test('can be left with Escape', () => {
		const pressed = {name: 'escape', text: '', isCtrl: false, at: 1000} as const;
		expect(screen.reduce(screen.initial(0), pressed, wide).done).toBeDefined();
	});
});
