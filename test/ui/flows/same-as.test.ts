import {expect, test} from 'vitest';
import {commandLines} from '../../../source/ui/flows/same-as.ts';
import {rowsOf} from '../../../source/ui/page/fit.ts';
import {textOf} from '../../../source/ui/page/line.ts';

test.each([40, 60, 80, 120])('a command is shown in full with the flags that name the database, at %i columns', (columns) => {
	const look = {columns, rows: 24, isAscii: false, address: " --db tenants/first.db --db 'tenants/*.db'"};
	const rows = commandLines('same as', ['lite-migr upgrade', '--canary', '5', '--yes'], look).flatMap((line) => rowsOf(line, look));
	const text = rows
		.map((row) => textOf(row).trim())
		.join(' ')
		.replaceAll('\\ ', '');
	// A shell reads the rows as one command.
	for (const row of rows.slice(1, -1)) expect(textOf(row)).toMatch(/ \\$/);
	expect(text).toMatch(/^same as:? +lite-migr upgrade --db tenants\/first\.db --db 'tenants\/\*\.db' --canary 5 --yes$/);
});
