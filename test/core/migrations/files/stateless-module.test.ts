import {stripTypeScriptTypes} from 'node:module';
import {describe, expect, test} from 'vitest';
import {isStateless} from '../../../../source/core/migrations/files/stateless-module.ts';

async function stateless(text: string): Promise<boolean> {
	const module: unknown = await import(`data:text/javascript,${encodeURIComponent(stripTypeScriptTypes(text))}`);
	return isStateless(text, module as Readonly<Record<string, unknown>>);
}

const migration = "export function upgrade(op: {execute(sql: string): void}): void {\n    op.execute(`SELECT '}'`);\n}\n";

describe('a migration has no state', () => {
	test.each([
		['with only an upgrade', migration],
		[
			'with types, comments and a downgrade',
			`// ¿?\nimport type {A} from './a.ts';\n/* { */\n${migration}export async function downgrade(): Promise<void> {}\n`,
		],
		['outside a transaction', `export const transaction = false;\n${migration}`],
		['as a squash', `export const squashes = [\n    '1_a',\n    "2_b",\n];\n${migration}`],
		['with code', 'export function upgrade(op: any) {\n    let rows = 0;\n    op.run(({db}: any) => db.run(`${rows++}`));\n}'],
		['with Windows line endings', migration.replaceAll('\n', '\r\n')],
	])('%s', async (_, text) => {
		expect(await stateless(text)).toBe(true);
	});
});

describe('a migration may have state', () => {
	test.each([
		['with a variable', `let rows = 0;\n${migration}`],
		['with an object', `const seen = new Set();\n${migration}`],
		['with a variable after its function', 'export function upgrade() {\n    }\nlet rows = 0;\nfunction other() {\n}\n'],
		['with a statement', `${migration}globalThis.loads = 1;\n`],
		['with a value that is read when it is loaded', `export const transaction = false || process.argv.length > 99;\n${migration}`],
		['with a property of a function', 'export function upgrade() {\n    (upgrade as any).rows = 1;\n}'],
		['with an import', `import fs from 'node:fs';\n${migration}`],
		['with an import of a binding called type', `import type from 'node:fs';\n${migration}`],
		['with an import when it is called', "export async function upgrade() {\n    await import('node:fs');\n}"],
		['with a copy of its function in a comment', `/* ${migration} */\nlet rows = 0;\n${migration}`],
		['with a function under another name', 'function up() {}\nexport {up as upgrade};'],
		['with an arrow function', 'export const upgrade = () => {};'],
		['with another function', `function help() {}\n${migration}`],
	])('%s', async (_, text) => {
		expect(await stateless(text)).toBe(false);
	});
});
