import {EventEmitter} from 'node:events';
import {expect, test} from 'vitest';
import {quietNodeWarnings} from '../../../source/commands/line/node-warnings.ts';

test('suppresses the warnings about TypeScript files and prints all others', () => {
	const source = new EventEmitter();
	const printed: string[] = [];
	source.on('warning', (warning: Error) => printed.push(warning.message));
	quietNodeWarnings(source);
	const experimental = Object.assign(new Error('Type Stripping is an experimental feature'), {name: 'ExperimentalWarning'});
	const typeless = Object.assign(new Error('Module type of file:///a.ts is not specified'), {code: 'MODULE_TYPELESS_PACKAGE_JSON'});
	const other = Object.assign(new Error('SQLite is an experimental feature'), {name: 'ExperimentalWarning'});
	for (const warning of [experimental, typeless, other]) source.emit('warning', warning);
	expect(printed).toEqual(['SQLite is an experimental feature']);
});
